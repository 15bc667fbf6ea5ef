// SPDX-License-Identifier: Apache-2.0
//! Stories of the command line's nouns against a house that serves: what each verb says is what was done.

use std::process::Output;

use serde_json::Value;

use crate::served::{Stage, told};

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
    let explained = does(&stage, &format!("explain {tracking}"));
    assert!(explained.contains("name_taken"), "{explained}");
    let rows = asks(&stage, &format!("journal list --tracking-id {tracking}"));
    assert_eq!(rows[0]["outcome"], "refused", "{rows}");
    let nobody = stage.tamga(&["explain", "019aa9c1-5b3c-7def-8123-456789abcdef"]);
    assert_eq!(nobody.status.code(), Some(3), "{}", told(&nobody));
}
