// SPDX-License-Identifier: Apache-2.0
//! Units that are no good: scrapped for good, or reworked and given exactly one more certificate.

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::station::Station;
use tamga_tests::story;
use tamga_tests::wire::Answer;

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
