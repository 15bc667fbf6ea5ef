// SPDX-License-Identifier: Apache-2.0
//! A batch of 10,000 rows against `tamga dev` in a process of its own: cut in the middle, resumed, bad rows among good ones,
//! and memory that stays where it was.

#[path = "served.rs"]
#[expect(dead_code, reason = "the stories of the program use the rest")]
mod served;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use data_encoding::BASE64;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use serde_json::{Value, json};
use served::{Served, Stage};

const ROWS: usize = 10_000;
/// Every hundredth row is bad.
const EVERY: usize = 100;
/// Where the first call is cut, counted in answers.
const CUT: usize = ROWS / 2;
/// How much more memory the last half of the rows may take than the first tenth had taken.
const SLACK_KIB: u64 = 48 * 1024;

/// A row, and the code of its refusal where it is bad.
struct Row {
    line: String,
    refused: Option<&'static str>,
}

fn request(unit: &str, key: &KeyPair) -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, unit);
    BASE64.encode(params.serialize_request(key).expect("a request").der())
}

fn row(unit: &str, key: &KeyPair) -> String {
    json!({ "ref": unit, "registrationId": unit, "csr": request(unit, key) }).to_string()
}

/// What is bad of a row of this number. Duplicates are of a row that was answered long before.
fn bad(number: usize, first: &KeyPair) -> Row {
    let unit = format!("unit-{number}");
    let (line, code) = match number / EVERY % 5 {
        0 => ("{\"registrationId\":".to_owned(), "body_malformed"),
        1 => (
            json!({ "registrationId": unit, "csr": "AQID" }).to_string(),
            "csr_malformed",
        ),
        2 => (
            json!({ "registrationId": unit, "csr": "A".repeat(20_000) }).to_string(),
            "body_too_large",
        ),
        3 => (row(&unit, first), "key_in_use"),
        _ => (row("unit-0", &KeyPair::generate().expect("a key")), "unit_exists"),
    };
    Row {
        line,
        refused: Some(code),
    }
}

fn rows() -> Vec<Row> {
    let first = KeyPair::generate().expect("a key");
    let made = |number: usize| match number {
        0 => Row {
            line: row("unit-0", &first),
            refused: None,
        },
        number if number % EVERY == EVERY - 1 && number > ROWS / 10 => bad(number, &first),
        number => {
            let key = KeyPair::generate().expect("a key");
            Row {
                line: row(&format!("unit-{number}"), &key),
                refused: None,
            }
        }
    };
    std::thread::scope(|scope| {
        let half = scope.spawn(|| (0..ROWS / 2).map(made).collect::<Vec<_>>());
        let mut rest: Vec<Row> = (ROWS / 2..ROWS).map(made).collect();
        let mut all = half.join().expect("rows");
        all.append(&mut rest);
        all
    })
}

/// Asks for something small.
fn ask(socket: &Path, method: &str, path: &str, body: &Value) -> Value {
    let mut stream = UnixStream::connect(socket).expect("the socket");
    let text = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let head = format!(
        "{method} /v1/organizations/default{path} HTTP/1.1\r\nHost: tamga\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
    assert!(head.contains(" 20"), "{method} {path}: {answer}");
    serde_json::from_str(body).unwrap_or(Value::Null)
}

/// Sends all rows, and hands each answer on until that says enough. The last line, if it was seen.
fn send(socket: &Path, rows: &[Row], mut hears: impl FnMut(Value) -> bool) -> Option<Value> {
    let stream = UnixStream::connect(socket).expect("the socket");
    let mut writing = stream.try_clone().expect("a second handle");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let head = "POST /v1/organizations/default/certificates:batch?station=flash-1 HTTP/1.1\r\nHost: tamga\r\n\
                        Content-Type: application/jsonl\r\nTransfer-Encoding: chunked\r\n\r\n";
            // Once the other side has enough, nothing can be sent any more.
            let sent = writing.write_all(head.as_bytes());
            let sent = sent.and_then(|()| {
                rows.iter().try_for_each(|row| {
                    let size = row.line.len() + 1;
                    writing.write_all(format!("{size:x}\r\n{}\n\r\n", row.line).as_bytes())
                })
            });
            drop(sent.and_then(|()| writing.write_all(b"0\r\n\r\n")));
        });
        let mut reading = BufReader::new(&stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reading.read_line(&mut line).expect("a head");
            assert!(!line.starts_with("HTTP/1.1 4"), "{line}");
        }
        let mut text = Vec::new();
        loop {
            line.clear();
            reading.read_line(&mut line).expect("a chunk");
            let size = usize::from_str_radix(line.trim(), 16).expect("a size");
            let mut chunk = vec![0; size + 2];
            reading.read_exact(&mut chunk).expect("a chunk");
            assert!(size > 0, "it ended without a last line");
            text.extend_from_slice(&chunk[..size]);
            while let Some(end) = text.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = text.drain(..=end).collect();
                let answer: Value = serde_json::from_slice(&line).expect("JSON");
                if answer.get("end").is_some() {
                    return Some(answer);
                }
                if !hears(answer) {
                    stream.shutdown(Shutdown::Both).expect("cut");
                    return None;
                }
            }
        }
    })
}

/// The most memory the process ever had, in KiB.
fn peak(served: &Served) -> u64 {
    let status = served.proc_file("status");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let words = line.unwrap_or_default().split_whitespace().nth(1);
    words.expect("a number").parse().expect("a number")
}

#[test]
fn ten_thousand_rows_cut_in_the_middle_and_resumed_are_each_furnished_once() {
    let stage = Stage::at([127, 83, 0, 1]);
    let served = stage.serve();
    let socket = stage.data().join("admin.sock");
    ask(&socket, "POST", "/groups", &json!({ "name": "line" }));
    ask(
        &socket,
        "POST",
        "/stations",
        &json!({ "name": "flash-1", "group": "line" }),
    );
    let begun = Instant::now();
    let rows = rows();
    let made = begun.elapsed();

    let mut serials: BTreeMap<u64, String> = BTreeMap::new();
    let (mut heard, mut early) = (0, 0);
    let cut = send(&socket, &rows, |answer| {
        heard += 1;
        if heard == ROWS / 10 {
            early = peak(&served);
        }
        if answer["result"] == "issued" {
            let line = answer["line"].as_u64().expect("a line");
            serials.insert(line, answer["serial"].as_str().expect("a serial").to_owned());
        }
        heard < CUT
    });
    assert_eq!(cut, None, "it was cut");
    let first = begun.elapsed();

    let mut refused = 0;
    let mut seen = BTreeSet::new();
    let end = send(&socket, &rows, |answer| {
        let line = answer["line"].as_u64().expect("a line");
        let row = &rows[usize::try_from(line).expect("a line") - 1];
        match row.refused {
            Some(code) => {
                assert_eq!(
                    (&answer["result"], &answer["code"]),
                    (&json!("refused"), &json!(code)),
                    "{answer}"
                );
                refused += 1;
            }
            None => {
                assert_eq!(answer["result"], "issued", "{answer}");
                let serial = answer["serial"].as_str().expect("a serial").to_owned();
                let before = serials.entry(line).or_insert_with(|| serial.clone());
                assert_eq!(*before, serial, "line {line} has two certificates");
                assert!(seen.insert(serial), "two lines have one certificate: {answer}");
            }
        }
        true
    });
    let (all, late) = (begun.elapsed(), peak(&served));
    let bad = rows.iter().filter(|row| row.refused.is_some()).count();
    assert_eq!((refused, seen.len()), (bad, ROWS - bad));
    let end = end.expect("a last line");
    assert_eq!(end["end"]["rows"], ROWS, "{end}");
    assert_eq!(end["end"]["issued"], ROWS - bad, "{end}");
    let station = ask(&socket, "GET", "/stations/flash-1", &Value::Null);
    assert_eq!(station["certificates"], ROWS - bad, "{station}");
    eprintln!(
        "{ROWS} rows, {bad} bad: made in {made:?}, cut after {first:?}, done after {all:?}; peak memory {early} KiB after a \
         tenth, {late} KiB at the end"
    );
    assert!(
        late < early + SLACK_KIB,
        "memory grew from {early} KiB to {late} KiB"
    );
    let (status, log) = served.end();
    assert!(status.success(), "{status}: {log}");
    assert!(!log.contains("ERROR"), "{log}");
}
