// SPDX-License-Identifier: Apache-2.0
//! What a revocation of many certificates is about: no more and no less than was counted, told, and approved.

use std::time::Duration;

use serde_json::json;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::story;
use tamga_x509::time::Clock as _;

use crate::mass_revocation::{approved, asks, done, enrolls, waits};

const INTO_THE_WINDOW: Duration = Duration::from_hours(24 * 66);

#[story]
async fn what_moves_meanwhile_neither_escapes_nor_is_struck() {
    let house = House::with(|settings| settings.approvals.revocations_above = 2).await;
    let operator = house.operator();
    let petra = operator.invites_person("acme", "petra", "operator").await;
    let petra = house.visitor().within("acme").with_token(&petra.text);
    let (line, hall) = (
        operator.creates_group("line").await,
        operator.creates_group("hall").await,
    );
    let pumps = enrolls(&line, "pump", 3).await;
    let lamps = enrolls(&hall, "lamp", 1).await;
    let asked = asks(&operator, json!({ "group": "line" }), "superseded").await;
    let (at, _) = waits(&asked);
    for (device, group) in [("pump-0", "hall"), ("lamp-0", "line")] {
        let path = format!("/devices/{device}/rekey");
        let moved = operator.posts(&path, &json!({ "group": group })).await;
        assert_eq!(moved.status, 204, "{}", moved.text());
    }
    let seen = json!({ "digest": asked.json()["digest"] });
    let told = petra.posts(&format!("{at}/approve"), &seen).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let shown = approved(&operator, &told).await;
    assert_eq!(shown["revoked"], 3, "what it was of when it was ordered counts");
    for (device, state) in pumps
        .iter()
        .map(|(pump, _)| (pump, "revoked"))
        .chain([(&lamps[0].0, "issued")])
    {
        let seen = operator.looks_at(device).await;
        assert_eq!(seen["certificates"][0]["state"], state, "{seen}");
    }
    house.ends_well().await;
}

#[story]
async fn what_a_compromise_strikes_besides_is_counted_and_shown() {
    let house = House::with(|settings| settings.approvals.revocations_above = 1).await;
    let operator = house.operator();
    let petra = operator.invites_person("acme", "petra", "operator").await;
    let petra = house.visitor().within("acme").with_token(&petra.text);
    let line = operator.creates_group("line").await;
    let (pump, key) = (line.device("pump-1"), KeyPair::new());
    let first = pump.is_certified(&key).await;
    operator
        .revokes_certificate(&pump, &first)
        .await
        .because("superseded")
        .await;
    let since = house.clock.now().to_string();
    let second = pump.is_certified(&key).await;
    assert_ne!(first, second);
    enrolls(&line, "fan", 1).await;
    let query = json!({ "registrationIdPrefix": "pump", "issuedFrom": since });
    for (reason, besides) in [("superseded", 0), ("key_compromise", 1)] {
        let asked = json!({ "query": query, "reason": reason, "dryRun": true });
        let told = operator.posts("/revocations", &asked).await.json();
        assert_eq!(
            (&told["certificates"], &told["keys"], &told["besides"]),
            (&json!(1), &json!(1), &json!(besides)),
            "{told}"
        );
    }
    let asked = asks(&operator, query, "key_compromise").await;
    let (at, request) = waits(&asked);
    for line in [
        "certificates 1\n",
        "blocked-keys 1\n",
        "other-certificates-on-these-keys 1\n",
    ] {
        assert!(request.contains(line), "{request}");
    }
    let seen = json!({ "digest": asked.json()["digest"] });
    let told = petra.posts(&format!("{at}/approve"), &seen).await;
    assert_eq!(told.status, 200, "{}", told.text());
    approved(&operator, &told).await;
    let compromised = "SELECT count(*) FROM certificate WHERE revoked_reason = 'key_compromise'";
    assert_eq!(house.memory().number(compromised).await, 2);
    let before = house.stands().await;
    let told = pump.enrolls(&key).await;
    before.only_refused(&told, (409, "key_blocked")).await;
    house.ends_well().await;
}

#[story]
async fn what_would_take_too_long_to_count_is_not_asked() {
    let house = House::with(|settings| settings.approvals.counted_at_most = 2).await;
    let operator = house.operator();
    let line = operator.creates_group("line").await;
    enrolls(&line, "pump", 2).await;
    enrolls(&line, "fan", 1).await;
    let before = house.stands().await;
    for dry in [true, false] {
        let asked = json!({ "query": { "group": "line" }, "reason": "superseded", "dryRun": dry });
        let told = operator.posts("/revocations", &asked).await;
        before.refused_at_the_rim(&told, (422, "invalid")).await;
        assert!(told.text().contains("registrationIdPrefix"), "{}", told.text());
    }
    let query = json!({ "group": "line", "registrationIdPrefix": "pump-" });
    let asked = asks(&operator, query, "superseded").await;
    let told = done(&operator, &asked).await;
    assert_eq!((&told["revoked"], &told["devices"]), (&json!(2), &json!(2)));
    house.ends_well().await;
}

#[story]
async fn those_that_cannot_go_on_hold_no_other_up() {
    let house = House::new().await;
    let operator = house.operator();
    let line = operator.creates_group("line").await;
    enrolls(&line, "pump", 6).await;
    // More than are stepped at once, older than all others, and of a form that nobody reads.
    house
        .memory()
        .writes(
            "INSERT INTO mass_revocation (id, organization_id, request, author, state, expected, revoked, devices, steps,
                                          created_at)
             SELECT d.id, d.organization_id, 'tamga request 0', 'nobody', 'running', 1, 0, 0, 0, 1 FROM device d",
            &[],
        )
        .await;
    let asked = asks(&operator, json!({ "group": "line" }), "superseded").await;
    let told = done(&operator, &asked).await;
    assert_eq!(told["revoked"], 6);
    let running = "SELECT count(*) FROM mass_revocation WHERE state = 'running' AND steps = 0";
    assert_eq!(
        house.memory().number(running).await,
        6,
        "and nothing was done of them"
    );
    house.ends_well().await;
}

#[story]
async fn what_was_under_way_when_it_was_asked_is_struck_before_it_is_done() {
    let house = House::with(|settings| settings.approvals.settles_within = Duration::from_mins(30)).await;
    let operator = house.operator();
    let line = operator.creates_group("line").await;
    let late = enrolls(&line, "early", 2).await.remove(0);
    let memory = house.memory();
    // Of the first device of its walk, a certificate that nobody sees yet: as if asked before it, and kept after it.
    let hidden = "UPDATE certificate SET intended_at = intended_at + 36000000000
                  WHERE device_id IN (SELECT d.id FROM device d WHERE d.registration_id = 'early-0')";
    memory.writes(hidden, &[]).await;
    let asked = asks(&operator, json!({ "group": "line" }), "superseded").await;
    assert_eq!(asked.status, 201, "{}", asked.text());
    eventually("it has walked once, and goes on", || async {
        let walked = "SELECT count(*) FROM mass_revocation
                      WHERE state = 'running' AND steps > 0 AND after_device IS NULL AND revoked = 1";
        (house.memory().number(walked).await == 1).then_some(())
    })
    .await;
    memory.writes(&hidden.replace("at + ", "at - "), &[]).await;
    assert_eq!(
        operator.looks_at(&late.0).await["certificates"][0]["state"],
        "issued"
    );
    house.lets_pass(Duration::from_mins(31)).await;
    let told = done(&operator, &asked).await;
    assert_eq!((&told["revoked"], &told["devices"]), (&json!(2), &json!(2)));
    let seen = operator.looks_at(&late.0).await;
    assert_eq!(seen["certificates"][0]["state"], "revoked", "{seen}");
    house.ends_well().await;
}

#[story]
async fn renewals_on_its_keys_make_no_compromise_stale_and_are_struck() {
    let house = House::with(|settings| settings.approvals.revocations_above = 1).await;
    let operator = house.operator();
    let line = operator.creates_group("line").await;
    let key = KeyPair::new();
    let pump = line.device("pump-0");
    let first = pump.is_certified(&key).await;
    line.device("pump-1").is_certified(&KeyPair::new()).await;
    house.lets_pass(INTO_THE_WINDOW).await;
    let petra = operator.invites_person("acme", "petra", "operator").await;
    let petra = house.visitor().within("acme").with_token(&petra.text);
    let asked = asks(&operator, json!({ "group": "line" }), "key_compromise").await;
    let (at, request) = waits(&asked);
    for line in [
        "other-certificates-on-these-keys 0\n",
        "later-certificates-on-these-keys all\n",
    ] {
        assert!(request.contains(line), "{request}");
    }
    assert_ne!(pump.is_certified(&key).await, first, "it is renewed");
    let seen = json!({ "digest": asked.json()["digest"] });
    let told = petra.posts(&format!("{at}/approve"), &seen).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let shown = approved(&operator, &told).await;
    assert_eq!(
        (&shown["certificates"], &shown["revoked"]),
        (&json!(2), &json!(3)),
        "{shown}"
    );
    let compromised = "SELECT count(*) FROM certificate WHERE revoked_reason = 'key_compromise'";
    assert_eq!(house.memory().number(compromised).await, 3);
    house.ends_well().await;
}
