// SPDX-License-Identifier: Apache-2.0
//! Settings: samples are read, the reference says what the code does, and faults come all at once.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use tamga_gateway::settings::{AdminGatewaySettings, DeviceGatewaySettings};
use tamga_runtime::settings::reference::{Key, defaults};
use tamga_runtime::settings::{ProcessSettings as _, parse};
use tamga_signer::settings::SignerSettings;
use tamga_status::settings::StatusProcessSettings;

use super::setup::SetupSettings;
use super::*;

fn read(text: &str) -> Result<Settings, SettingsFault> {
    parse(text, Path::new("tamga.toml"))
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

/// A documented key without a default is one the code takes: a value of a kind nobody takes is refused for its kind.
fn is_known<S: DeserializeOwned>(name: &str) -> bool {
    let text = match name.split_once("[].") {
        Some((list, key)) => format!("[[{list}]]\n{key} = [[1]]\n"),
        None => format!("{name} = [[1]]\n"),
    };
    let refused = parse::<S>(&text, Path::new("x"))
        .err()
        .map(|fault| fault.to_string());
    refused.is_some_and(|refused| !refused.contains("unknown field"))
}

fn assert_documented<S: DeserializeOwned + Serialize + Default>(keys: &[Key]) {
    let documented: BTreeMap<String, String> = keys
        .iter()
        .map(|key| (key.name.to_owned(), key.default.to_owned()))
        .collect();
    assert_eq!(documented.len(), keys.len(), "each key once");
    for (name, default) in defaults(&S::default()) {
        assert_eq!(documented.get(&name), Some(&default), "{name}");
    }
    let code = defaults(&S::default());
    for name in documented.keys().filter(|name| !code.contains_key(*name)) {
        assert!(
            documented[name].is_empty() && is_known::<S>(name),
            "{name} is documented and not read"
        );
    }
    // Whatever the code reads is documented: serde names the keys it knows.
    let refused = parse::<S>("no_such_key = 1", Path::new("x"))
        .err()
        .unwrap()
        .to_string();
    for known in refused.split('`').skip(3).step_by(2) {
        let prefixes = [known.to_owned(), format!("{known}."), format!("{known}[].")];
        let named =
            |name: &String| *name == prefixes[0] || prefixes[1..].iter().any(|one| name.starts_with(one));
        assert!(documented.keys().any(named), "{known} is read and not documented");
    }
}

#[test]
fn the_reference_names_every_key_with_its_default() {
    for documented in reference::processes() {
        let keys = &documented.keys;
        match documented.process {
            "dev" => assert_documented::<Settings>(keys),
            "setup" => assert_documented::<SetupSettings>(keys),
            "gateway-device" => assert_documented::<DeviceGatewaySettings>(keys),
            "gateway-admin" => assert_documented::<AdminGatewaySettings>(keys),
            "status" => assert_documented::<StatusProcessSettings>(keys),
            "signer" => assert_documented::<SignerSettings>(keys),
            other => panic!("{other} is documented and not compared"),
        }
    }
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

#[test]
fn what_founding_needs_is_asked_for_at_once() {
    let faults = SetupSettings::default().faults().join("\n");
    for key in ["status_url", "database.url", "sealing.issuer_keys"] {
        assert!(faults.contains(key), "{key} in {faults}");
    }
}
