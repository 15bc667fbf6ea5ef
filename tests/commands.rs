// SPDX-License-Identifier: Apache-2.0
//! Stories of the command line: what it refuses, with which exit code, and what scripts read.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Output;

use serde_json::Value;

use crate::served::{Stage, told};

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", told(output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", told(output)))
}

/// Asserts an exit code and words of the sentence, and that nothing was written to standard output.
fn assert_refused(output: &Output, code: i32, words: &str) {
    assert_eq!(output.status.code(), Some(code), "{}", told(output));
    let sentence = String::from_utf8_lossy(&output.stderr);
    assert!(sentence.contains(words), "{words} in {sentence}");
    assert!(output.stdout.is_empty(), "{}", told(output));
}

#[test]
fn every_end_has_its_own_exit_code() {
    let stage = Stage::at([127, 84, 0, 1]);
    assert_refused(&stage.tamga(&["group", "list"]), 4, "start the service");
    assert_refused(
        &stage.tamga(&["device", "simulate"]),
        2,
        "is not the data directory of a `tamga dev`",
    );
    let _served = stage.serve();
    assert_refused(&stage.tamga(&["group", "create", "SIMULATORS"]), 3, "name_taken");
    assert_refused(&stage.tamga(&["device", "show", "nobody"]), 3, "not_found");
    assert_refused(
        &stage.tamga(&["group", "list", "--organization", "other"]),
        3,
        "not_found",
    );
    assert_refused(
        &stage.tamga(&["group", "list", "--organization", "Not A Slug"]),
        2,
        "organization",
    );
    assert_refused(&stage.tamga(&["certificate", "revoke", "crt_1"]), 2, "crt_");
    assert_refused(&stage.tamga(&["group", "frobnicate"]), 2, "frobnicate");
    fs::write(stage.home().join("keys.json"), "precious").expect("written");
    let kept = stage.tamga(&["group", "create", "line-7", "--keys-file", "keys.json"]);
    assert_refused(&kept, 2, "choose another file");
    assert_eq!(
        fs::read_to_string(stage.home().join("keys.json")).expect("kept"),
        "precious"
    );
    let list = json(&stage.tamga(&["group", "list", "--output", "json"]));
    assert_eq!(
        list.as_array().map(Vec::len),
        Some(1),
        "nothing was made by the refusals: {list}"
    );
}

#[test]
fn a_device_trusts_only_the_anchor_it_was_given() {
    let (stage, other) = (Stage::at([127, 84, 0, 2]), Stage::at([127, 84, 0, 3]));
    let (_served, _other) = (stage.serve(), other.serve());
    let anchor = other.data().join("server-anchor.pem").display().to_string();
    let simulate = ["device", "simulate", "--registration-id", "pump-2"];
    let foreign = stage.tamga(&[&simulate[..], &["--server-anchor", &anchor]].concat());
    assert_refused(&foreign, 4, "is not trusted");
    let fingerprint = "00".repeat(32);
    let unknown = stage.tamga(&[&simulate[..], &["--fingerprint", &fingerprint]].concat());
    assert_refused(&unknown, 3, "not the service you think");
    let plain = stage.tamga(&[&simulate[..], &["--endpoint", "http://127.84.0.2:8443"]].concat());
    assert_refused(&plain, 2, "https://");
    let nobody = stage.tamga(&[&simulate[..], &["--endpoint", "https://127.84.0.2:1"]].concat());
    assert_refused(&nobody, 4, "is not reachable");
    assert!(
        !stage.data().join("devices/pump-2/chain.pem").exists(),
        "no certificate came of it"
    );
    assert!(stage.tamga(&simulate).status.success());
}

#[test]
fn an_individual_enrollment_and_a_disabled_group_are_obeyed() {
    let stage = Stage::at([127, 84, 0, 4]);
    let _served = stage.serve();
    let made = stage.tamga(&["enrollment", "create", "pump-9", "--output", "json"]);
    let made = json(&made);
    let key = made["attestation"]["primaryKey"].as_str().expect("shown once");
    let file = stage.home().join("pump-9.key");
    fs::write(&file, key).expect("written");
    let simulate = [
        "device",
        "simulate",
        "--registration-id",
        "pump-9",
        "--device-key-file",
        "pump-9.key",
    ];
    assert_refused(&stage.tamga(&simulate), 2, "chmod 0600");
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&file, closed).expect("closed");
    let device = json(&stage.tamga(&[&simulate[..], &["--output", "json"]].concat()));
    assert_eq!(device["registrationId"], "pump-9");
    assert!(stage.tamga(&["enrollment", "disable", "pump-9"]).status.success());
    assert_refused(&stage.tamga(&simulate), 3, "disabled");
    assert!(stage.tamga(&["enrollment", "enable", "pump-9"]).status.success());
    assert!(stage.tamga(&simulate).status.success());
    assert!(stage.tamga(&["group", "disable", "simulators"]).status.success());
    let other = ["device", "simulate", "--registration-id", "pump-3"];
    assert_refused(&stage.tamga(&other), 3, "disabled");
    assert!(stage.tamga(&["group", "enable", "simulators"]).status.success());
    assert!(stage.tamga(&other).status.success());
}

#[test]
fn readiness_names_every_part_and_metrics_are_told() {
    let stage = Stage::at([127, 84, 0, 5]);
    let _served = stage.serve();
    let ready = get("127.84.0.5:8490", "/readyz");
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    for part in [
        "database",
        "denials",
        "draining",
        "hand",
        "issuer_keys",
        "lists",
        "policy",
        "publish",
        "recovery",
        "service_certificate",
        "tls_certificate",
    ] {
        assert!(ready.contains(&format!("\"{part}\":\"ok\"")), "{part} in {ready}");
    }
    let metrics = get("127.84.0.5:8490", "/metrics");
    for name in [
        "tamga_request_seconds",
        "tamga_crl_oldest_age_seconds",
        "tamga_certificates_issued_total",
    ] {
        assert!(metrics.contains(name), "{name} in {metrics}");
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connects");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .expect("asks");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answers");
    answer
}
