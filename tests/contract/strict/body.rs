// SPDX-License-Identifier: Apache-2.0
//! Bodies: what they are announced as, how large they are, and JSON that two parsers read in two ways (A-111, A-114, A-115,
//! A-116).

use serde_json::Value;
use tamga_tests::wire::Request;

use super::call::{Call, Door, Trial};

const MALFORMED: [(u16, &str); 1] = [(400, "body_malformed")];
const TOO_LARGE: [(u16, &str); 1] = [(413, "body_too_large")];
/// The most a body may have.
const CAP: usize = 96 * 1024;

/// Calls with a JSON body, each with an example of it.
fn with_body(door: &Door) -> impl Iterator<Item = (&Call, &serde_json::Map<String, Value>)> {
    door.calls
        .iter()
        .filter_map(|call| Some((call, call.body.as_ref()?.as_object()?)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_111_a_body_is_announced_as_json_once_and_plain() {
    let door = Door::new().await;
    let mut trials = Vec::new();
    for (call, body) in with_body(&door) {
        let text = Value::Object(body.clone()).to_string().into_bytes();
        let bare = Request::new(&call.method, &call.target).body(text);
        let mut announced = vec![vec![]];
        let wrong = [
            "text/plain",
            "application/xml",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/json; charset=utf-7",
            "application/jsonp",
            "application/json, text/plain",
            "application/merge-patch+json",
            "json",
            "*/*",
        ];
        announced.extend(wrong.map(|kind| vec![("Content-Type", kind)]));
        announced.push(vec![
            ("Content-Type", "application/json"),
            ("Content-Type", "application/json"),
        ]);
        for coding in ["gzip", "br", "deflate", "zstd", "gzip, identity"] {
            announced.push(vec![
                ("Content-Type", "application/json"),
                ("Content-Encoding", coding),
            ]);
        }
        for headers in announced {
            let request = headers
                .into_iter()
                .fold(bare.clone(), |request, (name, value)| request.header(name, value));
            trials.push(Trial::new(request, &[(415, "media_type")]));
        }
    }
    for call in door
        .calls
        .iter()
        .filter(|call| call.method == "POST" && call.body.is_none() && !call.takes_other)
    {
        for text in ["{}", "null", " ", "a=b"] {
            trials.push(Trial::new(
                call.with_text(text.as_bytes()),
                &[(400, "body_unexpected")],
            ));
        }
    }
    door.refuses(trials).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_114_json_of_many_members_or_great_depth_is_refused() {
    let door = Door::new().await;
    let members = |count: usize| {
        let members: Vec<String> = (0..count).map(|at| format!("\"{at:x}\":0")).collect();
        format!("{{{}}}", members.join(","))
    };
    let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let strings = format!("{{\"a\":[{}\"\"]}}", "\"\",".repeat(30_000));
    let mut trials = Vec::new();
    for (call, body) in with_body(&door) {
        for text in [members(9_000), deep(10_000), deep(129), strings.clone()] {
            trials.push(Trial::new(call.with_text(text.as_bytes()), &MALFORMED));
        }
        trials.push(Trial::new(call.with_text(members(12_000).as_bytes()), &TOO_LARGE));
        // Also where a member is taken, whatever it takes.
        for name in body.keys() {
            let deep = format!("{{\"{name}\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
            trials.push(Trial::new(call.with_text(deep.as_bytes()), &MALFORMED));
        }
    }
    door.refuses(trials).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_115_json_has_one_meaning_or_none() {
    let door = Door::new().await;
    let mut trials = Vec::new();
    for (call, body) in with_body(&door) {
        let text = Value::Object(body.clone()).to_string();
        let members = text.trim_start_matches('{');
        let comma = if body.is_empty() { "" } else { "," };
        let mut wrong = vec![
            format!("\u{feff}{text}"),
            format!("{text}{text}"),
            format!("{text} x"),
            format!("/* */{text}"),
            format!("// x\n{text}"),
            format!("{{\"organization\":\"other\"{comma}{members}"),
            format!("{{\"__proto__\":{{}}{comma}{members}"),
            format!("{{\"\":0{comma}{members}"),
            format!("[{text}]"),
            "null".to_owned(),
            "\"text\"".to_owned(),
            String::new(),
            text.replace('"', "'"),
            text[..text.len() - 1].to_owned(),
        ];
        for name in body.keys() {
            let value = &body[name];
            // Said twice; in another case; and as what is no JSON, or no number and no text of this world.
            wrong.push(format!("{{\"{name}\":{value},{members}"));
            let mut capital = name.clone();
            capital[..1].make_ascii_uppercase();
            let others: Vec<String> = body
                .iter()
                .filter(|(other, _)| *other != name)
                .map(|(other, value)| format!("\"{other}\":{value}"))
                .collect();
            let with = |member: String| {
                let all: Vec<String> = others.iter().cloned().chain([member]).collect();
                format!("{{{}}}", all.join(","))
            };
            wrong.push(with(format!("\"{capital}\":{value}")));
            for odd in [
                "1e400",
                "-1e400",
                "NaN",
                "Infinity",
                "\"\\ud800\"",
                "0x10",
                "01",
                "undefined",
                "\"\u{1}\"",
            ] {
                wrong.push(with(format!("\"{name}\":{odd}")));
            }
        }
        trials.extend(
            wrong
                .iter()
                .map(|text| Trial::new(call.with_text(text.as_bytes()), &MALFORMED)),
        );
        trials.push(Trial::new(call.with_text(b"{\"a\":\"\xff\"}"), &MALFORMED));
    }
    door.refuses(trials).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_116_a_body_ends_at_the_cap_however_it_comes() {
    let door = Door::new().await;
    let mut trials = Vec::new();
    for call in door
        .calls
        .iter()
        .filter(|call| call.changes() && call.method != "DELETE" && !call.takes_other)
    {
        let spaces = |count: usize| vec![b' '; count];
        let chunked = |size: usize| {
            let chunk = [
                format!("{size:x}\r\n").into_bytes(),
                spaces(size),
                b"\r\n0\r\n\r\n".to_vec(),
            ]
            .concat();
            Request::new(&call.method, &call.target)
                .header("Content-Type", "application/json")
                .header("Transfer-Encoding", "chunked")
                .body(chunk)
        };
        let fits = if call.body.is_some() {
            (400, "body_malformed")
        } else {
            (400, "body_unexpected")
        };
        for size in [CAP - 1, CAP] {
            trials.push(Trial::new(call.with_text(&spaces(size)), &[fits]));
            trials.push(Trial::new(chunked(size), &[fits]));
        }
        trials.push(Trial::new(call.with_text(&spaces(CAP + 1)), &TOO_LARGE));
        trials.push(Trial::new(chunked(CAP + 1), &TOO_LARGE));
        // With a key the body is read before the call is: no further either. The rest of this one never comes.
        let unended = [b"100000\r\n".to_vec(), spaces(CAP + 1)].concat();
        let unended = Request::new(&call.method, &call.target)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", "key-1")
            .header("Transfer-Encoding", "chunked")
            .body(unended);
        trials.push(Trial::new(unended, &TOO_LARGE));
        let announced = Request::new(&call.method, &call.target).header("Content-Type", "application/json");
        trials.push(Trial::new(
            announced.header("Content-Length", "99999999999"),
            &TOO_LARGE,
        ));
    }
    door.refuses(trials).await;
}
