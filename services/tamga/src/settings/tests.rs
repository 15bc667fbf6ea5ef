// SPDX-License-Identifier: Apache-2.0
//! Settings: the sample is read, the reference says what the code does, and faults come all at once.

use std::collections::BTreeMap;

use tamga_runtime::listener::Limits;

use super::*;

fn read(text: &str) -> Result<Settings, SettingsFault> {
    tamga_runtime::settings::parse(text, Path::new("tamga.toml"))
}

fn house(text: &str) -> Result<HouseSettings, Failure> {
    read(text).unwrap().house("/data".into(), Vec::new())
}

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

#[test]
fn the_sample_holds_the_defaults() {
    let sample = read(&file("deploy/tamga.toml")).unwrap();
    let defaults = Settings {
        listeners: sample.listeners.clone(),
        ..Settings::default()
    };
    assert_eq!(sample, defaults);
    assert_eq!(sample.listeners.len(), 4);
    sample.house("/data".into(), Vec::new()).unwrap();
}

/// Every key of a table with its value, as `section.key`.
fn flat(prefix: &str, value: &toml::Value, found: &mut BTreeMap<String, String>) {
    let Some(table) = value.as_table() else {
        found.insert(prefix.to_owned(), value.to_string());
        return;
    };
    for (key, value) in table {
        let place = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        flat(&place, value, found);
    }
}

#[test]
fn the_reference_names_every_key_with_its_default() {
    let mut code = BTreeMap::new();
    let mut settings = toml::Value::try_from(Settings::default()).unwrap();
    settings.as_table_mut().unwrap().remove("listener");
    flat("", &settings, &mut code);
    flat(
        "listener[].limits",
        &toml::Value::try_from(Limits::default()).unwrap(),
        &mut code,
    );
    // Without a default, so not among what is written.
    for key in [
        "status_url",
        "assigned_hub",
        "listener[].plane",
        "listener[].address",
    ] {
        code.insert(key.to_owned(), String::new());
    }
    let page: BTreeMap<String, String> = reference::KEYS
        .iter()
        .map(|key| (key.name.to_owned(), key.default.to_owned()))
        .collect();
    assert_eq!(page, code);
}

#[test]
fn the_page_is_written_from_the_reference() {
    crate::files::assert_page("docs/reference/settings.md", &reference::page());
}

#[test]
fn unknown_keys_and_wrong_values_are_told_at_once() {
    let fault = read("skip_verify = true\n[tls]\nname = \"x\"\n[token]\nskew = \"soon\"\n")
        .unwrap_err()
        .to_string();
    for key in ["skip_verify", "tls.name", "token.skew"] {
        assert!(fault.contains(key), "{key} in {fault}");
    }
}

#[test]
fn values_that_make_no_sense_are_told_at_once() {
    let failure = house(
        "trust_domain = \"Not A Domain\"\nstatus_url = \"https://x\"\n[hand]\nbatch = 0\n\
         [revocation_list]\nvalidity = \"1h\"\nperiod = \"1h\"\n[tls]\nnames = []\n",
    )
    .unwrap_err();
    assert_eq!(failure.end(), End::Usage);
    for key in [
        "trust_domain",
        "status_url",
        "hand.batch",
        "revocation_list.validity",
        "tls.names",
    ] {
        assert!(failure.to_string().contains(key), "{key} in {failure}");
    }
}

#[test]
fn named_listeners_replace_those_of_the_command() {
    let own: Vec<ListenerConfig> = read(&file("deploy/tamga.toml")).unwrap().listeners;
    let chosen = Settings::default().house("/data".into(), own.clone()).unwrap();
    assert_eq!(chosen.listeners, own);
    let failure = house("[[listener]]\nplane = \"device\"\naddress = \"127.0.0.1:8443\"\n").unwrap_err();
    assert!(failure.to_string().contains("plane status"), "{failure}");
}
