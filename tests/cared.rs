// SPDX-License-Identifier: Apache-2.0
//! Stories of `tamga doctor`: what is well, what is not, and that each fault comes with what mends it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use serde_json::Value;

use crate::served::{Stage, told};

fn findings(output: &Output) -> Vec<Value> {
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", told(output)));
    report["findings"].as_array().expect("findings").clone()
}

/// Those in a state, as `check: seen`.
fn in_state(output: &Output, state: &str) -> Vec<String> {
    let findings = findings(output).into_iter();
    findings
        .filter(|finding| finding["state"] == state)
        .map(|finding| format!("{}: {}", finding["check"], finding["seen"]))
        .collect()
}

#[test]
fn a_house_that_serves_is_well_in_every_part() {
    let stage = Stage::at([127, 87, 0, 1]);
    let _served = stage.serve();
    let looked = stage.tamga(&["doctor", "--output", "json"]);
    assert_eq!(looked.status.code(), Some(0), "{}", told(&looked));
    assert!(
        in_state(&looked, "failed").is_empty() && in_state(&looked, "warning").is_empty(),
        "{}",
        told(&looked)
    );
    let findings = findings(&looked);
    for check in [
        "files",
        "keys",
        "database",
        "issuers",
        "lists",
        "service",
        "certificates",
    ] {
        assert!(
            findings.iter().any(|finding| finding["check"] == check),
            "{check} was looked at"
        );
    }
    let table = stage.tamga(&["doctor"]);
    assert!(told(&table).contains("nothing is amiss"), "{}", told(&table));
}

#[test]
fn each_fault_is_told_with_what_mends_it_and_nothing_is_changed() {
    let stage = Stage::at([127, 87, 0, 2]);
    let nothing = stage.tamga(&["doctor"]);
    assert_eq!(nothing.status.code(), Some(2), "{}", told(&nothing));
    assert!(!stage.data().exists(), "nothing was made");
    assert!(stage.serve().end().0.success());
    let ended = stage.tamga(&["doctor", "--output", "json"]);
    assert_eq!(ended.status.code(), Some(0), "{}", told(&ended));
    assert_eq!(
        in_state(&ended, "warning").len(),
        1,
        "only that it does not serve: {}",
        told(&ended)
    );
    let key = stage.data().join("secrets/issuer_keys.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("opened");
    let open = stage.tamga(&["doctor", "--output", "json"]);
    assert_eq!(open.status.code(), Some(1), "{}", told(&open));
    let failed = in_state(&open, "failed");
    assert!(
        failed.len() == 1 && failed[0].contains("issuer_keys.key"),
        "{failed:?}"
    );
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("closed");
    let aside = stage.home().join("aside.key");
    fs::rename(&key, &aside).expect("moved");
    let lost = stage.tamga(&["doctor"]);
    assert_eq!(lost.status.code(), Some(1), "{}", told(&lost));
    assert!(
        told(&lost).contains("never replace it by a new one"),
        "{}",
        told(&lost)
    );
    assert!(!key.exists(), "it is not replaced by looking");
    fs::rename(&aside, &key).expect("moved back");
    fs::write(stage.data().join("tamga.db"), "no database at all").expect("damaged");
    let damaged = stage.tamga(&["doctor", "--output", "json"]);
    assert_eq!(damaged.status.code(), Some(1), "{}", told(&damaged));
    assert!(
        in_state(&damaged, "failed")[0].contains("database"),
        "{}",
        told(&damaged)
    );
}

#[test]
fn a_settings_file_that_cannot_be_followed_is_a_finding() {
    let stage = Stage::at([127, 87, 0, 3]);
    fs::write(stage.home().join("signer.toml"), "keys = 1\n").expect("written");
    let line = [
        "doctor",
        "--settings",
        "signer.toml",
        "--process",
        "signer",
        "--output",
        "json",
    ];
    let looked = stage.tamga(&line);
    assert_eq!(looked.status.code(), Some(1), "{}", told(&looked));
    let failed = in_state(&looked, "failed");
    assert!(failed.len() == 1 && failed[0].contains("keys"), "{failed:?}");
}
