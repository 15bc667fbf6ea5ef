// SPDX-License-Identifier: Apache-2.0
//! The quickstart and the how-to pages do what they say: their commands are run as they stand, against `tamga dev`.
//!
//! In `docs/quickstart.md` and its like a block fenced as `sh quickstart` is run; all of them run in one shell, in their order, each
//! ending at its first failing command. A block fenced as `text quickstart` holds lines of what the block above it
//! prints; `…` in them stands for anything.

use std::path::Path;

use crate::served::{Stage, TAMGA};

/// A block that is run, and the lines it must print.
struct Step {
    script: String,
    prints: Vec<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let body = |lines: &mut std::str::Lines<'_>| -> Vec<String> {
            lines
                .take_while(|line| *line != "```")
                .map(str::to_owned)
                .collect()
        };
        match line {
            "```sh quickstart" => steps.push(Step {
                script: body(&mut lines).join("\n"),
                prints: Vec::new(),
            }),
            "```text quickstart" => {
                let prints = body(&mut lines);
                steps.last_mut().expect("a block to print it").prints = prints;
            }
            _ => {}
        }
    }
    steps
}

/// Whether a printed line is the expected one; `…` stands for anything.
fn is_line(expected: &str, printed: &str) -> bool {
    let (expected, printed) = (expected.trim(), printed.trim());
    let parts: Vec<&str> = expected.split('…').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    if parts.len() == 1 {
        return expected == printed;
    }
    let mut rest = printed;
    for part in &parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    printed.starts_with(first) && printed.ends_with(last)
}

#[test]
fn every_command_of_the_quickstart_works_and_prints_what_it_says() {
    plays("docs/quickstart.md", 6, [127, 82, 0, 1]);
}

#[test]
fn every_command_about_birth_certificates_works_and_prints_what_it_says() {
    plays("docs/birth-certificates.md", 5, [127, 82, 0, 2]);
}

#[test]
fn every_command_of_the_operators_guide_works_and_prints_what_it_says() {
    plays("docs/admin/guide.md", 8, [127, 82, 0, 3]);
}

/// Runs a page of at least so many steps against a house at an address of its own.
fn plays(page: &str, least: usize, address: [u8; 4]) {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page);
    let steps = steps(&std::fs::read_to_string(place).expect("the page"));
    assert!(steps.len() >= least, "{page} has {} steps", steps.len());
    let stage = Stage::at(address);
    let _served = stage.serve();
    let folder = Path::new(TAMGA).parent().expect("a folder");
    let path = format!(
        "{}:{}",
        folder.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut script = "set -euo pipefail; exec 2>&1\n".to_owned();
    for (number, step) in steps.iter().enumerate() {
        script.push_str(&format!("echo '@@ {number}'\n{}\n", step.script));
    }
    script.push_str(&format!("echo '@@ {}'\n", steps.len()));
    let output = stage
        .command("timeout")
        .args(["120", "bash", "-c", &script])
        .env("PATH", path)
        .output();
    let output = output.expect("bash runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "the shell ended with {}:\n{printed}",
        output.status
    );
    for (number, step) in steps.iter().enumerate() {
        let from = printed.split(&format!("@@ {number}\n")).nth(1).expect("it began");
        let own = from
            .split(&format!("@@ {}\n", number + 1))
            .next()
            .expect("it ended");
        for expected in &step.prints {
            let found = own.lines().any(|line| is_line(expected, line));
            assert!(
                found,
                "`{expected}` is not printed by\n{}\nwhich prints\n{own}",
                step.script
            );
        }
    }
}

#[test]
fn a_gap_stands_for_anything_and_nothing_else_does() {
    assert!(is_line(
        "device … has a certificate",
        "device pump-1 has a certificate"
    ));
    assert!(is_line("serial 41…", "  serial 4100ab"));
    assert!(is_line("a", " a "));
    assert!(!is_line("a", "a b"));
    assert!(!is_line("serial 41…", "the serial 4100ab"));
    assert!(!is_line("a…c", "a b"));
    assert_eq!(
        steps("```sh quickstart\na\nb\n```\n```sh\nno\n```\n```text quickstart\nc\n```\n").len(),
        1
    );
}
