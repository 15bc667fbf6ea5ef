// SPDX-License-Identifier: Apache-2.0
//! Attacks by those who are let in: more rights than were given, names that look like others, members nobody asked for.

use serde_json::json;
use tamga_tests::house::House;
use tamga_tests::story;
use tamga_tests::vendor::Birth;
use tamga_tests::wire::Request;

#[story]
async fn a_032_a_token_never_does_more_than_its_maker_and_its_owner_may() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    operator.makes_organization("acme", "beside").await;
    let admin = operator.invites("plant", "ada", "administrator").await;
    let ada = house.visitor().within("plant").with_token(&admin.text);
    let robot = operator.makes_account("plant", "robot", Some("auditor")).await;
    let above = operator.makes_account("acme", "olga", Some("operator")).await;
    let asked = |holder: &str, role: &str| json!({ "name": "x", "holder": holder, "role": role });

    let before = house.stands().await;
    // More than its owner has; for somebody whom the maker cannot see; and where the maker has nothing.
    let refused = ada.posts("/tokens", &asked(&robot, "operator")).await;
    before
        .refused_to(&admin.holder, &refused, (403, "beyond_own_rights"))
        .await;
    let refused = ada.posts("/tokens", &asked(&above, "auditor")).await;
    before
        .refused_to(&admin.holder, &refused, (404, "not_found"))
        .await;
    for elsewhere in ["acme", "beside"] {
        let refused = ada
            .within(elsewhere)
            .posts("/tokens", &asked(&robot, "auditor"))
            .await;
        before
            .refused_to(&admin.holder, &refused, (404, "not_found"))
            .await;
    }
    // A token of less makes none of more, and one without the permission makes none.
    let cut = operator.makes_token("plant", &admin.holder, "auditor").await;
    let before = house.stands().await;
    let refused = ada
        .with_token(&cut.text)
        .posts("/tokens", &asked(&admin.holder, "administrator"))
        .await;
    before
        .refused_to(&admin.holder, &refused, (403, "forbidden"))
        .await;

    // Demoted, its owner takes it along.
    let token = operator
        .makes_token("plant", &admin.holder, "administrator")
        .await;
    let demoted = house.visitor().within("plant").with_token(&token.text);
    assert_eq!(demoted.gets("/accounts").await.status, 200);
    let given = demoted.gets("/assignments").await.json();
    let items = given["items"].as_array().expect("items");
    let own = items
        .iter()
        .find(|one| one["principal"] == admin.holder.as_str())
        .expect("its own");
    operator.gives("plant", &admin.holder, "factory").await;
    let id = own["id"].as_str().expect("an id");
    let target = format!("/v1/organizations/plant/assignments/{id}");
    assert_eq!(operator.asks(Request::new("DELETE", &target)).await.status, 204);
    let before = house.stands().await;
    let refused = demoted.gets("/accounts").await;
    before
        .refused_to(&admin.holder, &refused, (403, "forbidden"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_139_what_the_house_decides_is_not_taken_from_a_body() {
    let house = House::new().await;
    let operator = house.operator();
    let account = operator.makes_account("acme", "ada", Some("auditor")).await;
    let bodies = [
        ("/organizations", json!({ "slug": "plant" })),
        ("/accounts", json!({ "name": "eve", "kind": "person" })),
        (
            "/assignments",
            json!({ "principal": account, "role": "operator" }),
        ),
        (
            "/tokens",
            json!({ "name": "x", "holder": account, "role": "auditor" }),
        ),
        ("/groups", json!({ "name": "line" })),
        ("/enrollments", json!({ "registrationId": "pump-1" })),
    ];
    let before = house.stands().await;
    for (path, body) in &bodies {
        for member in [
            "id",
            "organizationId",
            "organization",
            "orgId",
            "parentId",
            "isAdmin",
            "state",
            "status",
            "createdAt",
            "expiresAt",
            "revokedAt",
            "issuerId",
            "keyRef",
            "approvedBy",
            "generation",
            "secretHash",
            "token",
        ] {
            let mut body = body.clone();
            body[member] = json!("x");
            let refused = operator.posts(path, &body).await;
            before.refused_at_the_rim(&refused, (400, "body_malformed")).await;
        }
    }
    house.ends_well().await;
}

#[story]
async fn a_140_nobody_gives_themselves_anything() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    let admin = operator.invites("plant", "ada", "administrator").await;
    let ada = house.visitor().within("plant").with_token(&admin.text);
    let before = house.stands().await;
    let own = json!({ "principal": admin.holder, "role": "factory" });
    let refused = ada.posts("/assignments", &own).await;
    before
        .refused_to(&admin.holder, &refused, (403, "self_assignment"))
        .await;
    let me = format!("local:{}", rustix::process::geteuid().as_raw());
    let own = json!({ "principal": me, "role": "operator" });
    let refused = operator.posts("/assignments", &own).await;
    before.refused_to(&me, &refused, (403, "self_assignment")).await;
    // Nor does anybody become somebody who may more: with a certificate of hers, ada would be olga everywhere.
    let olga = operator.makes_account("plant", "olga", None).await;
    operator.gives("acme", &olga, "auditor").await;
    let birth = Birth::self_signed("ada", &operator.door.clock);
    let pin = json!({ "holder": olga, "certificate": data_encoding::BASE64.encode(birth.leaf()) });
    let before = house.stands().await;
    let refused = ada.posts("/client-certificates", &pin).await;
    before
        .refused_to(&admin.holder, &refused, (403, "beyond_own_rights"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_138_142_names_have_one_spelling_and_roles_are_those_there_are() {
    let house = House::new().await;
    let operator = house.operator();
    let account = operator.makes_account("acme", "Ada", None).await;
    let me = format!("local:{}", rustix::process::geteuid().as_raw());
    let before = house.stands().await;
    for name in ["ada", "ADA"] {
        let refused = operator
            .posts("/accounts", &json!({ "name": name, "kind": "person" }))
            .await;
        before.refused_to(&me, &refused, (409, "name_taken")).await;
    }
    for name in [
        "root",
        "Admin",
        "SYSTEM",
        "default",
        ".",
        "..",
        "",
        " ada",
        "ada ",
        "a da",
        "ad\u{0301}a",
        "ａda",
        "a/b",
        "*",
        "a%",
        "a)(b",
    ] {
        let refused = operator
            .posts("/accounts", &json!({ "name": name, "kind": "person" }))
            .await;
        before.refused_at_the_rim(&refused, (422, "invalid")).await;
    }
    for role in [
        "root",
        "Administrator",
        "administrator ",
        "admin",
        "*",
        "",
        "device",
        "house",
        "operator,administrator",
    ] {
        let refused = operator
            .posts("/assignments", &json!({ "principal": account, "role": role }))
            .await;
        before.refused_at_the_rim(&refused, (422, "invalid")).await;
    }
    for principal in [
        "*",
        "account:*",
        "local:*",
        "local:-1",
        "duty:publish",
        "device:pump-1",
        "",
        "account:acc_%",
    ] {
        let body = json!({ "principal": principal, "role": "auditor" });
        let refused = operator.posts("/assignments", &body).await;
        before.refused_at_the_rim(&refused, (422, "invalid")).await;
    }
    house.ends_well().await;
}

#[story]
async fn a_035_letters_that_mean_something_elsewhere_mean_themselves() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_account("acme", "ada", None).await;
    let before = house.stands().await;
    for name in ["%25", "_da", "a%25", "*", "ada*", ")(", ".*", "%2525", "ad%3F"] {
        for place in [
            "accounts",
            "tokens",
            "assignments",
            "client-certificates",
            "devices",
            "anchors",
        ] {
            let answer = operator.gets(&format!("/{place}/{name}")).await;
            before.refused_at_the_rim(&answer, (404, "not_found")).await;
        }
        let answer = operator
            .asks(Request::new("GET", &format!("/v1/organizations/{name}/groups")))
            .await;
        before.refused_at_the_rim(&answer, (404, "not_found")).await;
    }
    house.ends_well().await;
}

#[story]
async fn a_certificate_pinned_below_proves_nothing_above_whatever_its_account_is_given_later() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    let admin = operator.invites("plant", "ada", "administrator").await;
    let ada = house.visitor().within("plant").with_token(&admin.text);
    // Olga may nothing yet: ada pins a certificate whose key she has herself.
    let olga = operator.makes_account("plant", "olga", None).await;
    let birth = Birth::self_signed("ada", &operator.door.clock);
    let pin = json!({ "holder": olga, "certificate": data_encoding::BASE64.encode(birth.leaf()) });
    let pinned = ada.posts("/client-certificates", &pin).await;
    assert_eq!(pinned.status, 201, "{}", pinned.text());
    operator.gives("acme", &olga, "operator").await;

    let as_olga = house.visitor();
    let as_olga = as_olga.speaking(birth.shown_by(&as_olga.tls));
    assert_eq!(as_olga.within("plant").gets("/groups").await.status, 200);
    let who = as_olga.asks(Request::new("GET", "/v1/whoami")).await.json();
    assert_eq!(
        who["limit"],
        json!({ "role": "administrator", "organization": "plant" })
    );
    let before = house.stands().await;
    let refused = as_olga
        .within("acme")
        .posts("/groups", &json!({ "name": "hers" }))
        .await;
    before.refused_to(&olga, &refused, (404, "not_found")).await;
    let seen = as_olga
        .asks(Request::new("GET", "/v1/organizations"))
        .await
        .json();
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(1), "{seen}");
    house.ends_well().await;
}

#[story]
async fn a_suspension_is_lifted_from_above_and_not_by_who_is_let_in_from_beside() {
    let house = House::new().await;
    let operator = house.operator();
    operator.makes_organization("acme", "plant").await;
    operator.makes_organization("acme", "beside").await;
    // At home beside, administrator of the plant: nobody turns her away while the plant is suspended.
    let eve = operator.makes_account("beside", "eve", None).await;
    operator.gives("plant", &eve, "administrator").await;
    let token = operator.makes_token("plant", &eve, "administrator").await;
    let as_eve = house.visitor().within("plant").with_token(&token.text);
    let suspend = Request::new("POST", "/v1/organizations/plant/suspend");
    assert_eq!(operator.asks(suspend).await.status, 204);

    let before = house.stands().await;
    let refused = as_eve.posts("/resume", &serde_json::Value::Null).await;
    before.refused_to(&eve, &refused, (403, "held_from_above")).await;
    assert_eq!(as_eve.gets("/groups").await.status, 200, "reading goes on");
    let resume = Request::new("POST", "/v1/organizations/plant/resume");
    assert_eq!(operator.asks(resume).await.status, 204);
    house.ends_well().await;
}
