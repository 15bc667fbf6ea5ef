// SPDX-License-Identifier: Apache-2.0
//! A batch of 10,000 rows against `tamga dev` in a process of its own: cut in the middle, resumed, bad rows among good ones,
//! and memory that stays where it was.

#[path = "rows.rs"]
mod rows;
#[path = "served.rs"]
#[expect(dead_code, reason = "the stories of the program use the rest")]
mod served;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use rows::{peak, rows, send};
use serde_json::{Value, json};
use served::Stage;

const ROWS: usize = 10_000;
/// Where the first call is cut, counted in answers.
const CUT: usize = ROWS / 2;
/// How much more memory the process may have in the end than after the first tenth: what its five connections to SQLite
/// keep of the growing file is in it, 32 MiB each at most. What rows alone take is told where the database is another
/// process (`tests/processes/furnished.rs`).
const SLACK_KIB: u64 = 48 * 1024;

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
    let rows = rows(ROWS);
    let made = begun.elapsed();

    let mut serials: BTreeMap<u64, String> = BTreeMap::new();
    let (mut heard, mut early) = (0, 0);
    let cut = send((&socket, "default"), &rows, |answer| {
        heard += 1;
        if heard == ROWS / 10 {
            early = peak(&served.proc_file("status"));
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
    let end = send((&socket, "default"), &rows, |answer| {
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
    let (all, late) = (begun.elapsed(), peak(&served.proc_file("status")));
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
