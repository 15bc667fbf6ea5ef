// SPDX-License-Identifier: Apache-2.0
//! Requests that are sent again under an `Idempotency-Key`: done once, answered alike.

use std::time::Duration;

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::operator::Operator;
use tamga_tests::patience::eventually;
use tamga_tests::story;
use tamga_tests::wire::{Answer, Request, Wire};

fn keyed(operator: &Operator, path: &str, key: &str, body: &Value) -> Request {
    let request = Request::new("POST", &operator.target(path)).json(body);
    request.header("Idempotency-Key", key)
}

/// Makes a group under a key, and keeps what it was shown from being seen elsewhere.
async fn makes_group(operator: &Operator, key: &str, name: &str) -> Answer {
    let request = keyed(operator, "/groups", key, &json!({ "name": name }));
    let answer = operator.asks(request).await;
    if answer.status == 201 {
        for slot in ["primaryKey", "secondaryKey"] {
            let secret = answer.json()["attestation"][slot].as_str().map(str::to_owned);
            operator.door.secrets.keep(&secret.expect("a key, shown once"));
        }
    }
    answer
}

async fn acts(house: &House, act: &str) -> i64 {
    let query = format!("SELECT COUNT(*) FROM journal WHERE act = '{act}' AND outcome = 'done'");
    house.memory().number(&query).await
}

#[story]
async fn a_189_a_request_sent_again_under_its_key_does_nothing_again() {
    let house = House::new().await;
    let operator = house.operator();
    let first = makes_group(&operator, "key-1", "line").await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None));
    let before = house.stands().await;
    for _ in 0..2 {
        let again = makes_group(&operator, "key-1", "line").await;
        assert_eq!(
            (again.status, &again.body),
            (201, &first.body),
            "{}",
            again.text()
        );
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        for name in ["location", "content-type", "cache-control"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
        assert_ne!(again.header("x-ms-request-id"), first.header("x-ms-request-id"));
    }
    assert_eq!(acts(&house, "group.create").await, 1);
    let unkeyed = operator.posts("/groups", &json!({ "name": "line" })).await;
    before.refused_at_the_rim(&unkeyed, (409, "name_taken")).await;

    // An act without an answer's body, and one that was done before and changed nothing.
    let off =
        Request::new("POST", &operator.target("/groups/line/disable")).header("Idempotency-Key", "key-2");
    let off = async || operator.asks(off.clone()).await;
    assert_eq!((off().await.status, off().await.status), (204, 204));
    assert_eq!(acts(&house, "group.update").await, 1);
    house.ends_well().await;
}

#[story]
async fn a_189_another_request_under_a_spent_key_is_refused() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("other").await;
    makes_group(&operator, "key-1", "line").await;
    let before = house.stands().await;
    for (path, body) in [
        ("/groups", json!({ "name": "yard" })),
        ("/groups", json!({ "name": "LINE" })),
        ("/groups", json!({ "name": "line", "rekey": "allow" })),
        ("/enrollments", json!({ "registrationId": "line" })),
        ("/groups/other/disable", Value::Null),
    ] {
        let request = if body.is_null() {
            Request::new("POST", &operator.target(path)).header("Idempotency-Key", "key-1")
        } else {
            keyed(&operator, path, "key-1", &body)
        };
        let answer = operator.asks(request).await;
        before
            .refused_at_the_rim(&answer, (422, "idempotency_key_reused"))
            .await;
    }
    for key in ["", "a b", &"k".repeat(256)] {
        let answer = makes_group(&operator, key, "yard").await;
        before
            .refused_at_the_rim(&answer, (400, "idempotency_key_invalid"))
            .await;
    }
    let twice = keyed(&operator, "/groups", "a", &json!({ "name": "yard" })).header("Idempotency-Key", "a");
    let answer = operator.asks(twice).await;
    before.refused_at_the_rim(&answer, (400, "header_invalid")).await;
    // A key of one organization is none in another: what is not there is not there.
    let elsewhere = Request::new("POST", "/v1/organizations/rival/groups").json(&json!({ "name": "line" }));
    let answer = operator.asks(elsewhere.header("Idempotency-Key", "key-1")).await;
    before.refused_at_the_rim(&answer, (404, "not_found")).await;
    // A refusal spends no key: mended, the request goes through under it.
    let refused = makes_group(&operator, "key-2", "line").await;
    before.refused_at_the_rim(&refused, (409, "name_taken")).await;
    assert_eq!(makes_group(&operator, "key-2", "mended").await.status, 201);
    house.ends_well().await;
}

#[story]
async fn a_189_fifty_at_once_under_one_key_are_one_act() {
    let house = House::new().await;
    let operator = house.operator();
    let asked = (0..50).map(|_| makes_group(&operator, "key-1", "line"));
    let answers = futures::future::join_all(asked).await;
    let made: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(made.len() > 1, "they are told of the one");
    for answer in &answers {
        if answer.status == 201 {
            assert_eq!(answer.body, made[0].body);
        } else {
            let code = answer.json()["code"].as_str().map(str::to_owned);
            assert_eq!(
                (answer.status, code.as_deref()),
                (409, Some("idempotency_in_progress"))
            );
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
    }
    assert_eq!(acts(&house, "group.create").await, 1);
    let groups = house
        .memory()
        .number("SELECT COUNT(*) FROM enrollment_group")
        .await;
    assert_eq!(groups, 1);
    house.ends_well().await;
}

#[story]
async fn a_189_an_expired_key_is_as_good_as_new() {
    let house = House::new().await;
    let operator = house.operator();
    makes_group(&operator, "key-1", "line").await;
    house.lets_pass(Duration::from_hours(24)).await;
    let answer = makes_group(&operator, "key-1", "yard").await;
    assert_eq!(
        (answer.status, answer.header("idempotency-replayed")),
        (201, None)
    );
    assert_eq!(acts(&house, "group.create").await, 2);
    house.ends_well().await;
}

#[story]
async fn whoever_hangs_up_and_asks_again_is_told_how_it_ended() {
    let house = House::new().await;
    let operator = house.operator();
    let mut wire = Wire::unix(&operator.socket).await.expect("the socket is there");
    let request = keyed(&operator, "/groups", "key-1", &json!({ "name": "line" }));
    wire.send_request(&request).await.expect("it is sent");
    eventually("the act is done", || async {
        (acts(&house, "group.create").await == 1).then_some(())
    })
    .await;
    drop(wire);
    let again = makes_group(&operator, "key-1", "line").await;
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, Some("true"))
    );
    assert!(
        again.json()["attestation"]["primaryKey"].is_string(),
        "{}",
        again.text()
    );
    assert_eq!(acts(&house, "group.create").await, 1);
    house.ends_well().await;
}

#[story]
async fn an_act_whose_answer_was_lost_is_not_done_again() {
    let house = House::new().await;
    let operator = house.operator();
    let made = makes_group(&operator, "key-1", "line").await;
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    // What a process leaves that ends between the act and its answer: no road of the house leads there.
    let lose = "UPDATE repetition SET answer = NULL, answer_organization_id = NULL, data_key = NULL";
    house.memory().writes(lose, &[]).await;

    let before = house.stands().await;
    let answer = makes_group(&operator, "key-1", "line").await;
    before
        .refused_at_the_rim(&answer, (409, "idempotency_in_progress"))
        .await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    house.lets_pass(Duration::from_secs(61)).await;
    let answer = makes_group(&operator, "key-1", "line").await;
    before
        .refused_at_the_rim(&answer, (409, "idempotency_answer_lost"))
        .await;
    assert!(
        answer.json()["detail"]
            .as_str()
            .expect("a sentence")
            .contains(&id),
        "{}",
        answer.text()
    );
    assert_eq!(acts(&house, "group.create").await, 1);
    house.ends_well().await;
}

#[story]
async fn a_kept_answer_shows_no_secret_and_opens_beside_its_own_key_only() {
    let house = House::new().await;
    let operator = house.operator();
    for (key, name) in [("key-1", "line"), ("key-2", "yard")] {
        makes_group(&operator, key, name).await;
    }
    let rows = house
        .memory()
        .rows("SELECT answer FROM repetition ORDER BY spent_at")
        .await;
    for row in &rows {
        let sealed: Vec<u8> = row.get(0);
        operator
            .door
            .secrets
            .assert_absent("a kept answer", &String::from_utf8_lossy(&sealed));
    }
    assert_eq!(rows.len(), 2);
    // Whoever writes rows puts one answer in the place of the other.
    let first: Vec<u8> = rows[0].get(0);
    let other = house.memory().either("?", "$1");
    let swap = format!("UPDATE repetition SET answer = {other} WHERE object LIKE 'grp_%'");
    house.memory().writes(&swap, &first).await;
    assert_eq!(makes_group(&operator, "key-1", "line").await.status, 201);
    let answer = makes_group(&operator, "key-2", "yard").await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (500, Some("fault"))
    );
    house.ends_well().await;
}
