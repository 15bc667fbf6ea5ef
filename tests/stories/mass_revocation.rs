// SPDX-License-Identifier: Apache-2.0
//! Revocations of many certificates: measured, approved above a size, done in steps, gone on with after a crash.

use std::time::Duration;

use serde_json::{Value, json};
use tamga_tests::answer::Certified;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::openapi::Document;
use tamga_tests::operator::{Enrollment, Operator};
use tamga_tests::patience::eventually;
use tamga_tests::relying_party::Downloaded;
use tamga_tests::story;
use tamga_tests::wire::Answer;

/// Devices of a group with these numbers, each with its certificate.
pub(crate) async fn enrolls(group: &Enrollment, name: &str, count: usize) -> Vec<(Device, Certified)> {
    let mut enrolled = Vec::new();
    for number in 0..count {
        let device = group.device(&format!("{name}-{number}"));
        let certified = device.is_certified(&KeyPair::new()).await;
        enrolled.push((device, certified));
    }
    enrolled
}

pub(crate) async fn asks(operator: &Operator, query: Value, reason: &str) -> Answer {
    operator
        .posts("/revocations", &json!({ "query": query, "reason": reason }))
        .await
}

/// Waits until it is done.
pub(crate) async fn done(operator: &Operator, answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text());
    let location = answer.header("location").expect("a place").to_owned();
    let path = location
        .strip_prefix("/v1/organizations/acme")
        .expect("here")
        .to_owned();
    eventually("the revocation is done", || async {
        let shown = operator.gets(&path).await.json();
        (shown["state"] == "done").then_some(shown)
    })
    .await
}

/// It waits for a second person: where, and what that one is shown.
pub(crate) fn waits(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 202, "{}", answer.text());
    let location = answer.header("location").expect("a place");
    let path = location.strip_prefix("/v1/organizations/acme").expect("here");
    let request = answer.json()["request"].as_str().expect("a text").to_owned();
    (path.to_owned(), request)
}

/// Waits until what was approved is done.
pub(crate) async fn approved(operator: &Operator, answer: &Answer) -> Value {
    let object = answer.json()["object"].as_str().expect("an id").to_owned();
    let path = format!("/revocations/{object}");
    eventually("the revocation is done", || async {
        let shown = operator.gets(&path).await.json();
        (shown["state"] == "done").then_some(shown)
    })
    .await
}

async fn revoked(house: &House) -> i64 {
    house
        .memory()
        .number("SELECT count(*) FROM certificate WHERE device_id IS NOT NULL AND state = 'revoked'")
        .await
}

#[story]
async fn what_fits_is_counted_and_then_revoked_and_nothing_else() {
    let house = House::new().await;
    let operator = house.operator();
    let (line, hall) = (
        operator.creates_group("line").await,
        operator.creates_group("hall").await,
    );
    let pumps = enrolls(&line, "pump", 3).await;
    let fans = enrolls(&line, "fan", 2).await;
    enrolls(&hall, "lamp", 2).await;
    let before = house.stands().await;
    for (query, certificates) in [
        (json!({ "group": "line" }), 5),
        (json!({ "group": "LINE", "registrationIdPrefix": "Pump-" }), 3),
        (json!({ "issuer": "device-issuer" }), 7),
        (json!({ "profile": "device", "group": "hall" }), 2),
        (json!({ "profile": "server" }), 0),
        (json!({ "registrationIdPrefix": "%" }), -1),
        (
            json!({ "issuedFrom": "2026-11-22T00:00:00Z", "issuedUntil": "2020-01-01T00:00:00Z" }),
            -1,
        ),
        (json!({ "issuedUntil": "2020-01-01T00:00:00Z" }), 0),
        (json!({}), -1),
    ] {
        let asked = json!({ "query": query, "reason": "superseded", "dryRun": true });
        let told = operator.posts("/revocations", &asked).await;
        match certificates {
            -1 => before.refused_at_the_rim(&told, (422, "invalid")).await,
            _ => {
                assert_eq!(told.status, 200, "{}", told.text());
                assert_eq!(told.json()["certificates"], certificates, "{query}");
                before.is_as_before("a dry run").await;
            }
        }
    }
    for query in [
        json!({ "group": "nothing" }),
        json!({ "issuer": "nothing" }),
        json!({ "profile": "nothing" }),
    ] {
        let told = asks(&operator, query, "superseded").await;
        before.refused_at_the_rim(&told, (404, "not_found")).await;
    }
    let query = json!({ "group": "line", "registrationIdPrefix": "pump" });
    let asked = asks(&operator, query, "key_compromise").await;
    let told = done(&operator, &asked).await;
    assert_eq!(
        (&told["certificates"], &told["revoked"], &told["devices"]),
        (&json!(3), &json!(3), &json!(3))
    );
    assert_eq!(revoked(&house).await, 3);
    let (_, first) = &pumps[0];
    eventually("the list names them", || async {
        Downloaded::named_by(first.leaf())
            .await
            .lists(first.leaf())
            .then_some(())
    })
    .await;
    let (_, fan) = &fans[0];
    assert!(!Downloaded::named_by(fan.leaf()).await.lists(fan.leaf()));
    // Their keys are blocked, and they enroll again with others.
    let (pump, _) = &pumps[0];
    pump.is_certified(&KeyPair::new()).await;
    let again = asks(
        &operator,
        json!({ "group": "line", "registrationIdPrefix": "fan" }),
        "superseded",
    )
    .await;
    done(&operator, &again).await;
    assert_eq!(revoked(&house).await, 5);
    house.ends_well().await;
}

#[story]
async fn above_a_size_it_waits_for_a_second_person_and_is_about_no_more_than_was_asked() {
    let house = House::with(|settings| {
        settings.approvals.revocations_above = 2;
        // However slow this machine is, no other signer takes an order over: its issuer's key would be used once more, and
        // that is what a call that is refused is asked for.
        settings.hand.lease = Duration::from_mins(5);
        settings.clerk.lease = Duration::from_mins(5);
    })
    .await;
    let operator = house.operator();
    let petra = operator.invites_person("acme", "petra", "operator").await;
    let petra = house.visitor().within("acme").with_token(&petra.text);
    let line = operator.creates_group("line").await;
    enrolls(&line, "pump", 2).await;
    let small = asks(
        &operator,
        json!({ "registrationIdPrefix": "nothing" }),
        "superseded",
    )
    .await;
    // To its end: it is done beside the calls, and whatever is asked of the tables below would see it move.
    let small = done(&operator, &small).await;
    assert_eq!(small["revoked"], 0);
    enrolls(&line, "fan", 1).await;
    let asked = asks(&operator, json!({ "group": "line" }), "superseded").await;
    let (at, request) = waits(&asked);
    assert!(
        request.contains("certificates 3\n") && request.contains(" line\n"),
        "{request}"
    );
    let seen = json!({ "digest": asked.json()["digest"] });
    assert_eq!(revoked(&house).await, 0);

    // What was issued since is not asked for. Less than was asked is no harm.
    let later = enrolls(&line, "late", 1).await;
    let gone = enrolls(&line, "gone", 1).await;
    operator.revokes_device(&gone[0].0).because("superseded").await;
    // More of what was asked, by whatever way, is another request.
    let memory = house.memory();
    memory
        .writes(
            "UPDATE certificate SET intended_at = intended_at - 3600000000 WHERE device_id IS NOT NULL",
            &[],
        )
        .await;
    let before = house.stands().await;
    let told = petra.posts(&format!("{at}/approve"), &seen).await;
    before.refused_at_the_rim(&told, (409, "approval_stale")).await;
    memory
        .writes(
            "UPDATE certificate SET intended_at = intended_at + 3600000000 WHERE device_id IS NOT NULL",
            &[],
        )
        .await;

    let told = petra.posts(&format!("{at}/approve"), &seen).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let shown = approved(&operator, &told).await;
    assert_eq!(
        (&shown["revoked"], &shown["approval"]),
        (&json!(3), &told.json()["id"])
    );
    assert_eq!(revoked(&house).await, 4);
    let (device, _) = &later[0];
    let seen = operator.looks_at(device).await;
    assert_eq!(seen["certificates"][0]["state"], "issued", "{seen}");
    house.ends_well().await;
}

#[story]
async fn what_a_crash_interrupts_is_gone_on_with_and_done_once() {
    let mut house = House::new().await;
    let line = house.operator().creates_group("line").await;
    enrolls(&line, "pump", 30).await;
    let asked = asks(&house.operator(), json!({ "group": "line" }), "superseded").await;
    assert_eq!(asked.status, 201, "{}", asked.text());
    house.crashes_and_restarts().await;
    let operator = house.operator();
    let told = done(&operator, &asked).await;
    assert_eq!((&told["revoked"], &told["devices"]), (&json!(30), &json!(30)));
    assert_eq!(revoked(&house).await, 30);
    // Done a second time from its beginning, it finds nothing left to do.
    // Of the devices' lists alone: the house's own certificates come and go on theirs.
    let marks = "SELECT CAST(sum(s.marks) AS BIGINT) FROM crl_shard s JOIN issuer i ON i.id = s.issuer_id
                 WHERE i.role = 'device'";
    let before = house.memory().number(marks).await;
    house
        .memory()
        .writes(
            "UPDATE mass_revocation SET state = 'running', finished_at = NULL, after_device = NULL, steps = 0",
            &[],
        )
        .await;
    let told = done(&operator, &asked).await;
    assert_eq!(told["revoked"], 30);
    assert_eq!(house.memory().number(marks).await, before);
    let entries = "SELECT count(*) FROM revocation";
    assert_eq!(house.memory().number(entries).await, 30);
    house.lets_pass(Duration::from_secs(1)).await;
    house.ends_well().await;
}

#[story]
async fn revocations_of_many_are_answered_as_described() {
    let house = House::new().await;
    let document = Document::of("admin");
    let operator = house.operator();
    let line = operator.creates_group("line").await;
    enrolls(&line, "pump", 1).await;
    let target = operator.target("/revocations");
    for (body, status) in [
        (
            json!({ "query": { "group": "line" }, "reason": "superseded", "dryRun": true }),
            200,
        ),
        (
            json!({ "query": { "group": "line" }, "reason": "superseded" }),
            201,
        ),
        (json!({ "query": { "group": "line" }, "reason": "because" }), 422),
        (
            json!({ "query": { "group": "nothing" }, "reason": "superseded" }),
            404,
        ),
        (
            json!({ "query": { "colour": "red" }, "reason": "superseded" }),
            400,
        ),
        (json!({ "query": {}, "reason": "superseded" }), 422),
    ] {
        let answer = operator.posts("/revocations", &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        document.assert_describes("POST", &target, &answer);
        if status == 201 {
            let at = answer.header("location").expect("a place").to_owned();
            done(&operator, &answer).await;
            let at = at
                .strip_prefix("/v1/organizations/acme")
                .expect("here")
                .to_owned();
            let shown = operator.gets(&at).await;
            document.assert_describes("GET", &operator.target(&at), &shown);
        }
    }
    for (path, status) in [
        ("/revocations?limit=1", 200),
        ("/revocations?sort=name", 400),
        ("/revocations/rev_aaaaaaaaaaaaaaaaaaaaaaaaaa", 404),
    ] {
        let answer = operator.gets(path).await;
        assert_eq!(answer.status, status, "{path}");
        document.assert_describes("GET", &operator.target(path), &answer);
    }
    house.ends_well().await;
}
