// SPDX-License-Identifier: Apache-2.0
//! What lies in `deploy/`: settings that the programs take, units that systemd takes, a compose file whose files are there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::served::{TAMGA, told};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// Settings files by the process they are for.
const SAMPLES: [(&str, &str); 6] = [
    ("dev", "tamga.toml"),
    ("gateway-device", "gateway-device.toml"),
    ("gateway-admin", "gateway-admin.toml"),
    ("status", "status.toml"),
    ("signer", "signer.toml"),
    ("setup", "setup.toml"),
];

#[test]
fn every_sample_is_accepted_by_the_program_it_is_for() {
    for folder in [deploy(), deploy().join("compose")] {
        for (process, file) in SAMPLES {
            let file = folder.join(file);
            if !file.exists() {
                assert_eq!(process, "dev", "{} is missing", file.display());
                continue;
            }
            let done = Command::new(TAMGA)
                .args(["config", "check", "--process", process])
                .arg(&file)
                .output()
                .expect("it runs");
            assert!(done.status.success(), "{}: {}", file.display(), told(&done));
        }
    }
}

#[test]
fn a_sample_with_an_unknown_key_is_refused_with_every_fault_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("signer.toml");
    let sample = fs::read_to_string(deploy().join("signer.toml")).expect("the sample");
    let wrong = sample.replace("batch = 256", "batch = 0\npump = 1");
    fs::write(&file, wrong).expect("written");
    let done = Command::new(TAMGA)
        .args(["config", "check", "--process", "signer"])
        .arg(&file)
        .output()
        .expect("it runs");
    assert_eq!(done.status.code(), Some(2));
    let text = told(&done);
    assert!(text.contains("pump"), "{text}");
}

#[test]
fn systemd_takes_every_unit() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut units = Vec::new();
    for entry in fs::read_dir(deploy().join("systemd")).expect("units") {
        let path = entry.expect("an entry").path();
        let unit = fs::read_to_string(&path).expect("a unit");
        // The programs are not installed where tests run; everything else is judged as it stands.
        let unit: String = unit
            .lines()
            .map(|line| match line.starts_with("ExecStart=/usr/bin/tamga") {
                true => "ExecStart=/bin/true\n".to_owned(),
                false => format!("{line}\n"),
            })
            .collect();
        let copy = folder.path().join(path.file_name().expect("a name"));
        fs::write(&copy, unit).expect("written");
        units.push(copy);
    }
    assert!(units.len() >= 5, "four services and their target: {units:?}");
    let done = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .args(&units)
        .output()
        .expect("systemd-analyze: `make setup-test` installs it");
    let said = told(&done);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("tamga")).collect();
    assert!(done.status.success() && ours.is_empty(), "{said}");
}

#[test]
fn the_compose_file_mounts_what_is_there_or_what_is_prepared() {
    let folder = deploy().join("compose");
    let compose = fs::read_to_string(folder.join("compose.yaml")).expect("the compose file");
    let mounted: Vec<&str> = compose
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- ./")?.split(':').next())
        .collect();
    assert!(mounted.len() > 10, "{mounted:?}");
    for file in mounted.into_iter().filter(|file| !file.starts_with("state/")) {
        assert!(folder.join(file).exists(), "{file} is mounted and not there");
    }
}
