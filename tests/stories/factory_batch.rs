// SPDX-License-Identifier: Apache-2.0
//! Many units in one call: a line in, a line out, each for itself; and the same lines again after a cut.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::openapi::Document;
use tamga_tests::station::Station;
use tamga_tests::story;
use tamga_tests::wire::{Answer, Request, Wire};

fn row(unit: &str, key: &KeyPair) -> Value {
    json!({ "ref": format!("ref of {unit}"), "registrationId": unit, "csr": BASE64.encode(&key.request(unit)) })
}

fn lines(rows: &[Value]) -> Vec<u8> {
    let lines: Vec<String> = rows.iter().map(|row| format!("{row}\n")).collect();
    lines.concat().into_bytes()
}

fn batch(station: &Station, body: Vec<u8>) -> Request {
    Request::new("POST", &station.visitor.target("/certificates:batch"))
        .header("Content-Type", "application/jsonl")
        .body(body)
}

/// The answers by the lines they are of, and the last line.
fn told(answer: &Answer) -> (Vec<Value>, Value) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/jsonl"));
    let text = answer.text();
    let mut lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let end = lines.pop().expect("a last line");
    assert!(end["end"].is_object(), "{end}");
    let document = Document::of("admin");
    let schema = document.at("/components/schemas/UnitRowAnswer");
    for line in lines.iter().chain([&end]) {
        assert_eq!(document.faults(schema, line), Vec::<String>::new(), "{line}");
    }
    lines.sort_by_key(|line| line["line"].as_u64());
    (lines, end)
}

#[story]
async fn each_row_is_answered_for_itself_and_the_same_rows_again_are_the_same_certificates() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let keys: Vec<KeyPair> = (0..40).map(|_| KeyPair::new()).collect();
    let mut rows: Vec<Value> = keys
        .iter()
        .enumerate()
        .map(|(number, key)| row(&format!("pump-{number}"), key))
        .collect();
    rows[7]["label"] = json!({ "sticker": "{serial}" });
    let (answers, end) = told(&station.visitor.asks(batch(&station, lines(&rows))).await);
    assert_eq!(end["end"]["issued"], 40, "{end}");
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer["line"], number + 1);
        assert_eq!(answer["result"], "issued", "{answer}");
        assert_eq!(answer["ref"], format!("ref of pump-{number}"));
        assert_eq!(answer["registrationId"], format!("pump-{number}"));
    }
    assert_eq!(answers[7]["label"]["sticker"], answers[7]["serial"]);
    let (again, _) = told(&station.visitor.asks(batch(&station, lines(&rows))).await);
    assert_eq!(again, answers);
    assert_eq!(house.operator().counts_at(&station).await, 40);
    assert_eq!(house.signatures(), 40);
    house.ends_well().await;
}

#[story]
async fn a_bad_row_has_its_reason_and_leaves_its_neighbours_alone() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let earlier = KeyPair::new();
    let device = station.furnishes("pump-0", &earlier).await.unit()["deviceId"].clone();
    let good = row("pump-1", &KeyPair::new()).to_string();
    let bad = [
        ("{".to_owned(), "body_malformed"),
        ("[]".to_owned(), "body_malformed"),
        (
            json!({ "registrationId": "pump-2" }).to_string(),
            "body_malformed",
        ),
        (
            json!({ "registrationId": "pump-2", "csr": "AQID", "more": 1 }).to_string(),
            "body_malformed",
        ),
        (
            json!({ "registrationId": "a b", "csr": "AQID" }).to_string(),
            "body_malformed",
        ),
        (
            json!({ "registrationId": "pump-2", "csr": "AQID" }).to_string(),
            "csr_malformed",
        ),
        (row("pump-3", &earlier).to_string(), "key_in_use"),
        (row("PUMP-0", &KeyPair::new()).to_string(), "unit_exists"),
        (
            json!({ "registrationId": "pump-2", "csr": "x".repeat(17_000) }).to_string(),
            "body_too_large",
        ),
    ];
    let body: Vec<String> = bad.iter().map(|(line, _)| format!("{line}\n")).collect();
    let body = format!("{}\n{good}", body.concat()).into_bytes();
    let (answers, end) = told(&station.visitor.asks(batch(&station, body)).await);
    assert_eq!(
        (&end["end"]["rows"], &end["end"]["refused"]),
        (&json!(10), &json!(9)),
        "{end}"
    );
    for (answer, (line, code)) in answers.iter().zip(&bad) {
        assert_eq!(
            (answer["result"].as_str(), answer["code"].as_str()),
            (Some("refused"), Some(*code)),
            "{answer} to {line}"
        );
        assert!(answer["detail"].as_str().is_some_and(|detail| detail.len() > 20));
    }
    assert_eq!(answers[6]["earlierUnit"]["deviceId"], device);
    assert_eq!(answers[7]["earlierUnit"]["registrationId"], "pump-0");
    assert_eq!(answers[9]["result"], "issued");
    house.ends_well().await;
}

#[story]
async fn the_limit_of_a_station_holds_within_a_batch() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house
        .station("flash-1", "line", json!({ "maximumCertificates": 7 }))
        .await;
    let rows: Vec<Value> = (0..30)
        .map(|number| row(&format!("pump-{number}"), &KeyPair::new()))
        .collect();
    let (answers, end) = told(&station.visitor.asks(batch(&station, lines(&rows))).await);
    assert_eq!(
        (&end["end"]["issued"], &end["end"]["refused"]),
        (&json!(7), &json!(23)),
        "{end}"
    );
    let refused = answers.iter().filter(|answer| answer["result"] == "refused");
    for answer in refused {
        assert_eq!(answer["code"], "station_limit", "{answer}");
    }
    assert_eq!(house.operator().counts_at(&station).await, 7);
    house.ends_well().await;
}

#[story]
async fn a_batch_ends_within_a_second_once_its_station_is_disabled() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let visitor = &station.visitor;
    let mut wire = Wire::tls(visitor.address, Arc::clone(&visitor.tls))
        .await
        .expect("it listens");
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: tamga\r\nContent-Type: application/jsonl\r\nAuthorization: {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        visitor.target("/certificates:batch"),
        visitor.authorization.clone().expect("a token")
    );
    wire.send(head.as_bytes()).await.expect("it ended");
    let chunk = |number: usize| {
        let line = format!("{}\n", row(&format!("pump-{number}"), &KeyPair::new()));
        format!("{:x}\r\n{line}\r\n", line.len()).into_bytes()
    };
    wire.send(&chunk(0)).await.expect("it ended");
    operator.disables("stations/flash-1").await;
    // Rows go on for as long as it takes to ask again.
    let mut pace = tokio::time::interval(Duration::from_millis(100));
    for number in 1..25 {
        pace.tick().await;
        // Whoever has stopped listens for a moment longer, and then no more.
        if wire.send(&chunk(number)).await.is_err() {
            break;
        }
    }
    drop(wire.send(b"0\r\n\r\n").await);
    let (answers, end) = told(&wire.answer(false).await.expect("it ended"));
    let stopped: Vec<&Value> = answers
        .iter()
        .filter(|answer| answer["result"] == "stopped")
        .collect();
    assert_eq!(stopped.len(), 1, "{answers:?}");
    assert_eq!(stopped[0]["code"], "unauthenticated");
    assert!(end["end"]["issued"].as_u64() <= Some(1), "{end}");
    house.ends_well().await;
}

#[story]
async fn what_is_no_batch_is_refused_before_a_row_is_read() {
    let house = House::new().await;
    house.operator().creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let rows = lines(&[row("pump-1", &KeyPair::new())]);
    let before = house.stands().await;
    let keyed = batch(&station, rows.clone()).header("Idempotency-Key", "one");
    let told_of = station.visitor.asks(keyed).await;
    before
        .refused_at_the_rim(&told_of, (400, "idempotency_key_unneeded"))
        .await;
    for (name, value) in [("Content-Type", "application/json"), ("Content-Encoding", "gzip")] {
        let target = station.visitor.target("/certificates:batch");
        let request = Request::new("POST", &target).header(name, value);
        let request = match name {
            "Content-Type" => request,
            _ => request.header("Content-Type", "application/jsonl"),
        };
        let told_of = station.visitor.asks(request.body(rows.clone())).await;
        before.refused_at_the_rim(&told_of, (415, "media_type")).await;
    }
    let (answers, end) = told(&station.visitor.asks(batch(&station, Vec::new())).await);
    assert_eq!((answers.len(), &end["end"]["rows"]), (0, &json!(0)));
    let other = station.visitor.within("nowhere");
    let request = Request::new("POST", &other.target("/certificates:batch"))
        .header("Content-Type", "application/jsonl")
        .body(rows);
    let told_of = other.asks(request).await;
    before
        .refused_to(&station.principal, &told_of, (404, "not_found"))
        .await;
    house.ends_well().await;
}
