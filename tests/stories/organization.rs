// SPDX-License-Identifier: Apache-2.0
//! Organizations: made below one another, suspended with everything below, resumed.

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::story;
use tamga_tests::wire::Request;

const NONE: Value = Value::Null;

#[story]
async fn an_organization_is_made_below_another_with_a_scope_and_a_key_of_its_own() {
    let house = House::new().await;
    let operator = house.operator();
    let made = operator.makes_organization("acme", "plant-2").await;
    assert_eq!(
        (
            made["slug"].as_str(),
            made["state"].as_str(),
            made["suspendedHere"].as_bool()
        ),
        (Some("plant-2"), Some("active"), Some(false))
    );
    let scope = made["idScopes"][0].as_str().expect("a scope").to_owned();
    let shown = operator
        .asks(Request::new("GET", "/v1/organizations/plant-2/id-scopes"))
        .await;
    assert_eq!(shown.json()["items"], json!([scope]));
    let more = operator
        .asks(Request::new("POST", "/v1/organizations/plant-2/id-scopes"))
        .await;
    assert_eq!(more.status, 201, "{}", more.text());
    let keys = "SELECT count(*) FROM data_key d JOIN organization o ON o.id = d.organization_id
                WHERE o.slug = 'plant-2' AND d.purpose = 'device_secrets'";
    assert_eq!(house.memory().number(keys).await, 1);
    // Without a grant it has neither issuer nor profile of its parent's.
    let group = Request::new("POST", "/v1/organizations/plant-2/groups").json(&json!({ "name": "line" }));
    let refused = operator.asks(group).await;
    assert_eq!(refused.status, 404, "{}", refused.text());
    let renamed =
        Request::new("POST", "/v1/organizations/plant-2/rename").json(&json!({ "displayName": "Plant Two" }));
    assert_eq!(operator.asks(renamed).await.status, 204);
    let seen = operator
        .asks(Request::new("GET", "/v1/organizations/plant-2"))
        .await
        .json();
    assert_eq!(seen["displayName"], "Plant Two");
    let below = operator.gets("/organizations").await.json();
    assert_eq!(below["items"][0]["slug"], "plant-2");
    house.ends_well().await;
}

#[story]
async fn a_suspended_organization_issues_nothing_until_it_is_resumed() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let certified = pump.enrolls(&key).await.certified();
    assert_eq!(operator.posts("/suspend", &NONE).await.status, 204);
    assert_eq!(
        operator.posts("/suspend", &NONE).await.status,
        204,
        "once is as good as twice"
    );

    let before = house.stands().await;
    for told in [
        pump.registers().await,
        pump.enrolls(&key).await,
        group.device("pump-2").enrolls(&KeyPair::new()).await,
    ] {
        before.only_refused(&told, (401, "organization_suspended")).await;
    }
    // Reading and revocation go on.
    operator.looks_at(&pump).await;
    assert_eq!(operator.posts("/resume", &NONE).await.status, 204);
    assert_eq!(
        pump.enrolls(&key).await.certified(),
        certified,
        "nothing was lost"
    );
    house.ends_well().await;
}

#[story]
async fn a_subtree_is_suspended_with_its_top_and_what_is_suspended_by_itself_stays_so() {
    let house = House::new().await;
    let operator = house.operator();
    for (parent, slug) in [
        ("acme", "plant"),
        ("plant", "hall"),
        ("plant", "yard"),
        ("acme", "beside"),
    ] {
        operator.makes_organization(parent, slug).await;
    }
    let does = |slug: &str, what: &str| Request::new("POST", &format!("/v1/organizations/{slug}/{what}"));
    let stands = async |expected: [(&str, &str, bool); 5]| {
        for (slug, state, here) in expected {
            let seen = operator
                .asks(Request::new("GET", &format!("/v1/organizations/{slug}")))
                .await
                .json();
            assert_eq!(
                (&seen["state"], &seen["suspendedHere"]),
                (&json!(state), &json!(here)),
                "{slug}"
            );
        }
    };
    assert_eq!(operator.asks(does("yard", "suspend")).await.status, 204);
    assert_eq!(operator.asks(does("plant", "suspend")).await.status, 204);
    stands([
        ("acme", "active", false),
        ("plant", "suspended", true),
        ("hall", "suspended", false),
        ("yard", "suspended", true),
        ("beside", "active", false),
    ])
    .await;
    let refused = operator.asks(does("hall", "resume")).await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (409, Some("organization_suspended"))
    );
    let child = json!({ "slug": "cellar" });
    let refused = operator.asks(does("hall", "organizations").json(&child)).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(operator.asks(does("plant", "resume")).await.status, 204);
    stands([
        ("acme", "active", false),
        ("plant", "active", false),
        ("hall", "active", false),
        ("yard", "suspended", true),
        ("beside", "active", false),
    ])
    .await;
    house.ends_well().await;
}

#[story]
async fn a_138_142_a_slug_is_one_label_never_reserved_and_never_given_again() {
    let house = House::new().await;
    let operator = house.operator();
    let before = house.stands().await;
    let me = format!("local:{}", rustix::process::geteuid().as_raw());
    let long = "x".repeat(64);
    for slug in [
        "root",
        "admin",
        "system",
        "default",
        ".",
        "..",
        "",
        " ",
        "Plant",
        "plant ",
        " plant",
        "pl ant",
        "plänt",
        "pla\u{0301}nt",
        "ｐlant",
        "plant/x",
        "*",
        "%",
        "-a",
        long.as_str(),
    ] {
        let answer = operator.posts("/organizations", &json!({ "slug": slug })).await;
        before.refused_to(&me, &answer, (422, "invalid")).await;
    }
    let taken = operator.posts("/organizations", &json!({ "slug": "acme" })).await;
    before.refused_to(&me, &taken, (409, "name_taken")).await;
    house.ends_well().await;
}
