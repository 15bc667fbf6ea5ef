// SPDX-License-Identifier: Apache-2.0
//! Stories of an operator's settings file.

use serde::Deserialize;

use super::*;
use crate::listener::{Address, ListenerConfig, Plane};
use crate::telemetry::TelemetrySettings;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct House {
    name: String,
    #[serde(default)]
    telemetry: TelemetrySettings,
    listener: Vec<ListenerConfig>,
}

const GOOD: &str = r#"
name = "west"

[telemetry]
format = "json"

[[listener]]
plane = "device"
address = "127.0.0.1:8443"
limits = { idle = "5s", body_size = "1MiB" }

[[listener]]
plane = "admin"
address = "unix:/run/tamga/admin.sock"
"#;

fn refused(text: &str) -> (String, Vec<(usize, String)>) {
    let fault = parse::<House>(text, Path::new("tamga.toml")).expect_err("refused");
    let sentence = fault.to_string();
    let SettingsFault::Content { faults, .. } = fault else {
        panic!("{fault}")
    };
    (
        sentence,
        faults
            .0
            .into_iter()
            .map(|fault| (fault.line, fault.key))
            .collect(),
    )
}

#[test]
fn a_good_file_is_read() {
    let house: House = parse(GOOD, Path::new("tamga.toml")).expect("good");
    assert_eq!(house.name, "west");
    assert_eq!(house.telemetry.format, crate::telemetry::LogFormat::Json);
    assert_eq!(house.listener[0].plane, Plane::Device);
    assert_eq!(house.listener[0].limits.body_size, ByteSize(1 << 20));
    assert_eq!(
        house.listener[1].address,
        Address::Unix("/run/tamga/admin.sock".into())
    );
}

#[test]
fn every_unknown_key_and_every_bad_value_is_named_at_once() {
    let text = GOOD
        .replace("name = \"west\"", "name = \"west\"\nskip_verify = true")
        .replace("format = \"json\"", "format = \"xml\"\ncolor = true")
        .replace("idle = \"5s\"", "idle = \"5 seconds\", idel = \"5s\"")
        .replace("plane = \"admin\"", "plane = \"backdoor\"");
    let (sentence, faults) = refused(&text);
    let expected = [
        (3, "skip_verify"),
        (6, "telemetry.format"),
        (7, "telemetry.color"),
        (12, "listener[0].limits.idle"),
        (12, "listener[0].limits.idel"),
        (15, "listener[1].plane"),
    ];
    let mut sorted = faults.clone();
    sorted.sort();
    let mut expected: Vec<_> = expected
        .iter()
        .map(|(line, key)| (*line, (*key).to_owned()))
        .collect();
    expected.sort();
    assert_eq!(sorted, expected, "{sentence}");
    for wanted in [
        "tamga.toml",
        "line 3: skip_verify",
        "such as \"8s\"",
        "`text` or `json`",
        "device, admin, status, ops",
    ] {
        assert!(sentence.contains(wanted), "{wanted} not in: {sentence}");
    }
}

#[test]
fn a_fault_behind_a_broken_list_element_is_named_by_its_own_number() {
    let more = "[[listener]]\nplane = \"ops\"\naddress = \"localhost\"\n";
    let text = GOOD.replace("plane = \"device\"", "plane = \"backdoor\"") + more;
    let (sentence, faults) = refused(&text);
    let expected = [
        (8, "listener[0].plane".to_owned()),
        (17, "listener[2].address".to_owned()),
    ];
    assert_eq!(faults, expected, "{sentence}");
}

#[test]
fn a_missing_key_is_named() {
    let (sentence, _) = refused("[[listener]]\nplane = \"ops\"\naddress = \"127.0.0.1:9\"\n");
    assert!(sentence.contains("missing field `name`"), "{sentence}");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_what_is_expected() {
    let (sentence, faults) = refused(&GOOD.replace("idle = \"5s\"", "connections = \"many\""));
    assert_eq!(faults, [(10, "listener[0].limits.connections".to_owned())]);
    assert!(sentence.contains("expected usize"), "{sentence}");
}

#[test]
fn broken_toml_is_named_by_its_line() {
    let (sentence, faults) = refused("name = \"west\"\nlistener = [[\n");
    assert_eq!(
        faults
            .first()
            .map(|(line, _)| *line)
            .into_iter()
            .filter(|line| *line >= 2)
            .count(),
        1,
        "{sentence}"
    );
    assert!(sentence.contains("not TOML"), "{sentence}");
}

#[test]
fn a_key_given_twice_is_refused() {
    let (sentence, _) = refused("name = \"west\"\nname = \"east\"\n");
    assert!(sentence.contains("duplicate"), "{sentence}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let fault = load::<House>(Path::new("/nonexistent/tamga.toml")).expect_err("refused");
    assert!(fault.to_string().contains("/nonexistent/tamga.toml"), "{fault}");
}
