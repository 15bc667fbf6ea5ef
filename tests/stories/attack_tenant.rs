// SPDX-License-Identifier: Apache-2.0
//! Attacks across organizations: what belongs to another is as absent as what nobody has, by whatever it is asked for. The
//! generated part of it, for every route, is `routes.rs`.

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::story;
use tamga_tests::wire::Request;

const NONE: Value = Value::Null;

#[story]
async fn a_132_a_certificate_of_another_organization_cannot_be_revoked_by_any_name() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "beside").await;
    let neighbour = operator.invites("beside", "eve", "administrator").await;
    let pump = operator.creates_group("line").await.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    let seen = operator.looks_at_certificate(&pump, &certified).await;
    let id = seen["id"].as_str().expect("an id");
    let eve = house.visitor().within("beside").with_token(&neighbour.text);
    let reason = json!({ "reason": "superseded" });
    let before = house.stands().await;
    let fingerprint = tamga_x509::certificate::Fingerprint::of(certified.leaf()).to_string();
    for name in [id, certified.serial().as_str(), fingerprint.as_str()] {
        for organization in ["beside", "acme"] {
            let refused = eve
                .within(organization)
                .posts(&format!("/certificates/{name}/revoke"), &reason)
                .await;
            before.refused_at_the_rim(&refused, (404, "not_found")).await;
        }
    }
    for organization in ["beside", "acme"] {
        let refused = eve
            .within(organization)
            .posts("/devices/pump-1/revoke", &reason)
            .await;
        before.refused_at_the_rim(&refused, (404, "not_found")).await;
    }
    house.ends_well().await;
}

#[story]
async fn a_133_the_organization_is_the_paths_and_nothing_else_selects_another() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "beside").await;
    let neighbour = operator.invites("beside", "eve", "administrator").await;
    let eve = house.visitor().within("beside").with_token(&neighbour.text);
    operator.creates_group("line").await;
    let before = house.stands().await;
    for query in [
        "organization=acme",
        "org=acme",
        "organizationId=acme",
        "tenant=acme",
    ] {
        let refused = eve.gets(&format!("/groups?{query}")).await;
        before.refused_at_the_rim(&refused, (400, "query_invalid")).await;
    }
    for header in ["X-Organization", "X-Tenant-Id", "X-Org", "Organization"] {
        let request = Request::new("GET", &eve.target("/groups")).header(header, "acme");
        let seen = eve.asks(request).await;
        assert_eq!(
            (seen.status, &seen.json()["items"]),
            (200, &json!([])),
            "{header}"
        );
    }
    for member in ["organization", "organizationId", "tenant"] {
        let mut body = json!({ "name": "eve-2", "kind": "person" });
        body[member] = json!("acme");
        let refused = eve.posts("/accounts", &body).await;
        before.refused_at_the_rim(&refused, (400, "body_malformed")).await;
    }
    house.ends_well().await;
}

#[story]
async fn a_134_neither_lists_nor_names_tell_of_another_organization() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "beside").await;
    let neighbour = operator.invites("beside", "eve", "administrator").await;
    let eve = house.visitor().within("beside").with_token(&neighbour.text);
    operator.makes_account("acme", "jane", Some("auditor")).await;
    operator.creates_group("line").await;
    // A name that is taken elsewhere is free here.
    let made = eve
        .posts("/accounts", &json!({ "name": "jane", "kind": "person" }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let whole = eve.asks(Request::new("GET", "/v1/organizations")).await.json();
    let slugs: Vec<_> = whole["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["slug"].clone())
        .collect();
    assert_eq!(slugs, ["beside"]);
    for (path, own) in [
        ("/accounts", 2),
        ("/assignments", 1),
        ("/tokens", 1),
        ("/groups", 0),
        ("/client-certificates", 0),
    ] {
        let seen = eve.gets(path).await.json();
        assert_eq!(
            seen["items"].as_array().map(Vec::len),
            Some(own),
            "{path}: {seen}"
        );
    }
    // Somebody else's account cannot be told from one that nobody has, by giving it something.
    let jane = operator.gets("/accounts/jane").await.json()["principal"].clone();
    let nobody = json!(format!("account:acc_{}", "a".repeat(26)));
    let mut told = Vec::new();
    for principal in [jane, nobody] {
        let role = eve
            .posts(
                "/assignments",
                &json!({ "principal": principal, "role": "auditor" }),
            )
            .await;
        let token = json!({ "name": "x", "holder": principal, "role": "auditor" });
        let token = eve.posts("/tokens", &token).await;
        for answer in [role, token] {
            let mut body = answer.json();
            body["trackingId"] = NONE;
            told.push((answer.status, body));
        }
    }
    assert_eq!(told[..2], told[2..]);
    assert_eq!(told[0].0, 404);
    house.ends_well().await;
}

#[story]
async fn a_137_a_path_spelled_otherwise_dodges_nothing() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "beside").await;
    let auditor = operator.invites("acme", "aurel", "auditor").await;
    let neighbour = operator.invites("beside", "eve", "administrator").await;
    operator.creates_group("line").await;
    let aurel = house.visitor().with_token(&auditor.text);
    let eve = house.visitor().with_token(&neighbour.text);
    let before = house.stands().await;
    for path in [
        "/v1/organizations/acme/groups/",
        "/v1//organizations/acme/groups",
        "//v1/organizations/acme/groups",
        "/V1/organizations/acme/groups",
        "/v1/Organizations/acme/groups",
        "/v1/organizations/ACME/groups",
        "/v1/organizations/acme/../acme/groups",
        "/v1/organizations/beside/../acme/groups",
        "/v1/organizations/beside/..%2facme/groups",
        "/v1/organizations/acme%2f/groups",
        "/v1/organizations/acme;x/groups",
        "/v1/organizations/acme%00/groups",
        "/v1/organizations/acme./groups",
    ] {
        for visitor in [&aurel, &eve] {
            let refused = visitor.asks(Request::new("GET", path)).await;
            before.refused_at_the_rim(&refused, (404, "not_found")).await;
        }
    }
    for (visitor, status) in [(&aurel, 200), (&eve, 404)] {
        let target = visitor.target("/groups");
        let head = visitor.asks(Request::new("HEAD", &target)).await;
        assert_eq!(head.status, status, "HEAD is asked like GET");
        let list = visitor.asks(Request::new("LIST", &target)).await;
        assert_eq!(list.status, 405);
        let list = visitor
            .asks(Request::new("GET", &format!("{target}?list=true")))
            .await;
        assert!(matches!(list.status, 400 | 404), "{}", list.status);
        let overridden = Request::new("GET", &target).header("X-HTTP-Method-Override", "DELETE");
        assert_eq!(visitor.asks(overridden).await.status, status);
    }
    before.is_as_before("spelling").await;
    house.ends_well().await;
}
