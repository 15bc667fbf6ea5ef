// SPDX-License-Identifier: Apache-2.0
//! Groups and individual enrollments later: put, given new keys, removed and made anew.

use std::sync::Arc;

use serde_json::{Value, json};
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::operator::Operator;
use tamga_tests::sas::SasKey;
use tamga_tests::story;
use tamga_tests::vendor::{Birth, Vendor};
use tamga_tests::wire::{Answer, Request};

async fn puts(operator: &Operator, path: &str, terms: &Value) -> Answer {
    let request = Request::new("PUT", &operator.target(path)).json(terms);
    let answer = operator.asks(request).await;
    for slot in ["primaryKey", "secondaryKey"] {
        if let Some(secret) = answer.json()["attestation"][slot].as_str() {
            operator.door.secrets.keep(secret);
        }
    }
    answer
}

async fn deletes(operator: &Operator, path: &str) {
    let answer = operator
        .asks(Request::new("DELETE", &operator.target(path)))
        .await;
    assert_eq!(answer.status, 204, "{path}: {}", answer.text());
}

async fn regenerates(operator: &Operator, path: &str, slot: &str) -> SasKey {
    let answer = operator
        .posts(&format!("{path}/regenerate-key"), &json!({ "slot": slot }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let shown = answer.json();
    assert_eq!(shown["slot"], slot);
    let key = shown["key"].as_str().expect("a key, shown once");
    operator.door.secrets.keep(key);
    SasKey::from_base64(key)
}

/// How often this was done, and how often the thing has changed.
async fn done(house: &House, act: &str, table: &str) -> (i64, i64) {
    let memory = house.memory();
    let acts = format!("SELECT COUNT(*) FROM journal WHERE act = '{act}' AND outcome = 'done'");
    let changes = format!("SELECT CAST(coalesce(sum(generation), 0) AS BIGINT) FROM {table}");
    (memory.number(&acts).await, memory.number(&changes).await)
}

#[story]
async fn what_is_put_twice_is_changed_once() {
    let house = House::new().await;
    let operator = house.operator();
    for (path, table, noun) in [
        ("/groups/Line", "enrollment_group", "group"),
        ("/enrollments/Fan-1", "individual_enrollment", "enrollment"),
    ] {
        let made = puts(&operator, path, &json!({ "rekeysPerDay": 3 })).await;
        assert_eq!(made.status, 201, "{}", made.text());
        assert!(made.json()["attestation"]["primaryKey"].is_string(), "shown once");
        assert_eq!(made.header("location"), Some(operator.target(path).as_str()));
        assert_eq!(made.header("cache-control"), Some("no-store"));
        let (create, update) = (format!("{noun}.create"), format!("{noun}.update"));
        assert_eq!(done(&house, &create, table).await, (1, 1));
        let before = house.stands().await;
        for spelling in [path.to_owned(), path.to_lowercase()] {
            let again = puts(&operator, &spelling, &json!({ "rekeysPerDay": 3 })).await;
            assert_eq!(again.status, 200, "{}", again.text());
            assert_eq!(
                again.json()["attestation"],
                json!({ "type": "symmetricKey" }),
                "no key again"
            );
            before.is_as_before("the same, put again").await;
        }
        assert_eq!(done(&house, &update, table).await, (0, 1));

        let terms = json!({ "rekey": "refuse", "assignedHub": "hub:8883", "attestation": { "type": "symmetricKey" } });
        for _ in 0..2 {
            let put = puts(&operator, path, &terms).await;
            let told = put.json();
            assert_eq!(
                (
                    put.status,
                    &told["rekey"],
                    &told["rekeysPerDay"],
                    &told["assignedHub"]
                ),
                (200, &json!("refuse"), &json!(10), &json!("hub:8883")),
                "what is left out takes its default: {told}"
            );
            assert_eq!(done(&house, &update, table).await, (1, 2));
            let shown = operator.gets(path).await.json();
            assert_eq!(shown, told);
        }
        // Switched off it stays off, whatever it is put to be.
        operator.disables(path.trim_start_matches('/')).await;
        let put = puts(&operator, path, &json!({})).await.json();
        assert_eq!(
            (&put["state"], put["assignedHub"].is_null()),
            (&json!("disabled"), true)
        );
    }
    house.ends_well().await;
}

#[story]
async fn what_devices_are_bound_to_is_not_put_otherwise() {
    let house = House::new().await;
    let operator = house.operator();
    let (vendor, other) = (
        Vendor::root("Vendor Root", &house.clock),
        Vendor::root("Other Root", &house.clock),
    );
    let pinned = Birth::self_signed("lone-1", &house.clock);
    let certificate = |birth: &Birth| json!({ "certificate": data_encoding::BASE64.encode(birth.leaf()) });
    let pins =
        |birth: &Birth| json!({ "type": "x509", "clientCertificates": { "primary": certificate(birth) } });
    let keys = |primary: &str| json!({ "type": "symmetricKey", "primaryKey": primary, "secondaryKey": KEY });
    let anchors = |primary: &str| json!({ "type": "x509", "caReferences": { "primary": primary } });
    operator.brings_anchor("vendor", &vendor, json!({})).await;
    operator.brings_anchor("other", &other, json!({})).await;
    operator.door.secrets.keep(KEY);
    operator.door.secrets.keep(OTHER_KEY);
    for (path, attestation) in [
        ("/groups/keyed", keys(KEY)),
        ("/groups/chained", anchors("vendor")),
        ("/enrollments/lone-1", pins(&pinned)),
    ] {
        let made = puts(&operator, path, &json!({ "attestation": attestation })).await;
        assert_eq!(made.status, 201, "{path}: {}", made.text());
        // The same, and what leaves it out, says the same.
        for terms in [json!({ "attestation": attestation }), json!({})] {
            let before = house.stands().await;
            assert_eq!(puts(&operator, path, &terms).await.status, 200);
            before.is_as_before(path).await;
        }
    }
    let before = house.stands().await;
    for (path, attestation) in [
        ("/groups/keyed", keys(OTHER_KEY)),
        ("/groups/keyed", keys("AAAA")),
        ("/groups/keyed", anchors("other")),
        ("/groups/chained", keys(KEY)),
        ("/groups/chained", json!({ "type": "symmetricKey" })),
        (
            "/enrollments/lone-1",
            pins(&Birth::self_signed("lone-1", &house.clock)),
        ),
        ("/enrollments/lone-1", keys(KEY)),
    ] {
        let put = puts(
            &operator,
            path,
            &json!({ "attestation": attestation, "rekeysPerDay": 1 }),
        )
        .await;
        before.refused_at_the_rim(&put, (422, "invalid")).await;
    }
    for wrong in [
        json!({ "name": "keyed" }),
        json!({ "registrationId": "keyed" }),
        json!({ "state": "disabled" }),
    ] {
        let put = puts(&operator, "/groups/keyed", &wrong).await;
        before.refused_at_the_rim(&put, (400, "body_malformed")).await;
    }
    let nobodys = puts(
        &operator,
        "/groups/chained",
        &json!({ "attestation": anchors("nobody") }),
    )
    .await;
    before.refused_at_the_rim(&nobodys, (404, "not_found")).await;

    // The anchors of a group may change: who was admitted by one before is admitted by it no more.
    let pump = Device::born(house.door(), "pump-1", &vendor.births("pump-1"));
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    let put = puts(
        &operator,
        "/groups/chained",
        &json!({ "attestation": anchors("other") }),
    )
    .await;
    assert_eq!(put.status, 200, "{}", put.text());
    let before = house.stands().await;
    let told = pump.enrolls(&KeyPair::new()).await;
    before
        .only_turned_away(&told, (401, "certificate_untrusted"))
        .await;
    let rolled = Device::born(house.door(), "pump-2", &other.births("pump-2"));
    rolled.enrolls(&KeyPair::new()).await.certified();
    assert_eq!(
        operator.looks_at_certificate(&pump, &certified).await["state"],
        "issued"
    );
    let used = puts(
        &operator,
        "/groups/rival",
        &json!({ "attestation": anchors("other") }),
    )
    .await;
    assert_eq!(
        (used.status, &used.json()["code"]),
        (409, &json!("anchor_in_use"))
    );
    house.ends_well().await;
}

#[story]
async fn a_put_makes_what_is_not_there_and_nothing_else_where_that_is_asked() {
    let house = House::new().await;
    let operator = house.operator();
    let put = |expects: (&'static str, &str)| {
        let request = Request::new("PUT", &operator.target("/groups/line")).json(&json!({}));
        request.header(expects.0, expects.1)
    };
    let before = house.stands().await;
    for (name, tag) in [("If-Match", "*"), ("If-Match", "\"grp_a.1\"")] {
        let answer = operator.asks(put((name, tag))).await;
        before
            .refused_at_the_rim(&answer, (412, "precondition_failed"))
            .await;
    }
    let asked = (0..6).map(|_| operator.asks(put(("If-None-Match", "*"))));
    let answers = futures::future::join_all(asked).await;
    for made in answers.iter().filter(|answer| answer.status == 201) {
        for slot in ["primaryKey", "secondaryKey"] {
            let secret = made.json()["attestation"][slot].as_str().map(str::to_owned);
            operator.door.secrets.keep(&secret.expect("a key, shown once"));
        }
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 412).count(),
        5,
        "{statuses:?}"
    );
    assert_eq!(done(&house, "group.create", "enrollment_group").await, (1, 1));
    // Without a condition, many at once are one, too: those that find it there leave it as it is.
    let terms = json!({});
    let asked = (0..6).map(|_| puts(&operator, "/enrollments/fan-1", &terms));
    let answers = futures::future::join_all(asked).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let there = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((made, there), (1, 5));
    assert_eq!(
        done(&house, "enrollment.create", "individual_enrollment").await,
        (1, 1)
    );
    house.ends_well().await;
}

#[story]
async fn a_new_key_in_one_slot_ends_the_old_one_there_and_leaves_the_other_good() {
    let house = House::new().await;
    let operator = house.operator();
    let line = operator.creates_group("line").await;
    let fan = operator.enrolls("fan-1").await;
    let (pump, key) = (line.device("pump-1"), KeyPair::new());
    let certified = pump.enrolls(&key).await.certified();
    let fan_key = KeyPair::new();
    fan.its_device().enrolls(&fan_key).await.certified();

    let primary = regenerates(&operator, "/groups/line", "primary").await;
    let before = house.stands().await;
    let told = pump.enrolls(&key).await;
    before.only_turned_away(&told, (401, "token_signature")).await;
    let mut by_secondary = pump.clone();
    by_secondary.key = line.secondary.derived_for("pump-1");
    assert_eq!(
        by_secondary.enrolls(&key).await.certified(),
        certified,
        "the other slot is as it was"
    );
    let mut by_new = pump.clone();
    by_new.key = primary.derived_for("pump-1");
    assert_eq!(by_new.enrolls(&key).await.certified(), certified);
    regenerates(&operator, "/groups/line", "secondary").await;
    let before = house.stands().await;
    let told = by_secondary.enrolls(&key).await;
    before.only_turned_away(&told, (401, "token_signature")).await;
    assert_eq!(by_new.enrolls(&key).await.certified(), certified);

    let secondary = regenerates(&operator, "/enrollments/fan-1", "secondary").await;
    let mut device = fan.its_device();
    for (key, good) in [(&fan.primary, true), (&fan.secondary, false), (&secondary, true)] {
        device.key = key.clone();
        let told = device.enrolls(&fan_key).await;
        if good {
            told.certified();
        } else {
            told.refused(401, "token_signature");
        }
    }
    let vendor = Vendor::root("Vendor Root", &house.clock);
    operator.brings_anchor("vendor", &vendor, json!({})).await;
    operator.trusts("vendor", "chained").await;
    let before = house.stands().await;
    let none = operator
        .posts("/groups/chained/regenerate-key", &json!({ "slot": "primary" }))
        .await;
    before.refused_at_the_rim(&none, (422, "invalid")).await;
    for wrong in [
        json!({}),
        json!({ "slot": "third" }),
        json!({ "slot": "primary", "key": KEY }),
    ] {
        let answer = operator.posts("/groups/line/regenerate-key", &wrong).await;
        before.refused_at_the_rim(&answer, (400, "body_malformed")).await;
    }
    let nowhere = operator
        .posts("/groups/nowhere/regenerate-key", &json!({ "slot": "primary" }))
        .await;
    before.refused_at_the_rim(&nowhere, (404, "not_found")).await;
    house.ends_well().await;
}

#[story]
async fn two_new_keys_at_once_are_both_good() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    for round in 0..3 {
        let (primary, secondary) = futures::join!(
            regenerates(&operator, "/groups/line", "primary"),
            regenerates(&operator, "/groups/line", "secondary")
        );
        for (slot, key) in [("p", primary), ("s", secondary)] {
            let id = format!("pump-{round}-{slot}");
            Device::new(house.door(), &id, key.derived_for(&id))
                .registers()
                .await
                .assigned();
        }
    }
    house.ends_well().await;
}

#[story]
async fn a_192_a_group_made_anew_is_another_one_and_washes_nothing_away() {
    let house = House::new().await;
    let operator = house.operator();
    let keyed = |name: &str| json!({ "name": name, "attestation": { "type": "symmetricKey", "primaryKey": KEY, "secondaryKey": OTHER_KEY } });
    operator.door.secrets.keep(KEY);
    operator.door.secrets.keep(OTHER_KEY);
    let line = operator.posts("/groups", &keyed("line")).await.json();
    let device = |id: &str| Device::new(house.door(), id, SasKey::from_base64(KEY).derived_for(id));
    let (pump, struck) = (device("pump-1"), device("pump-2"));
    let key = Arc::new(KeyPair::new());
    let certified = pump.enrolls(&key).await.certified();
    struck.enrolls(&KeyPair::new()).await.certified();
    operator.revokes_device(&struck).because("key_compromise").await;
    let own = pump.showing(&Birth::issued(&certified.chain, &key));

    deletes(&operator, "/groups/line").await;
    assert_eq!(operator.gets("/groups/line").await.status, 404);
    let before = house.stands().await;
    for told in [pump.enrolls(&key).await, device("pump-3").registers().await] {
        before.only_turned_away(&told, (401, "token_signature")).await;
    }
    // Its own certificate proves nothing either, where what it is bound to is gone.
    before
        .only_turned_away(&own.enrolls(&key).await, (401, "certificate_untrusted"))
        .await;

    let anew = operator.posts("/groups", &keyed("line")).await;
    assert_eq!(anew.status, 201, "{}", anew.text());
    assert_ne!(
        anew.json()["id"],
        line["id"],
        "the name is free, the id is never used again"
    );
    let before = house.stands().await;
    before
        .only_refused(&pump.enrolls(&key).await, (401, "identity_bound"))
        .await;
    before
        .only_refused(&pump.enrolls(&KeyPair::new()).await, (401, "identity_bound"))
        .await;
    before
        .only_refused(&struck.registers().await, (401, "device_revoked"))
        .await;
    device("pump-3").enrolls(&KeyPair::new()).await.certified();
    assert_eq!(
        operator.looks_at_certificate(&pump, &certified).await["place"],
        "current",
        "its history and its certificate stay"
    );
    house.ends_well().await;
}

#[story]
async fn a_192_an_enrollment_made_anew_takes_over_no_device() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let fan = operator.enrolls("fan-1").await;
    fan.its_device().enrolls(&KeyPair::new()).await.certified();
    operator.enrolls("fan-2").await;
    for path in ["/enrollments/fan-1", "/enrollments/FAN-2"] {
        deletes(&operator, path).await;
        let before = house.stands().await;
        let again = operator
            .asks(Request::new("DELETE", &operator.target(path)))
            .await;
        before.refused_at_the_rim(&again, (404, "not_found")).await;
    }
    let before = house.stands().await;
    // The device is bound to what is gone: a group's word for it, or a new enrollment, is another credential.
    let by_group = group.device("fan-1").enrolls(&KeyPair::new()).await;
    before.only_refused(&by_group, (401, "identity_bound")).await;
    let anew = operator
        .posts("/enrollments", &json!({ "registrationId": "fan-1" }))
        .await;
    before.refused_at_the_rim(&anew, (422, "invalid")).await;
    let anew = puts(&operator, "/enrollments/fan-1", &json!({})).await;
    before.refused_at_the_rim(&anew, (422, "invalid")).await;
    // Nobody was ever bound to the other.
    operator
        .enrolls("fan-2")
        .await
        .its_device()
        .enrolls(&KeyPair::new())
        .await
        .certified();
    house.ends_well().await;
}

#[story]
async fn a_180_a_sealed_key_opens_in_its_own_place_only() {
    let house = House::new().await;
    let operator = house.operator();
    let (line, hall) = (
        operator.creates_group("line").await,
        operator.creates_group("hall").await,
    );
    let id = |name: &str| format!("(SELECT id FROM enrollment_group WHERE name = '{name}')");
    let sealed = |column: &str, name: &str| {
        format!(
            "(SELECT {column} FROM enrollment_symmetric_key WHERE enrollment_id = {})",
            id(name)
        )
    };
    let pumps = [line.device("pump-1"), hall.device("pump-2")];
    for pump in &pumps {
        pump.registers().await.assigned();
    }
    let memory = house.memory();
    let swaps = [
        // Between two rows, and between the columns of one.
        ("primary_key", sealed("primary_key", "hall")),
        ("primary_key", sealed("secondary_key", "line")),
        ("secondary_key", sealed("primary_key", "line")),
    ];
    for (column, from) in swaps {
        let kept = memory
            .rows(&format!(
                "SELECT {column} FROM enrollment_symmetric_key WHERE enrollment_id = {}",
                id("line")
            ))
            .await;
        let kept: Vec<u8> = kept[0].get(0);
        let set = |to: &str| {
            format!(
                "UPDATE enrollment_symmetric_key SET {column} = {to} WHERE enrollment_id = {}",
                id("line")
            )
        };
        memory.writes(&set(&from), &[]).await;
        operator.enables("groups/hall").await;
        // What does not open admits nobody; its neighbour goes on.
        let told = pumps[0].registers().await;
        told.refused(401, "token_signature");
        pumps[1].registers().await.assigned();
        let fault = operator
            .posts("/groups/line/regenerate-key", &json!({ "slot": "primary" }))
            .await;
        assert_eq!(
            fault.status,
            500,
            "what does not open is not sealed anew: {}",
            fault.text()
        );
        memory.writes(&set("$1"), &kept).await;
        operator.enables("groups/hall").await;
        pumps[0].registers().await.assigned();
    }
    house.ends_well().await;
}

const KEY: &str = "8isrFI1sGsIlvvFSSFRiMfCNzv21fjbE/+ah/lSh3lF8e2YG1Te7w1KpZhJFFXJrqYKi9yegxkqIChbqOS9Egw==";
const OTHER_KEY: &str = "c2VjcmV0IG9mIGFub3RoZXIgbGluZSwgbG9uZyBlbm91Z2ggdG8gYmUgb25l";
