// SPDX-License-Identifier: Apache-2.0
//! Rows of a batch, bad ones among good ones, and a call with them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

use data_encoding::BASE64;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use serde_json::{Value, json};

/// Every hundredth row is bad.
const EVERY: usize = 100;

/// A row, and the code of its refusal where it is bad.
pub(crate) struct Row {
    pub(crate) line: String,
    pub(crate) refused: Option<&'static str>,
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

/// This many rows, each of a unit of its own. The first tenth is good.
pub(crate) fn rows(count: usize) -> Vec<Row> {
    let first = KeyPair::generate().expect("a key");
    let made = |number: usize| match number {
        0 => Row {
            line: row("unit-0", &first),
            refused: None,
        },
        number if number % EVERY == EVERY - 1 && number > count / 10 => bad(number, &first),
        number => {
            let key = KeyPair::generate().expect("a key");
            Row {
                line: row(&format!("unit-{number}"), &key),
                refused: None,
            }
        }
    };
    std::thread::scope(|scope| {
        let half = scope.spawn(|| (0..count / 2).map(made).collect::<Vec<_>>());
        let mut rest: Vec<Row> = (count / 2..count).map(made).collect();
        let mut all = half.join().expect("rows");
        all.append(&mut rest);
        all
    })
}

/// Sends all rows to a station of this organization, and hands each answer on until that says enough. The last line, if it
/// was seen.
pub(crate) fn send(
    (socket, organization): (&Path, &str),
    rows: &[Row],
    mut hears: impl FnMut(Value) -> bool,
) -> Option<Value> {
    let stream = UnixStream::connect(socket).expect("the socket");
    let mut writing = stream.try_clone().expect("a second handle");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let head = format!(
                "POST /v1/organizations/{organization}/certificates:batch?station=flash-1 HTTP/1.1\r\nHost: tamga\r\n\
                 Content-Type: application/jsonl\r\nTransfer-Encoding: chunked\r\n\r\n"
            );
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

/// The most memory a process ever had, in KiB, by its `/proc/…/status`.
pub(crate) fn peak(status: &str) -> u64 {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let words = line.unwrap_or_default().split_whitespace().nth(1);
    words.expect("a number").parse().expect("a number")
}
