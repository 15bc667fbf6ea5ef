// SPDX-License-Identifier: Apache-2.0
//! Attacks on access: credentials that are not what they should be, and rights that nobody gave.

use std::time::Duration;

use serde_json::{Value, json};
use tamga_runtime::listener::Plane;
use tamga_tests::house::House;
use tamga_tests::patience::promptly;
use tamga_tests::story;
use tamga_tests::vendor::Birth;
use tamga_tests::visitor::Visitor;
use tamga_tests::wire::Request;

const NONE: Value = Value::Null;

fn sending(visitor: &Visitor, authorization: &str) -> Visitor {
    Visitor {
        authorization: Some(authorization.to_owned()),
        ..visitor.clone()
    }
}

#[story]
async fn a_030_a_token_that_is_not_octet_for_octet_the_one_that_was_given_proves_nobody() {
    let house = House::new().await;
    let token = house.operator().invites("acme", "ada", "administrator").await;
    let (head, last) = token.text.split_at(token.text.len() - 1);
    let other = if last == "a" { "q" } else { "a" };
    let spoiled = [
        head.to_owned(),
        format!("{}a", token.text),
        format!("{head}{other}"),
        token.text.to_uppercase(),
        token.text.replacen("tmg_", "TMG_", 1),
        token.text.replacen('_', "", 1),
        format!(
            "tmg_{}_{}",
            "a".repeat(26),
            token.text.rsplit('_').next().expect("a secret")
        ),
        format!(
            "{}_{}",
            token.text.rsplit_once('_').expect("an id").0,
            "a".repeat(52)
        ),
        "*".to_owned(),
        "tmg_%_%".to_owned(),
    ];
    let visitor = house.visitor();
    let before = house.stands().await;
    let mut bodies = Vec::new();
    for text in &spoiled {
        for authorization in [format!("Bearer {text}"), format!("Basic {text}"), text.clone()] {
            let refused = sending(&visitor, &authorization).gets("/groups").await;
            before
                .refused_at_the_rim(&refused, (401, "unauthenticated"))
                .await;
            before.counts_no_row(&refused).await;
            bodies.push(refused.json()["detail"].clone());
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "one answer for all: {bodies:?}");
    before.turned_away_as("token_invalid", 2).await;
    assert_eq!(visitor.with_token(&token.text).gets("/groups").await.status, 200);
    house.ends_well().await;
}

#[story]
async fn a_030_a_token_ends_within_a_second_of_its_revocation_its_owners_and_its_organizations() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    let plant = |what: &str| format!("/v1/organizations/plant/{what}");
    let asks = async |method: &str, target: &str| operator.asks(Request::new(method, target)).await.status;
    let refused = async |visitor: &Visitor, why: &str| {
        let answer = promptly(why, async {
            loop {
                let answer = visitor.gets("/groups").await;
                if answer.status != 200 {
                    break answer;
                }
            }
        });
        let answer = tokio::time::timeout(Duration::from_secs(1), answer).await;
        let answer = answer.unwrap_or_else(|_| panic!("{why}: it holds after a second"));
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (401, Some("unauthenticated")),
            "{why}"
        );
    };
    for (number, (method, act, back)) in [
        ("POST", "accounts/NAME/disable", Some("accounts/NAME/enable")),
        ("POST", "suspend", Some("resume")),
        ("DELETE", "tokens/TOKEN", None),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("ada-{number}");
        let token = operator.invites("plant", &name, "auditor").await;
        let ada = house.visitor().within("plant").with_token(&token.text);
        assert_eq!(ada.gets("/groups").await.status, 200);
        let filled = |act: &str| plant(&act.replace("NAME", &name).replace("TOKEN", &token.id));
        assert_eq!(asks(method, &filled(act)).await, 204, "{act}");
        refused(&ada, act).await;
        if let Some(back) = back {
            assert_eq!(asks("POST", &filled(back)).await, 204, "{back}");
            assert_eq!(ada.gets("/groups").await.status, 200, "{back}");
        }
    }
    // The organization above takes it along.
    let token = operator.invites("plant", "eve", "auditor").await;
    let eve = house.visitor().within("plant").with_token(&token.text);
    assert_eq!(operator.posts("/suspend", &NONE).await.status, 204);
    refused(&eve, "the organization above is suspended").await;
    house.ends_well().await;
}

#[story]
async fn a_031_a_credential_in_the_address_is_refused_and_written_nowhere() {
    let house = House::new().await;
    let token = house.operator().invites("acme", "ada", "administrator").await;
    let ada = house.visitor().with_token(&token.text);
    let before = house.stands().await;
    let encoded = token.text.replace('_', "%5F");
    for target in [
        format!("/v1/organizations/acme/groups?access_token={}", token.text),
        format!("/v1/organizations/acme/groups?x={encoded}"),
        format!("/v1/organizations/{}/groups", token.text),
        format!("/v1/nothing/{}", token.text),
        "/v1/organizations/acme/groups?Password=hunter2".to_owned(),
        "/v1/whoami?api_key=x".to_owned(),
    ] {
        for visitor in [&ada, &house.visitor()] {
            let refused = visitor.asks(Request::new("GET", &target)).await;
            before
                .refused_at_the_rim(&refused, (400, "credential_in_url"))
                .await;
            before.counts_no_row(&refused).await;
        }
    }
    before.turned_away_as("credential_in_url", 12).await;
    house.ends_well().await;
}

#[story]
async fn a_104_nobody_is_taken_for_whom_a_header_names() {
    let house = House::new().await;
    let operator = house.operator();
    let account = operator
        .makes_account("acme", "robot", Some("administrator"))
        .await;
    let birth = Birth::self_signed("robot", &operator.door.clock);
    let text = data_encoding::BASE64.encode(birth.leaf());
    let pin = json!({ "holder": account, "certificate": text });
    assert_eq!(operator.posts("/client-certificates", &pin).await.status, 201);
    let before = house.stands().await;
    let visitor = house.visitor();
    for (name, value) in [
        ("X-Forwarded-Client-Cert", format!("Cert=\"{text}\"")),
        ("Client-Cert", format!(":{text}:")),
        ("X-SSL-Client-Cert", text.clone()),
        ("X-SSL-Client-Verify", "SUCCESS".to_owned()),
        ("Ssl-Client-Verify", "SUCCESS".to_owned()),
        ("X-ARR-ClientCert", text.clone()),
        ("X-Forwarded-User", "root".to_owned()),
        ("X-Remote-User", account.clone()),
        ("X-Forwarded-For", "127.0.0.1".to_owned()),
        ("Forwarded", "for=127.0.0.1".to_owned()),
    ] {
        let request = Request::new("GET", &visitor.target("/groups"));
        let refused = visitor.asks(request.header(name, &value)).await;
        before
            .refused_at_the_rim(&refused, (401, "unauthenticated"))
            .await;
        before.counts_no_row(&refused).await;
    }
    let doubled = Request::new("GET", &visitor.target("/groups")).header("Authorization", "Bearer y");
    let twice = sending(&visitor, "Bearer x").asks(doubled).await;
    before.refused_at_the_rim(&twice, (400, "header_invalid")).await;
    house.ends_well().await;
}

#[story]
async fn a_136_a_handle_that_is_no_secret_grants_nothing() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "beside").await;
    let group = operator.creates_group("line").await;
    let told = group
        .device("pump-1")
        .enrolls(&tamga_tests::key_pair::KeyPair::new())
        .await;
    let token = operator.invites("acme", "ada", "administrator").await;
    let neighbour = operator.invites("beside", "eve", "administrator").await;
    let tracking = told.answer.header("x-ms-request-id").expect("an id").to_owned();
    let handles = [
        token.id.clone(),
        token.holder.clone(),
        told.operation(),
        tracking,
        neighbour.id.clone(),
    ];
    let before = house.stands().await;
    for handle in &handles {
        let refused = house.visitor().with_token(handle).gets("/groups").await;
        before
            .refused_at_the_rim(&refused, (401, "unauthenticated"))
            .await;
        for place in [
            "tokens",
            "assignments",
            "devices",
            "accounts",
            "client-certificates",
        ] {
            let eve = house.visitor().within("beside").with_token(&neighbour.text);
            if handle != &neighbour.id {
                let refused = eve.gets(&format!("/{place}/{handle}")).await;
                before.refused_at_the_rim(&refused, (404, "not_found")).await;
            }
        }
    }
    house.ends_well().await;
}

#[story]
async fn a_183_the_first_administrator_is_made_at_the_machine_and_nowhere_else() {
    let house = House::new().await;
    let visitor = house.visitor();
    let before = house.stands().await;
    // There is no account, no token and no password to begin with, and no route that makes the first one for a stranger.
    let rows = "SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM api_token)
                     + (SELECT count(*) FROM role_assignment) + (SELECT count(*) FROM client_certificate)";
    assert_eq!(house.memory().number(rows).await, 0);
    for authorization in [
        "Basic YWRtaW46YWRtaW4=",
        "Basic cm9vdDo=",
        "Bearer admin",
        "Bearer tmg_",
        "Bearer",
        "SharedAccessSignature sr=x&sig=x&se=1",
    ] {
        let refused = sending(&visitor, authorization)
            .posts("/accounts", &json!({ "name": "eve", "kind": "person" }))
            .await;
        before
            .refused_at_the_rim(&refused, (401, "unauthenticated"))
            .await;
    }
    for path in [
        "/v1/bootstrap",
        "/v1/setup",
        "/v1/init",
        "/v1/installation",
        "/setup",
        "/",
    ] {
        for method in ["POST", "PUT", "GET"] {
            let refused = visitor.asks(Request::new(method, path)).await;
            before.refused_at_the_rim(&refused, (404, "not_found")).await;
        }
    }
    assert_eq!(
        house.operator().gets("/groups").await.status,
        200,
        "whoever runs it is let in by the kernel's word"
    );
    assert!(house.address(Plane::Admin).ip().is_loopback());
    house.ends_well().await;
}
