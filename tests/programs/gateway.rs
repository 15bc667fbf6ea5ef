// SPDX-License-Identifier: Apache-2.0
//! The program `tamga-gateway` before it serves: what it tells of itself, and which settings it refuses.

use std::process::{Command, Output};

fn runs(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tamga-gateway"))
        .args(arguments)
        .output()
        .expect("it runs")
}

#[test]
fn its_help_shows_examples() {
    let told = runs(&["--help"]);
    assert!(told.status.success());
    let text = String::from_utf8_lossy(&told.stdout);
    assert!(text.contains("Examples:\n  tamga-gateway "), "{text}");
}

#[test]
fn a_key_it_does_not_know_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "pump = 1\n").expect("written");
    let told = runs(&["--plane", "device", "--settings", file.to_str().expect("text")]);
    assert_eq!(told.status.code(), Some(2));
    let text = String::from_utf8_lossy(&told.stderr);
    assert!(text.contains("pump"), "{text}");
}
