// SPDX-License-Identifier: Apache-2.0
//! Stories of the command line's nouns against a house that serves: what each verb says is what was done.

use std::process::Output;
use std::time::Instant;

use serde_json::Value;

use crate::served::{DEADLINE, Stage, TAMGA, told};

/// What a command answered in JSON.
fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", told(output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", told(output)))
}

/// Runs it, and reads its answer in JSON.
fn asks(stage: &Stage, line: &str) -> Value {
    let words: Vec<&str> = line.split(' ').chain(["--output", "json"]).collect();
    json(&stage.tamga(&words))
}

/// Runs it to its good end.
fn does(stage: &Stage, line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let done = stage.tamga(&words);
    assert!(done.status.success(), "{line}: {}", told(&done));
    told(&done)
}

#[test]
fn profiles_are_revised_and_granted_with_issuers_to_those_below() {
    let stage = Stage::at([127, 88, 0, 3]);
    let _served = stage.serve();
    let device = asks(&stage, "profile show device");
    std::fs::write(stage.home().join("sensors.json"), device["config"].to_string()).expect("written");
    does(&stage, "profile create sensors --config sensors.json");
    let revised = asks(&stage, "profile revise sensors --config sensors.json");
    assert_eq!(revised["revision"], 2, "{revised}");
    let revisions = asks(&stage, "profile revisions sensors");
    assert_eq!(revisions.as_array().map(Vec::len), Some(2), "{revisions}");
    assert_eq!(asks(&stage, "profile revision sensors 1")["revision"], 1);
    let issuers = asks(&stage, "issuer list");
    let issuer = issuers
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["role"] == "device");
    let issuer = issuer.expect("a device issuer")["name"]
        .as_str()
        .expect("a name")
        .to_owned();
    assert!(asks(&stage, &format!("issuer show {issuer}"))["chain"].is_string());
    does(&stage, "organization create plant");
    let granted = asks(&stage, &format!("grant create {issuer} --kind issuer --to plant"));
    let grant = granted["id"].as_str().expect("an id").to_owned();
    does(&stage, "grant create device --kind profile --to plant");
    let made = does(
        &stage,
        &format!("group create line-7 --organization plant --issuer {issuer} --keys-file line-7.json"),
    );
    assert!(made.contains("line-7"), "{made}");
    assert_eq!(asks(&stage, "grant list").as_array().map(Vec::len), Some(2));
    let held = stage.tamga(&["grant", "delete", &grant]);
    assert_eq!(
        held.status.code(),
        Some(3),
        "a group relies on it: {}",
        told(&held)
    );
    assert_eq!(
        asks(&stage, &format!("grant show {grant}"))["to"],
        "plant",
        "nothing happened"
    );
}

#[test]
fn devices_certificates_orders_and_the_journal_are_looked_at_and_a_refusal_is_explained() {
    let stage = Stage::at([127, 88, 0, 2]);
    let _served = stage.serve();
    let devices = asks(&stage, "device list --registration-id-prefix simulated");
    assert_eq!(devices[0]["registrationId"], "simulated-1", "{devices}");
    let certificates = asks(&stage, "certificate list --device simulated-1 --state issued");
    let id = certificates[0]["id"].as_str().expect("a certificate").to_owned();
    let shown = asks(&stage, &format!("certificate show {id}"));
    assert_eq!(shown["registrationId"], "simulated-1", "{shown}");
    let orders = asks(&stage, "order list --device simulated-1");
    let order = orders[0]["id"].as_str().expect("an order").to_owned();
    assert_eq!(asks(&stage, &format!("order show {order}"))["state"], "fulfilled");
    let refused = stage.tamga(&["group", "create", "SIMULATORS"]);
    assert_eq!(refused.status.code(), Some(3), "{}", told(&refused));
    let sentence = told(&refused);
    let tracking = sentence.split("tracking id ").nth(1).expect("a tracking id");
    let tracking = tracking.trim_end().trim_end_matches(')');
    // The refusal was answered before its row is kept.
    let end = Instant::now() + DEADLINE;
    while !stage.tamga(&["explain", tracking]).status.success() {
        assert!(Instant::now() < end, "it is explained");
    }
    let explained = does(&stage, &format!("explain {tracking}"));
    assert!(explained.contains("name_taken"), "{explained}");
    let rows = asks(&stage, &format!("journal list --tracking-id {tracking}"));
    assert_eq!(rows[0]["outcome"], "refused", "{rows}");
    let nobody = stage.tamga(&["explain", "019aa9c1-5b3c-7def-8123-456789abcdef"]);
    assert_eq!(nobody.status.code(), Some(3), "{}", told(&nobody));
}

#[test]
fn a_group_is_shown_put_under_its_etag_given_a_new_key_and_removed() {
    let stage = Stage::at([127, 88, 0, 1]);
    let _served = stage.serve();
    does(&stage, "group create line-7 --keys-file line-7.json");
    let shown = does(&stage, "group show line-7");
    let tag = shown
        .lines()
        .find_map(|line| line.strip_prefix("etag "))
        .expect("an etag")
        .to_owned();
    let put = stage.tamga(&["group", "put", "line-7", "--rekey", "refuse", "--if-match", &tag]);
    assert!(put.status.success(), "{}", told(&put));
    assert_eq!(asks(&stage, "group show line-7")["rekey"], "refuse");
    let late = stage.tamga(&["group", "put", "line-7", "--rekey", "allow", "--if-match", &tag]);
    assert_eq!(
        late.status.code(),
        Some(3),
        "somebody else changed it: {}",
        told(&late)
    );
    assert_eq!(
        asks(&stage, "group show line-7")["rekey"],
        "refuse",
        "nothing happened"
    );
    does(
        &stage,
        "group regenerate-key line-7 --slot secondary --keys-file new.key",
    );
    let key = std::fs::read_to_string(stage.home().join("new.key")).expect("a key");
    assert!(
        key.trim().len() > 20 && !key.contains('{'),
        "the key alone: {key}"
    );
    does(
        &stage,
        "device simulate --registration-id press-1 --group-key-file line-7.json --out press-1",
    );
    does(&stage, "enrollment create pump-9 --keys-file pump-9.json");
    let listed = asks(&stage, "enrollment list --registration-id-prefix pump-");
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    does(&stage, "enrollment put pump-9 --rekey refuse");
    assert_eq!(asks(&stage, "enrollment show pump-9")["rekey"], "refuse");
    does(&stage, "enrollment delete pump-9");
    does(&stage, "group create line-8 --keys-file line-8.json");
    does(&stage, "group delete line-8");
    assert_eq!(stage.tamga(&["group", "show", "line-8"]).status.code(), Some(3));
}

#[test]
fn a_device_is_disabled_revoked_restored_let_go_and_removed() {
    let stage = Stage::at([127, 88, 0, 4]);
    let _served = stage.serve();
    let state = || asks(&stage, "device show simulated-1")["state"].clone();
    does(&stage, "device disable simulated-1");
    assert_eq!(state(), "disabled");
    does(&stage, "device enable simulated-1");
    does(&stage, "device revoke simulated-1");
    assert_eq!(state(), "revoked");
    does(&stage, "device restore simulated-1");
    assert_eq!(state(), "active");
    does(&stage, "organization create plant");
    does(&stage, "device release simulated-1 --to plant");
    assert_eq!(asks(&stage, "device show simulated-1")["releasedTo"], "plant");
    does(&stage, "device keep simulated-1");
    assert!(
        asks(&stage, "device show simulated-1")
            .get("releasedTo")
            .is_none()
    );
    does(&stage, "device delete simulated-1");
    let gone = asks(&stage, "device list --state deleted");
    assert_eq!(
        gone.as_array().map(Vec::len),
        Some(1),
        "its tombstone stays: {gone}"
    );
}

#[test]
fn where_a_secret_cannot_be_kept_nothing_is_made_that_shows_one() {
    let stage = Stage::at([127, 88, 0, 5]);
    let _served = stage.serve();
    let before = asks(&stage, "group list");
    // A disk that takes nothing: files are made on it and hold nothing.
    let full = |line: &str| stage.shell(&format!("trap '' XFSZ; ulimit -f 0; {TAMGA} {line}"));
    for line in [
        "group create line-7 --keys-file line-7.json",
        "group create line-7 --keys-file none/line-7.json",
    ] {
        let refused = full(line);
        assert_eq!(refused.status.code(), Some(1), "{line}: {}", told(&refused));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("line-7.json"), "{line}: {said}");
    }
    assert_eq!(asks(&stage, "group list"), before, "nothing was made");
    assert!(!stage.home().join("line-7.json").exists());
    does(&stage, "group create line-7 --keys-file line-7.json");
}
