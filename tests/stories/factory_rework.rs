// SPDX-License-Identifier: Apache-2.0
//! Units that are no good: scrapped for good, or reworked and given exactly one more certificate.

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::station::Station;
use tamga_tests::story;
use tamga_tests::wire::{Answer, Request};

async fn scraps(station: &Station, unit: &str) -> Answer {
    let path = format!("/devices/{unit}/scrap");
    station.visitor.posts(&path, &Value::Null).await
}

async fn reworks(station: &Station, unit: &str) -> Answer {
    let path = format!("/devices/{unit}/rework");
    station.visitor.posts(&path, &Value::Null).await
}

#[story]
async fn a_scrapped_unit_is_revoked_comes_back_by_no_road_and_keeps_its_name() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let key = KeyPair::new();
    station.furnishes("pump-1", &key).await.certified();
    let scrapped = scraps(&station, "PUMP-1").await;
    assert_eq!(scrapped.status, 200, "{}", scrapped.text());
    assert_eq!(scrapped.json()["certificates"].as_array().map(Vec::len), Some(1));
    let seen = operator.looks_at(&group.device("pump-1")).await;
    assert_eq!(seen["revoked"]["reason"], "cessation_of_operation", "{seen}");
    assert_eq!(seen["certificates"][0]["state"], "revoked");
    let again = scraps(&station, "pump-1").await;
    assert_eq!(again.json()["already"], true, "{}", again.text());
    let journal = "SELECT actor FROM journal WHERE act = 'unit.scrap' AND outcome = 'done'";
    let actor: String = house.memory().rows(journal).await[0].get(0);
    assert_eq!(actor, station.principal);
    let before = house.stands().await;
    for key in [&key, &KeyPair::new()] {
        let told = station.furnishes("pump-1", key).await;
        before
            .refused_to(&station.principal, &told.answer, (409, "device_revoked"))
            .await;
    }
    let told = reworks(&station, "pump-1").await;
    before
        .refused_to(&station.principal, &told, (409, "device_revoked"))
        .await;
    let told = group.device("pump-1").enrolls(&KeyPair::new()).await;
    before.only_refused(&told, (401, "device_revoked")).await;
    house.ends_well().await;
}

#[story]
async fn a_rework_yields_exactly_one_more_certificate_under_a_new_key() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator
        .creates_group_with("line", json!({ "rekey": "refuse" }))
        .await;
    let station = house
        .station("flash-1", "line", json!({ "maximumReworks": 2 }))
        .await;
    let first = station.furnishes("pump-1", &KeyPair::new()).await;
    let device = first.unit()["deviceId"].clone();
    station
        .furnishes("pump-1", &KeyPair::new())
        .await
        .refused(409, "unit_exists");
    let reworked = reworks(&station, "pump-1").await;
    assert_eq!(reworked.status, 200, "{}", reworked.text());
    assert_eq!(reworked.json()["reworks"], 1);
    assert_eq!(reworked.json()["certificates"].as_array().map(Vec::len), Some(1));
    let twice = reworks(&station, "pump-1").await.json();
    assert_eq!((&twice["reworks"], &twice["already"]), (&json!(1), &json!(true)));
    let seen = operator.looks_at(&group.device("pump-1")).await;
    assert_eq!(
        seen["certificates"][0]["revoked"]["reason"], "superseded",
        "{seen}"
    );
    // Of many that race for it one is furnished.
    let racing: Vec<_> = (0..6)
        .map(|_| {
            let station = station.clone();
            tokio::spawn(async move { station.furnishes("pump-1", &KeyPair::new()).await })
        })
        .collect();
    let mut furnished = 0;
    for raced in racing {
        let told = raced.await.expect("it ended");
        if told.answer.status == 200 {
            assert_eq!(told.unit()["deviceId"], device, "it is the same unit");
            furnished += 1;
        } else {
            told.refused(409, "unit_exists");
        }
    }
    assert_eq!(furnished, 1);
    assert_eq!(operator.counts_at(&station).await, 2);
    // The second rework is the last.
    assert_eq!(reworks(&station, "pump-1").await.json()["reworks"], 2);
    station.furnishes("pump-1", &KeyPair::new()).await.certified();
    let before = house.stands().await;
    let told = reworks(&station, "pump-1").await;
    before
        .refused_to(&station.principal, &told, (409, "rework_limit"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_rework_revokes_all_that_the_unit_has_and_what_is_under_way() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    station.furnishes("pump-1", &KeyPair::new()).await.certified();
    // At its own door it had another one since, and one more in its place: all three are good.
    let pump = group.device("pump-1");
    for _ in 0..2 {
        pump.enrolls(&KeyPair::new()).await.certified();
    }
    house.watch.holds();
    let key = KeyPair::new();
    let (told, reworked) = tokio::join!(pump.enrolls(&key), async {
        eventually("the intent is kept", || async {
            let intended =
                "SELECT count(*) FROM certificate WHERE state = 'intended' AND device_id IS NOT NULL";
            (house.memory().number(intended).await == 1).then_some(())
        })
        .await;
        let reworked = reworks(&station, "pump-1").await;
        house.watch.lets_go();
        reworked
    });
    assert_eq!(reworked.status, 200, "{}", reworked.text());
    assert_eq!(reworked.json()["certificates"].as_array().map(Vec::len), Some(4));
    assert!(told.chain().is_empty(), "{}", told.answer.text());
    let seen = operator.looks_at(&pump).await;
    let certificates = seen["certificates"].as_array().expect("certificates");
    assert_eq!(certificates.len(), 4);
    for one in certificates {
        assert_eq!(one["revoked"]["reason"], "superseded", "{seen}");
    }
    let failed = "SELECT count(*) FROM issuance_order WHERE state = 'failed' AND failure = 'unit_reworked'";
    assert_eq!(house.memory().number(failed).await, 1);
    station.furnishes("pump-1", &KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn the_key_that_a_rework_replaces_has_nothing_more_made_on_the_line() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let (old, new) = (KeyPair::new(), KeyPair::new());
    station.furnishes("pump-1", &old).await.certified();
    assert_eq!(reworks(&station, "pump-1").await.status, 200);
    let before = house.stands().await;
    let told = station.furnishes("pump-1", &old).await;
    before
        .refused_to(&station.principal, &told.answer, (409, "unit_exists"))
        .await;
    let reworked = station.furnishes("pump-1", &new).await.certified();
    let before = house.stands().await;
    let told = station.furnishes("pump-1", &old).await;
    before
        .refused_to(&station.principal, &told.answer, (409, "unit_exists"))
        .await;
    assert_eq!(station.furnishes("pump-1", &new).await.certified(), reworked);
    house.ends_well().await;
}

#[story]
async fn a_unit_that_is_kept_out_is_not_reworked() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    station.furnishes("pump-1", &KeyPair::new()).await.certified();
    operator.disables("devices/pump-1").await;
    let before = house.stands().await;
    let told = reworks(&station, "pump-1").await;
    before
        .refused_to(&station.principal, &told, (409, "device_disabled"))
        .await;
    operator.enables("devices/pump-1").await;
    assert_eq!(reworks(&station, "pump-1").await.status, 200);
    house.ends_well().await;
}

#[story]
async fn a_unit_deleted_and_made_anew_was_reworked_as_often_as_before() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let station = house
        .station("flash-1", "line", json!({ "maximumReworks": 1 }))
        .await;
    station.furnishes("pump-1", &KeyPair::new()).await.certified();
    assert_eq!(reworks(&station, "pump-1").await.json()["reworks"], 1);
    for _ in 0..2 {
        assert_eq!(operator.deletes("/devices/pump-1").await.status, 200);
        station.furnishes("pump-1", &KeyPair::new()).await.certified();
    }
    let before = house.stands().await;
    let told = reworks(&station, "pump-1").await;
    before
        .refused_to(&station.principal, &told, (409, "rework_limit"))
        .await;
    house.ends_well().await;
}

#[story]
async fn the_unit_of_a_name_stays_the_one_when_its_group_is_given_another_profile() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let (pump, fan) = (KeyPair::new(), KeyPair::new());
    let first = station.furnishes("pump-1", &pump).await.certified();
    station.furnishes("fan-1", &fan).await.certified();
    let short = json!({
        "schema": 1, "usage": "device", "validity": "30d", "backdate": "1h",
        "key_algorithms": ["P-256"], "key_usage": ["digitalSignature"], "extended_key_usage": ["clientAuth"],
        "rotation": "optional", "renewal": { "opens_at_percent": 67, "jitter_percent": 5 },
        "birth_key_as_operational": false,
    });
    let made = operator
        .posts("/profiles", &json!({ "name": "short", "config": short }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let put = Request::new("PUT", &operator.target("/groups/line")).json(&json!({ "profile": "short" }));
    let put = operator.asks(put).await;
    assert_eq!(put.status, 200, "{}", put.text());
    let before = house.stands().await;
    for unit in ["pump-1", "fan-1"] {
        let told = station.furnishes(unit, &KeyPair::new()).await;
        before
            .refused_to(&station.principal, &told.answer, (409, "unit_exists"))
            .await;
    }
    let again = station.furnishes("pump-1", &pump).await.certified();
    assert_ne!(again, first, "by the new profile");
    // Reworked it has its one more by the new profile at once.
    assert_eq!(reworks(&station, "fan-1").await.status, 200);
    station.furnishes("fan-1", &fan).await.refused(409, "unit_exists");
    station.furnishes("fan-1", &KeyPair::new()).await.certified();
    station
        .furnishes("fan-1", &KeyPair::new())
        .await
        .refused(409, "unit_exists");
    house.ends_well().await;
}

#[story]
async fn where_the_station_says_so_the_old_certificate_stays_good_beside_the_new_one() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let station = house
        .station("flash-1", "line", json!({ "reworkRevokes": false }))
        .await;
    station.furnishes("pump-1", &KeyPair::new()).await.certified();
    let reworked = reworks(&station, "pump-1").await.json();
    assert_eq!(reworked["certificates"], json!([]));
    station.furnishes("pump-1", &KeyPair::new()).await.certified();
    let seen = operator.looks_at(&group.device("pump-1")).await;
    let states: Vec<&Value> = seen["certificates"]
        .as_array()
        .expect("certificates")
        .iter()
        .map(|certificate| &certificate["state"])
        .collect();
    assert_eq!(states, ["issued", "issued"], "{seen}");
    house.ends_well().await;
}

#[story]
async fn a_rework_asked_for_again_at_a_station_that_revokes_strikes_what_another_had_spared() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let spares = house
        .station("flash-1", "line", json!({ "reworkRevokes": false }))
        .await;
    let strikes = house.station("flash-2", "line", json!({})).await;
    spares.furnishes("pump-1", &KeyPair::new()).await.certified();
    let told = |answer: &Answer| {
        let told = answer.json();
        let struck = told["certificates"].as_array().map(Vec::len);
        (told["reworks"].clone(), told["already"].clone(), struck)
    };
    let opened = reworks(&spares, "pump-1").await;
    assert_eq!(told(&opened), (json!(1), json!(false), Some(0)));
    let again = reworks(&strikes, "pump-1").await;
    assert_eq!(told(&again), (json!(1), json!(true), Some(1)));
    let pump = group.device("pump-1");
    let seen = operator.looks_at(&pump).await;
    assert_eq!(
        seen["certificates"][0]["revoked"]["reason"], "superseded",
        "{seen}"
    );
    // Nor does it keep what it got at its own door meanwhile.
    pump.enrolls(&KeyPair::new()).await.certified();
    let once_more = reworks(&strikes, "pump-1").await;
    assert_eq!(told(&once_more), (json!(1), json!(true), Some(1)));
    let nothing = reworks(&strikes, "pump-1").await;
    assert_eq!(told(&nothing), (json!(1), json!(true), Some(0)));
    strikes.furnishes("pump-1", &KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_station_scraps_and_reworks_units_of_its_own_group_alone() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let other = operator.creates_group("other").await;
    let station = house.station("flash-1", "line", json!({})).await;
    other.device("fan-1").enrolls(&KeyPair::new()).await.certified();
    let before = house.stands().await;
    for unit in ["fan-1", "nobody"] {
        for told in [scraps(&station, unit).await, reworks(&station, unit).await] {
            before
                .refused_to(&station.principal, &told, (404, "not_found"))
                .await;
        }
    }
    // An operator names the station whose terms hold.
    let told = operator.posts("/devices/fan-1/rework", &Value::Null).await;
    before.refused_at_the_rim(&told, (422, "invalid")).await;
    let told = operator.posts("/devices/fan-1/scrap", &Value::Null).await;
    assert_eq!(told.status, 200, "an operator scraps any unit: {}", told.text());
    house.ends_well().await;
}

#[story]
async fn whoever_is_no_station_scraps_the_units_of_the_one_it_names_or_may_revoke_devices() {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    operator.creates_group("line").await;
    let other = operator.creates_group("other").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let disabled = house.station("flash-2", "line", json!({})).await;
    operator.disables(&format!("stations/{}", disabled.name)).await;
    for unit in ["pump-1", "pump-2"] {
        station.furnishes(unit, &KeyPair::new()).await.certified();
    }
    other.device("fan-1").enrolls(&KeyPair::new()).await.certified();
    let principal = operator.makes_account(&own, "foreman", Some("factory")).await;
    let foreman = operator.makes_token(&own, &principal, "factory").await;
    let foreman = house.visitor().with_token(&foreman.text);
    let scraps = async |path: &str| foreman.posts(&format!("/devices/{path}"), &Value::Null).await;
    let before = house.stands().await;
    for (path, refusal) in [
        // A role of the factory alone reaches no device that is not of a line.
        ("fan-1/scrap", (403, "forbidden")),
        ("pump-1/scrap", (403, "forbidden")),
        ("fan-1/scrap?station=flash-1", (404, "not_found")),
        ("nobody/scrap?station=flash-1", (404, "not_found")),
        ("pump-1/scrap?station=flash-9", (404, "not_found")),
        ("pump-1/scrap?station=flash-2", (409, "station_disabled")),
    ] {
        before.refused_to(&principal, &scraps(path).await, refusal).await;
    }
    let told = station
        .visitor
        .posts("/devices/pump-1/scrap?station=flash-2", &Value::Null)
        .await;
    before
        .refused_to(&station.principal, &told, (422, "invalid"))
        .await;
    let told = scraps("pump-1/scrap?station=flash-1").await;
    assert_eq!(told.status, 200, "{}", told.text());
    let journal = "SELECT reason FROM journal WHERE act = 'unit.scrap' AND outcome = 'done'";
    let detail: String = house.memory().rows(journal).await[0].get(0);
    assert!(detail.starts_with("cessation_of_operation, at sta_"), "{detail}");
    for unit in ["pump-2", "fan-1"] {
        let told = operator
            .posts(&format!("/devices/{unit}/scrap"), &Value::Null)
            .await;
        assert_eq!(told.status, 200, "an operator scraps any unit: {}", told.text());
    }
    house.ends_well().await;
}
