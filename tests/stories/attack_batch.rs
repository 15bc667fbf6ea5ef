// SPDX-License-Identifier: Apache-2.0
//! Rows of one call that reach in as many directions: each is judged for itself, and none gets what its sender may not.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::operator::Operator;
use tamga_tests::station::Station;
use tamga_tests::story;
use tamga_tests::wire::Request;

fn row(unit: &str, key: &KeyPair) -> Value {
    json!({ "registrationId": unit, "csr": BASE64.encode(&key.request(unit)) })
}

/// Sends these rows. Told are the answers, by the number of their line, and the last line.
async fn sends(station: &Station, query: &str, rows: &[Value]) -> (BTreeMap<u64, Value>, Value) {
    let lines: Vec<String> = rows.iter().map(|row| format!("{row}\n")).collect();
    let target = station.visitor.target(&format!("/certificates:batch{query}"));
    let request = Request::new("POST", &target)
        .header("Content-Type", "application/jsonl")
        .body(lines.concat().into_bytes());
    let answer = station.visitor.asks(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let mut told: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let end = told.pop().expect("a last line");
    let by_line = told
        .into_iter()
        .map(|told| (told["line"].as_u64().expect("a number"), told));
    (by_line.collect(), end["end"].clone())
}

/// A neighbour with a device of its own, and all that is seen of it there.
async fn neighbour(operator: &Operator, slug: &str) -> Operator {
    let own = operator.organization.clone();
    operator.makes_organization(&own, slug).await;
    operator.grants("profile", "device", slug).await;
    operator.grants("issuer", "device-issuer", slug).await;
    let mut elsewhere = operator.clone();
    elsewhere.organization = slug.to_owned();
    let scopes = elsewhere.gets("/id-scopes").await.json();
    elsewhere.door.scope = scopes["items"][0].as_str().expect("a scope").to_owned();
    elsewhere
}

#[story]
async fn a_146_each_row_of_a_batch_is_judged_for_itself_and_none_reaches_beyond_its_station() {
    let house = House::new().await;
    let operator = house.operator();
    let yard = neighbour(&operator, "yard").await;
    let (theirs, secret) = (KeyPair::new(), yard.creates_group("line").await);
    secret.device("secret-1").enrolls(&theirs).await.certified();
    let other = operator.creates_group("other").await;
    operator.creates_group("line").await;
    operator.enrolls("named-1").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let (mine, elsewhere, gone) = (KeyPair::new(), KeyPair::new(), KeyPair::new());
    other.device("fan-1").enrolls(&elsewhere).await.certified();
    station.furnishes("gone-1", &gone).await.certified();
    let scrapped = station.visitor.posts("/devices/gone-1/scrap", &Value::Null).await;
    assert_eq!(scrapped.status, 200, "{}", scrapped.text());
    let of_yard = yard.gets("/devices").await.json();

    let with = |member: &str, value: Value| {
        let mut row = row("pump-9", &KeyPair::new());
        row[member] = value;
        row
    };
    let rows = [
        (row("pump-1", &mine), "issued"),
        // Another organization, another station, other terms: no row chooses them.
        (with("organization", json!("yard")), "body_malformed"),
        (with("station", json!("flash-2")), "body_malformed"),
        (with("profile", json!("server")), "body_malformed"),
        (
            with("registrationId", json!("../yard/secret-1")),
            "body_malformed",
        ),
        // A name that another organization has is free here; a key that it has is not.
        (row("secret-1", &KeyPair::new()), "issued"),
        (row("pump-2", &theirs), "key_in_use"),
        // What is bound to something else stays so.
        (row("fan-1", &elsewhere), "identity_bound"),
        (row("named-1", &KeyPair::new()), "identity_bound"),
        (row("gone-1", &KeyPair::new()), "device_revoked"),
        (row("gone-1", &gone), "device_revoked"),
        (row("pump-3", &elsewhere), "key_in_use"),
        // The same row again is the same certificate, wherever it stands.
        (row("pump-1", &mine), "issued"),
    ];
    let sent: Vec<Value> = rows.iter().map(|(row, _)| row.clone()).collect();
    let (told, end) = sends(&station, "", &sent).await;
    for (line, (row, expected)) in (1..).zip(&rows) {
        let told = &told[&line];
        let outcome = match told["result"].as_str() {
            Some("refused") => told["code"].as_str(),
            outcome => outcome,
        };
        assert_eq!(outcome, Some(*expected), "{told} to {row}");
    }
    assert_eq!(
        (&end["rows"], &end["issued"], &end["refused"]),
        (&json!(13), &json!(3), &json!(10)),
        "{end}"
    );
    assert_eq!(told[&1]["certificate"], told[&13]["certificate"]);
    assert_eq!(
        told[&7].get("earlierUnit"),
        None,
        "a stranger's is not named: {}",
        told[&7]
    );
    assert_eq!(told[&12]["earlierUnit"]["registrationId"], "fan-1");
    // Three units had anything made: the scrapped one, and two of these.
    assert_eq!(operator.counts_at(&station).await, 3);
    assert_eq!(
        yard.gets("/devices").await.json(),
        of_yard,
        "nothing happened there"
    );
    house.ends_well().await;
}

#[story]
async fn a_146_of_many_rows_for_one_unit_one_is_furnished_and_each_is_answered() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let (key, mut rows) = (KeyPair::new(), Vec::new());
    for number in 0..60 {
        let other = KeyPair::new();
        rows.push(match number % 3 {
            0 => row("pump-1", &other),
            1 => row(&format!("pump-of-{number}"), &key),
            _ => row("pump-2", &other),
        });
    }
    let (told, end) = sends(&station, "", &rows).await;
    assert_eq!(told.len(), 60, "each is answered");
    let issued = |from: u64| {
        let of = (0..20).map(|number| &told[&(from + 3 * number)]);
        of.filter(|told| told["result"] == "issued").count()
    };
    assert_eq!((issued(1), issued(2), issued(3)), (1, 1, 1));
    for told in told.values().filter(|told| told["result"] != "issued") {
        let code = told["code"].as_str();
        assert!(matches!(code, Some("unit_exists" | "key_in_use")), "{told}");
    }
    assert_eq!(
        (&end["issued"], &end["refused"]),
        (&json!(3), &json!(57)),
        "{end}"
    );
    assert_eq!(operator.counts_at(&station).await, 3);
    house.ends_well().await;
}

#[story]
async fn a_146_a_revocation_of_many_finds_nothing_of_another_organization() {
    let house = House::new().await;
    let operator = house.operator();
    let (yard, beside) = (
        neighbour(&operator, "yard").await,
        neighbour(&operator, "beside").await,
    );
    for (organization, unit) in [(&operator, "pump-1"), (&yard, "pump-2"), (&beside, "pump-3")] {
        let line = organization.creates_group("line").await;
        line.device(unit).enrolls(&KeyPair::new()).await.certified();
    }
    // One issuer and one profile serve all three; the name of the group is the same.
    let seen = async |of: &Operator| of.gets("/certificates").await.json();
    let (above, next) = (seen(&operator).await, seen(&beside).await);
    for query in [
        json!({ "group": "line" }),
        json!({ "issuer": "device-issuer" }),
        json!({ "profile": "device" }),
        json!({ "registrationIdPrefix": "pump-" }),
    ] {
        let asked = json!({ "query": query, "reason": "superseded", "dryRun": true });
        let told = yard.posts("/revocations", &asked).await;
        assert_eq!(
            (told.status, &told.json()["certificates"]),
            (200, &json!(1)),
            "{query}: {}",
            told.text()
        );
    }
    let asked = json!({ "query": { "issuer": "device-issuer" }, "reason": "superseded" });
    let told = yard.posts("/revocations", &asked).await;
    assert_eq!(told.status, 201, "{}", told.text());
    let done = "SELECT count(*) FROM mass_revocation WHERE state = 'done'";
    tamga_tests::patience::eventually("the revocation is done", || async {
        (house.memory().number(done).await == 1).then_some(())
    })
    .await;
    assert_eq!(
        (seen(&operator).await, seen(&beside).await),
        (above, next),
        "nothing happened there"
    );
    let revoked = "SELECT count(*) FROM certificate WHERE state = 'revoked'";
    assert_eq!(house.memory().number(revoked).await, 1);
    house.ends_well().await;
}
