// SPDX-License-Identifier: Apache-2.0
//! Profiles: revised while devices enroll, and refused with everything that is wrong with them.

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::story;

/// A profile for devices of this life.
fn lasting(validity: &str) -> Value {
    json!({
        "schema": 1, "usage": "device", "validity": validity, "backdate": "1h",
        "key_algorithms": ["P-256"], "key_usage": ["digitalSignature"], "extended_key_usage": ["clientAuth"],
        "rotation": "optional", "renewal": { "opens_at_percent": 67, "jitter_percent": 5 },
        "birth_key_as_operational": false,
    })
}

fn days(certificate: &tamga_tests::answer::Certified) -> i64 {
    let validity = certificate.read().validity().clone();
    (validity.not_after.timestamp() - validity.not_before.timestamp() + 1) / 86_400
}

#[story]
async fn a_new_revision_is_what_new_orders_use_and_old_orders_keep_theirs() {
    let house = House::new().await;
    let operator = house.operator();
    let made = operator
        .posts("/profiles", &json!({ "name": "Short", "config": lasting("30d") }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(
        (
            made["name"].as_str(),
            made["owner"].as_str(),
            made["revision"].as_i64()
        ),
        (Some("short"), Some("acme"), Some(1))
    );
    let group = operator
        .creates_group_with("line", json!({ "profile": "SHORT" }))
        .await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let first = pump.enrolls(&key).await.certified();
    assert_eq!(days(&first), 30);

    let revised = operator.posts("/profiles/short/revisions", &lasting("10d")).await;
    assert_eq!(revised.status, 201, "{}", revised.text());
    assert_eq!(revised.json()["revision"], 2);
    assert!(
        revised
            .header("location")
            .is_some_and(|at| at.ends_with("/profiles/short/revisions/2"))
    );
    let second = group.device("pump-2").enrolls(&KeyPair::new()).await.certified();
    assert_eq!(days(&second), 10, "a new order uses the new revision");
    assert_eq!(
        pump.enrolls(&key).await.certified(),
        first,
        "an old one keeps its own"
    );

    let shown = operator.gets("/profiles/short").await.json();
    assert_eq!(
        (&shown["revision"], &shown["config"]),
        (&json!(2), &lasting("10d"))
    );
    let revisions = operator.gets("/profiles/short/revisions").await.json();
    let numbers: Vec<_> = revisions["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["revision"].clone())
        .collect();
    assert_eq!(numbers, [2, 1]);
    let page = operator
        .gets("/profiles/short/revisions?sort=revision&limit=1")
        .await
        .json();
    assert_eq!(page["items"][0]["config"], lasting("30d"));
    let next = page["next"].as_str().expect("a second page");
    let page = operator
        .gets(&format!(
            "/profiles/short/revisions?sort=revision&limit=1&cursor={next}"
        ))
        .await
        .json();
    assert_eq!(
        (&page["items"][0]["revision"], page.get("next")),
        (&json!(2), None)
    );
    let first_revision = operator.gets("/profiles/short/revisions/1").await.json();
    assert_eq!(first_revision["config"], lasting("30d"));
    for absent in ["0", "3", "01", "-1", "x"] {
        let absent = operator
            .gets(&format!("/profiles/short/revisions/{absent}"))
            .await;
        assert_eq!(absent.status, 404);
    }
    house.ends_well().await;
}

#[story]
async fn whatever_is_wrong_with_a_profile_is_told_at_once_and_nothing_is_made() {
    let house = House::new().await;
    let operator = house.operator();
    let mut wrong = lasting("ninety days");
    wrong["usage"] = json!("toaster");
    wrong["key_algorithms"] = json!(["DSA"]);
    wrong["renewal"]["opens_at_percent"] = json!(0);
    let before = house.stands().await;
    for place in ["/profiles", "/profiles/device/revisions"] {
        let body = match place {
            "/profiles" => json!({ "name": "wrong", "config": wrong }),
            _ => wrong.clone(),
        };
        let refused = operator.posts(place, &body).await;
        before
            .refused_at_the_rim(&refused, (422, "profile_invalid"))
            .await;
        let told = refused.json()["detail"].as_str().expect("a sentence").to_owned();
        for field in ["usage", "validity", "key_algorithms", "renewal.opens_at_percent"] {
            assert!(told.contains(field), "{field} is not told in {told}");
        }
    }
    // Whom a profile is for never changes: the house's own certificate hangs on one of them.
    let mut server = lasting("30d");
    server["usage"] = json!("server");
    server["extended_key_usage"] = json!(["serverAuth"]);
    let refused = operator.posts("/profiles/device/revisions", &server).await;
    before.refused_at_the_rim(&refused, (422, "invalid")).await;
    let refused = operator
        .posts(
            "/profiles",
            &json!({ "name": "Device", "config": lasting("30d") }),
        )
        .await;
    before.refused_at_the_rim(&refused, (409, "name_taken")).await;
    let mut odd = lasting("30d");
    odd["colour"] = json!("red");
    let refused = operator.posts("/profiles/device/revisions", &odd).await;
    before.refused_at_the_rim(&refused, (400, "body_malformed")).await;
    house.ends_well().await;
}

#[story]
async fn a_birth_profile_is_made_and_no_group_issues_by_it() {
    let house = House::new().await;
    let operator = house.operator();
    let mut birth = lasting("unlimited");
    birth["usage"] = json!("birth");
    birth["model"] = json!("P-100");
    let made = operator
        .posts("/profiles", &json!({ "name": "birth-p100", "config": birth }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["config"], birth);
    let before = house.stands().await;
    let refused = operator
        .posts("/groups", &json!({ "name": "line", "profile": "birth-p100" }))
        .await;
    before.refused_at_the_rim(&refused, (422, "invalid")).await;
    let listed = operator.gets("/profiles?sort=-usableSince").await.json();
    let names: Vec<_> = listed["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["name"].clone())
        .collect();
    assert_eq!(names[0], "birth-p100");
    assert_eq!(names.len(), 3);
    house.ends_well().await;
}
