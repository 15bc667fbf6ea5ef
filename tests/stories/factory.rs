// SPDX-License-Identifier: Apache-2.0
//! The factory's road: a station has units furnished, and the boxed device comes back by itself.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::json;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::openapi::Document;
use tamga_tests::patience::eventually;
use tamga_tests::story;
use tamga_tests::wire::Request;
use x509_parser::extensions::GeneralName;

#[story]
async fn a_station_furnishes_a_unit_in_one_call_and_the_same_call_yields_the_same_bytes() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house
        .station("Flash-1", "line", json!({ "line": "Hall 3", "product": "P-200" }))
        .await;
    let key = KeyPair::new();
    let label = json!({ "sticker": "SN {registrationId} {serial}", "plain": "{ }" });
    let asked = json!({ "csr": BASE64.encode(&key.request("Pump-1")), "label": label });
    let told = station.asks_for("Pump-1", &asked).await;
    let (unit, certified) = (told.unit(), told.certified());
    assert_eq!(unit["registrationId"], "Pump-1");
    assert_eq!(unit["serial"], certified.serial().as_str());
    assert_eq!(
        unit["label"]["sticker"],
        format!("SN Pump-1 {}", certified.serial())
    );
    assert_eq!(unit["label"]["plain"], "{ }");
    assert_eq!(certified.spki_hash(), key.spki_hash());
    let leaf = certified.read();
    let names = leaf.subject_alternative_name().expect("readable").expect("names");
    let [GeneralName::URI(uri)] = names.value.general_names[..] else {
        panic!("one URI: {names:?}")
    };
    assert_eq!(unit["spiffeId"], uri);
    assert!(uri.ends_with(unit["deviceId"].as_str().expect("a text")), "{uri}");
    // Again, in another spelling and another form: the same certificate.
    let again = Request::new("POST", &station.target("PUMP-1"))
        .header("Content-Type", "application/pkcs10")
        .body(key.request("Pump-1"));
    let again = station.asks(again).await;
    assert_eq!(again.certified(), certified);
    let pem = Request::new("POST", &station.target("Pump-1"))
        .header("Accept", "application/pem-certificate-chain")
        .json(&asked);
    let pem = station.asks(pem).await.answer;
    assert_eq!(
        pem.header("content-type"),
        Some("application/pem-certificate-chain")
    );
    assert_eq!(pem.text(), tamga_x509::pem::certificates(&certified.chain));
    assert_eq!(house.operator().counts_at(&station).await, 1);
    house.ends_well().await;
}

#[story]
async fn each_issue_is_told_with_its_station_as_actor() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let told = station.furnishes("pump-1", &KeyPair::new()).await;
    told.certified();
    let journal = "SELECT act, actor FROM journal WHERE act IN ('device.register', 'certificate.issue') \
                   AND actor LIKE 'station:%' ORDER BY act";
    let acts: Vec<(String, String)> = house
        .memory()
        .rows(journal)
        .await
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    let of_station = |act: &str| (act.to_owned(), station.principal.clone());
    assert_eq!(
        acts,
        [of_station("certificate.issue"), of_station("device.register")]
    );
    // An operator has a unit made there as well: the evidence says who it was.
    let key = KeyPair::new();
    let csr = json!({ "csr": BASE64.encode(&key.request("pump-2")) });
    let made = operator.posts("/devices/pump-2/certificates?station=flash-1", &csr);
    assert_eq!(made.await.status, 200);
    let evidence = "SELECT evidence FROM issuance_order o JOIN device d ON d.id = o.device_id \
                    WHERE d.registration_id = 'pump-2'";
    let evidence: String = house.memory().rows(evidence).await[0].get(0);
    let id = station.principal.trim_start_matches("station:");
    assert!(
        evidence.starts_with(&format!("station {id} by local:")),
        "{evidence}"
    );
    assert_eq!(operator.counts_at(&station).await, 2);
    house.ends_well().await;
}

#[story]
async fn a_unit_out_of_its_box_is_the_device_its_group_admits() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let key = KeyPair::new();
    let furnished = station.furnishes("pump-1", &key).await.certified();
    // It was furnished with the key of its group besides, and comes with that: it is the device it was made.
    let pump = group.device("pump-1");
    let told = pump.enrolls(&key).await;
    assert_eq!(told.certified(), furnished);
    assert_eq!(told.state()["deviceId"], "pump-1");
    // When its certificate is about to end it renews by itself, on a new key.
    house.lets_pass(Duration::from_hours(24 * 80)).await;
    let renewed = pump.enrolls(&KeyPair::new()).await.certified();
    assert_ne!(renewed, furnished);
    house.ends_well().await;
}

#[story]
async fn a_unit_is_furnished_once_however_many_ask_for_it_at_once() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let key = Arc::new(KeyPair::new());
    let asking = (0..12).map(|_| {
        let (station, key) = (station.clone(), key.clone());
        tokio::spawn(async move { station.furnishes("pump-1", &key).await.certified() })
    });
    let asking: Vec<_> = asking.collect();
    let mut told = Vec::new();
    for asked in asking {
        told.push(asked.await.expect("it ended"));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "all were told the same");
    assert_eq!(house.operator().counts_at(&station).await, 1);
    assert_eq!(house.signatures(), 1);
    house.ends_well().await;
}

#[story]
async fn a_unit_whose_certificate_is_on_its_way_is_asked_for_again() {
    let house = House::with(|settings| settings.door.patience = Duration::from_millis(200)).await;
    house.operator().creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let key = KeyPair::new();
    house.watch.holds();
    let told = station.furnishes("pump-1", &key).await.answer;
    assert_eq!(
        (told.status, told.json()["state"].as_str()),
        (202, Some("pending")),
        "{}",
        told.text()
    );
    assert_eq!(told.header("retry-after"), Some("1"));
    house.watch.lets_go();
    let furnished = eventually("the certificate", || async {
        let told = station.furnishes("pump-1", &key).await;
        (told.answer.status == 200).then_some(told)
    });
    furnished.await.certified();
    assert_eq!(house.signatures(), 1);
    house.ends_well().await;
}

#[story]
async fn a_duplicate_is_refused_and_the_earlier_unit_named() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let station = house.station("Flash-1", "line", json!({})).await;
    let other = house.station("flash-2", "line", json!({})).await;
    let key = KeyPair::new();
    let unit = station.furnishes("Pump-1", &key).await.unit();
    let own = group.device("fan-1");
    let own_key = KeyPair::new();
    own.enrolls(&own_key).await.certified();

    let before = house.stands().await;
    let named = other.furnishes("pump-1", &KeyPair::new()).await;
    let problem = named.refused(409, "unit_exists");
    let earlier = &problem["earlierUnit"];
    assert_eq!(earlier["registrationId"], "Pump-1");
    assert_eq!(earlier["deviceId"], unit["deviceId"]);
    assert_eq!(earlier["station"], "Flash-1");
    assert!(earlier["since"].is_string(), "{problem}");
    before
        .refused_to(&other.principal, &named.answer, (409, "unit_exists"))
        .await;
    let keyed = other.furnishes("pump-2", &key).await;
    let problem = keyed.refused(409, "key_in_use");
    assert_eq!(problem["earlierUnit"]["deviceId"], unit["deviceId"]);
    before
        .refused_to(&other.principal, &keyed.answer, (409, "key_in_use"))
        .await;
    // A device that enrolled by itself is an earlier unit as well; only no station made it.
    let own = station.furnishes("fan-1", &KeyPair::new()).await;
    let problem = own.refused(409, "unit_exists");
    assert_eq!(problem["earlierUnit"]["registrationId"], "fan-1");
    assert_eq!(problem["earlierUnit"].get("station"), None, "{problem}");
    before
        .refused_to(&station.principal, &own.answer, (409, "unit_exists"))
        .await;
    house.ends_well().await;
}

#[story]
async fn the_factorys_road_answers_as_described() {
    let house = House::new().await;
    let document = Document::of("admin");
    let operator = house.operator();
    operator.creates_group("line").await;
    let key = KeyPair::new();
    let csr = json!({ "csr": BASE64.encode(&key.request("pump-1")), "label": { "a": "{serial}" } });
    let other = json!({ "csr": BASE64.encode(&KeyPair::new().request("pump-1")) });
    let full = json!({
        "name": "flash-1", "group": "line", "line": "Hall 3", "product": "P-200", "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2099-01-01T00:00:00+01:00", "maximumCertificates": 5, "maximumPerDay": 5,
    });
    let named = "/devices/pump-1/certificates?station=flash-1";
    let calls = [
        ("POST", "/stations", Some(full.clone()), 201),
        ("POST", "/stations", Some(full), 409),
        (
            "POST",
            "/stations",
            Some(json!({ "name": "flash-2", "group": "nobody" })),
            404,
        ),
        (
            "POST",
            "/stations",
            Some(json!({ "name": "flash-2", "group": "line", "maximumPerDay": 0 })),
            422,
        ),
        ("POST", "/stations", Some(json!({ "name": "flash-2" })), 400),
        ("GET", "/stations", None, 200),
        ("GET", "/stations?sort=-name&limit=1", None, 200),
        ("GET", "/stations/FLASH-1", None, 200),
        ("GET", "/stations/nobody", None, 404),
        ("POST", named, Some(csr.clone()), 200),
        ("POST", named, Some(csr.clone()), 200),
        ("POST", named, Some(other), 409),
        ("POST", named, Some(json!({ "csr": "AQID" })), 422),
        ("POST", named, Some(json!({ "csr": "?" })), 400),
        ("POST", "/devices/pump-1/certificates", Some(csr.clone()), 422),
        ("POST", "/stations/flash-1/disable", None, 204),
        ("POST", named, Some(csr), 409),
        ("POST", "/stations/flash-1/enable", None, 204),
        ("POST", "/stations/nobody/enable", None, 404),
        ("DELETE", "/stations/flash-1", None, 204),
        ("DELETE", "/stations/flash-1", None, 404),
    ];
    for (method, path, body, status) in calls {
        let target = operator.target(path);
        let request = Request::new(method, &target);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = operator.asks(request).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        document.assert_describes(method, &target, &answer);
    }
    house.ends_well().await;
}

#[story]
async fn a_pinned_certificate_proves_a_station_as_well_as_a_token() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let principal = operator.makes_station("flash-1", "line", json!({})).await;
    let birth = tamga_tests::vendor::Birth::self_signed("flash-1", &operator.door.clock);
    let pin = json!({ "holder": principal, "certificate": BASE64.encode(birth.leaf()) });
    let pinned = operator.posts("/client-certificates", &pin).await;
    assert_eq!(pinned.status, 201, "{}", pinned.text());
    let visitor = house.visitor();
    let visitor = visitor.speaking(birth.shown_by(&visitor.tls));
    let csr = json!({ "csr": BASE64.encode(&KeyPair::new().request("pump-1")) });
    let made = visitor.posts("/devices/pump-1/certificates", &csr).await;
    assert_eq!(made.status, 200, "{}", made.text());
    house.ends_well().await;
}

#[story]
async fn whoever_may_remove_no_station_removes_no_group_that_has_any() {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    operator.creates_group("line").await;
    operator.creates_group("bare").await;
    let stations = [
        house.station("Flash-1", "line", json!({})).await,
        house.station("flash-2", "line", json!({})).await,
    ];
    stations[0].furnishes("pump-1", &KeyPair::new()).await.certified();
    let olga = operator.makes_account(&own, "olga", Some("operator")).await;
    let token = operator.makes_token(&own, &olga, "operator").await;
    let visitor = house.visitor().with_token(&token.text);
    let before = house.stands().await;
    let told = visitor.deletes("/groups/line").await;
    before.refused_to(&olga, &told, (403, "forbidden")).await;
    assert!(told.text().contains("station:delete"), "{}", told.text());
    let told = visitor.deletes("/groups/bare").await;
    assert_eq!(told.status, 204, "it has none: {}", told.text());

    let told = operator.deletes("/groups/line").await;
    assert_eq!(told.status, 204, "{}", told.text());
    let request = told.header("x-ms-request-id").expect("an id").to_owned();
    let journal = operator
        .gets(&format!("/journal?trackingId={request}"))
        .await
        .json();
    let mut rows: Vec<(&str, &str)> = journal["items"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let text = |member: &str| row[member].as_str().expect("a text");
            assert_eq!(text("outcome"), "done", "{row}");
            (text("act"), text("object"))
        })
        .collect();
    rows.sort_unstable();
    assert_eq!(
        rows,
        [
            ("group.delete", "line"),
            ("station.delete", "Flash-1"),
            ("station.delete", "flash-2")
        ]
    );
    for station in &stations {
        let told = station.furnishes("pump-2", &KeyPair::new()).await;
        told.refused(401, "unauthenticated");
    }
    house.ends_well().await;
}
