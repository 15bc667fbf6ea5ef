// SPDX-License-Identifier: Apache-2.0
//! Stations that reach beyond what they are: other organizations, other groups, more than they may, when they may not
//!

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::story;
use tamga_tests::wire::Request;
use tamga_x509::time::Clock as _;

fn csr(unit: &str) -> Value {
    json!({ "csr": BASE64.encode(&KeyPair::new().request(unit)) })
}

#[story]
async fn a_190_of_a_hundred_units_at_the_limit_as_many_are_furnished_as_are_left() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let station = house
        .station("flash-1", "line", json!({ "maximumCertificates": 3 }))
        .await;
    for unit in ["pump-a", "pump-b"] {
        station.furnishes(unit, &KeyPair::new()).await.certified();
    }
    let asking: Vec<_> = (0..100)
        .map(|number| {
            let station = station.clone();
            tokio::spawn(async move {
                let told = station
                    .furnishes(&format!("pump-{number}"), &KeyPair::new())
                    .await;
                match told.answer.status {
                    200 => 1,
                    _ => {
                        told.refused(409, "station_limit");
                        0
                    }
                }
            })
        })
        .collect();
    let mut furnished = 0;
    for asked in asking {
        furnished += asked.await.expect("it ended");
    }
    assert_eq!(furnished, 1);
    assert_eq!(operator.counts_at(&station).await, 3);
    // What was furnished is told again all the same.
    let before = house.stands().await;
    let refused = station.furnishes("pump-late", &KeyPair::new()).await;
    before
        .refused_to(&station.principal, &refused.answer, (409, "station_limit"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_day_has_its_own_limit_and_the_next_day_another() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house
        .station("flash-1", "line", json!({ "maximumPerDay": 1 }))
        .await;
    let key = KeyPair::new();
    let furnished = station.furnishes("pump-1", &key).await.certified();
    let before = house.stands().await;
    let refused = station.furnishes("pump-2", &KeyPair::new()).await;
    before
        .refused_to(&station.principal, &refused.answer, (409, "station_day_limit"))
        .await;
    assert_eq!(station.furnishes("pump-1", &key).await.certified(), furnished);
    house.lets_pass(Duration::from_hours(24)).await;
    station.furnishes("pump-2", &KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_018_of_two_units_with_one_key_one_is_furnished() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let key = Arc::new(KeyPair::new());
    let asking: Vec<_> = ["pump-1", "pump-2"]
        .into_iter()
        .map(|unit| {
            let (station, key) = (station.clone(), key.clone());
            tokio::spawn(async move { station.furnishes(unit, &key).await })
        })
        .collect();
    let mut statuses = Vec::new();
    for asked in asking {
        let told = asked.await.expect("it ended");
        if told.answer.status != 200 {
            let problem = told.refused(409, "key_in_use");
            assert!(problem["earlierUnit"]["deviceId"].is_string(), "{problem}");
        }
        statuses.push(told.answer.status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    house.ends_well().await;
}

#[story]
async fn a_disabled_a_removed_and_an_expired_station_are_nobody() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let until = house
        .clock
        .now()
        .saturating_add(Duration::from_hours(1))
        .to_rfc3339();
    let expiring = house
        .station("flash-1", "line", json!({ "validUntil": until }))
        .await;
    let other = house.station("flash-2", "line", json!({})).await;
    expiring.furnishes("pump-1", &KeyPair::new()).await.certified();
    operator.disables("stations/flash-2").await;
    let before = house.stands().await;
    let nobody = async |station: &tamga_tests::station::Station| {
        let told = station.furnishes("pump-2", &KeyPair::new()).await;
        before
            .refused_at_the_rim(&told.answer, (401, "unauthenticated"))
            .await;
        before.counts_no_row(&told.answer).await;
    };
    nobody(&other).await;
    // Nor has anybody else anything made there.
    let target = "/devices/pump-2/certificates?station=flash-2";
    let told = operator.posts(target, &csr("pump-2")).await;
    before.refused_at_the_rim(&told, (409, "station_disabled")).await;
    operator.enables("stations/flash-2").await;
    other.furnishes("pump-2", &KeyPair::new()).await.certified();
    house.lets_pass(Duration::from_hours(2)).await;
    let before = house.stands().await;
    let told = expiring.furnishes("pump-3", &KeyPair::new()).await;
    before
        .refused_at_the_rim(&told.answer, (401, "unauthenticated"))
        .await;
    let told = operator
        .posts("/devices/pump-3/certificates?station=flash-1", &csr("pump-3"))
        .await;
    before
        .refused_at_the_rim(&told, (409, "station_outside_period"))
        .await;
    let removed = Request::new("DELETE", &operator.target("/stations/flash-2"));
    assert_eq!(operator.asks(removed).await.status, 204);
    let before = house.stands().await;
    let told = other.furnishes("pump-3", &KeyPair::new()).await;
    before
        .refused_at_the_rim(&told.answer, (401, "unauthenticated"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_station_acts_where_it_is_and_for_itself_alone() {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    operator.creates_group("line").await;
    operator.makes_organization(&own, "yard").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let other = house.station("flash-2", "line", json!({})).await;
    let before = house.stands().await;
    // Below where it is there is nothing for it, as if there were no such organization.
    for elsewhere in ["yard", "nowhere"] {
        let below = station.visitor.within(elsewhere);
        let told = below.posts("/devices/pump-1/certificates", &csr("pump-1")).await;
        before
            .refused_to(&station.principal, &told, (404, "not_found"))
            .await;
    }
    let named = format!("/devices/pump-1/certificates?station={}", other.name);
    let told = station.visitor.posts(&named, &csr("pump-1")).await;
    before
        .refused_to(&station.principal, &told, (422, "invalid"))
        .await;
    let told = station
        .visitor
        .posts("/devices/pump-1/certificates?station=flash-9", &csr("pump-1"))
        .await;
    before
        .refused_to(&station.principal, &told, (404, "not_found"))
        .await;
    for path in ["/groups", "/stations", "/tokens"] {
        let told = station.visitor.gets(path).await;
        before
            .refused_to(&station.principal, &told, (403, "forbidden"))
            .await;
    }
    // Whoever is no station names one.
    let told = operator
        .posts("/devices/pump-1/certificates", &csr("pump-1"))
        .await;
    before.refused_at_the_rim(&told, (422, "invalid")).await;
    // Itself it may name.
    let told = station
        .visitor
        .posts("/devices/pump-1/certificates?station=FLASH-1", &csr("pump-1"))
        .await;
    assert_eq!(told.status, 200, "{}", told.text());
    house.ends_well().await;
}

#[story]
async fn nobody_gives_a_station_more_than_a_factorys_role_or_to_another_organization() {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    operator.creates_group("line").await;
    operator.makes_organization(&own, "yard").await;
    let principal = operator.makes_station("flash-1", "line", json!({})).await;
    let before = house.stands().await;
    for (organization, role, refusal) in [
        (own.as_str(), "operator", (403, "beyond_own_rights")),
        (&own, "administrator", (403, "beyond_own_rights")),
        ("yard", "factory", (404, "not_found")),
    ] {
        let target = format!("/v1/organizations/{organization}/tokens");
        let token = json!({ "name": "story", "holder": principal, "role": role });
        let told = operator.asks(Request::new("POST", &target).json(&token)).await;
        before.refused_at_the_rim(&told, refusal).await;
    }
    let given = json!({ "principal": principal, "role": "operator" });
    let told = operator.posts("/assignments", &given).await;
    assert!([400, 422].contains(&told.status), "{}", told.text());
    before.is_as_before(&told.text()).await;
    house.ends_well().await;
}

#[story]
async fn the_key_of_another_organization_is_in_use_and_nothing_more_is_told() {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    let line = operator.creates_group("line").await;
    operator.makes_organization(&own, "yard").await;
    let key = KeyPair::new();
    line.device("secret-1").enrolls(&key).await.certified();
    // An organization below may use what its parent grants it: none here, so its own station stands with another group.
    let station = house.station("flash-1", "line", json!({})).await;
    let before = house.stands().await;
    let told = station.furnishes("pump-1", &key).await;
    let problem = told.refused(409, "key_in_use");
    assert_eq!(
        problem["earlierUnit"]["registrationId"], "secret-1",
        "at home it is named"
    );
    before
        .refused_to(&station.principal, &told.answer, (409, "key_in_use"))
        .await;
    // The same key as another organization's.
    house
        .memory()
        .writes(
            "UPDATE subject_key SET organization_id = NULL, device_id = NULL, role = 'stranger' WHERE spki_hash = $1",
            &key.spki_hash(),
        )
        .await;
    let told = station.furnishes("pump-1", &key).await;
    let problem = told.refused(409, "key_in_use");
    assert_eq!(problem.get("earlierUnit"), None, "{problem}");
    assert!(!told.answer.text().contains("secret-1"));
}

#[story]
async fn what_a_station_asks_tells_itself_and_takes_no_other_key() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let before = house.stands().await;
    let keyed = Request::new("POST", &station.target("pump-1"))
        .header("Idempotency-Key", "one")
        .json(&csr("pump-1"));
    let told = station.asks(keyed).await;
    before
        .refused_at_the_rim(&told.answer, (400, "idempotency_key_unneeded"))
        .await;
    for (media, body, refusal) in [
        ("text/plain", b"x".to_vec(), (415, "media_type")),
        ("application/json", b"{}".to_vec(), (400, "body_malformed")),
        (
            "application/json",
            b"{\"csr\":\"?\"}".to_vec(),
            (400, "body_malformed"),
        ),
        (
            "application/json",
            b"{\"csr\":\"AQID\",\"label\":{\"a\":\"{b}\"}}".to_vec(),
            (422, "invalid"),
        ),
        ("application/pkcs10", b"x".to_vec(), (422, "csr_malformed")),
    ] {
        let request = Request::new("POST", &station.target("pump-1"))
            .header("Content-Type", media)
            .body(body);
        let told = station.asks(request).await;
        before.refused_at_the_rim(&told.answer, refusal).await;
    }
    for query in ["?station=a&station=b", "?other=a", "?station="] {
        let request = Request::new("POST", &format!("{}{query}", station.target("pump-1")));
        let told = station.asks(request.json(&csr("pump-1"))).await;
        before
            .refused_at_the_rim(&told.answer, (400, "query_invalid"))
            .await;
    }
    house.ends_well().await;
}
