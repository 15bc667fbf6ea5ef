// SPDX-License-Identifier: Apache-2.0
//! What every Rust file keeps: its licence line, its size, no lint waved away, no test that sleeps or is switched off.

use crate::breach::{Breach, assert_none};
use crate::source::{Source, all_sources, line_of};

const LICENCE: &str = "// SPDX-License-Identifier: Apache-2.0";
/// Lines at which a file is asked whether it holds two nouns, and at which it is refused.
const ASKED_AT: usize = 400;
const REFUSED_AT: usize = 600;

/// A spelling that may not stand in our code, and where.
struct Banned {
    spelling: &'static str,
    tests_only: bool,
    rule: &'static str,
    mend: &'static str,
}

const BANNED: &[Banned] = &[
    Banned {
        spelling: "todo!(",
        tests_only: false,
        rule: "nothing is left for later in code",
        mend: "build it, or leave the road to it out",
    },
    Banned {
        spelling: "unimplemented!(",
        tests_only: false,
        rule: "nothing is left for later in code",
        mend: "build it, or leave the road to it out",
    },
    Banned {
        spelling: "[allow(",
        tests_only: false,
        rule: "no lint is waved away",
        mend: "use #[expect(lint, reason = \"…\")]: it tells when it is no longer needed",
    },
    Banned {
        spelling: ", allow(",
        tests_only: false,
        rule: "no lint is waved away",
        mend: "use expect with a reason inside cfg_attr as well",
    },
    Banned {
        spelling: "#[ignore",
        tests_only: false,
        rule: "no test is switched off",
        mend: "mend it or delete it; where another test plays it in a process of its own, say #[ignore = \"played by <that test>\"]",
    },
    Banned {
        spelling: "sleep(",
        tests_only: true,
        rule: "no test sleeps",
        mend: "wait for the condition with a deadline",
    },
    Banned {
        spelling: "sleep_until(",
        tests_only: true,
        rule: "no test sleeps",
        mend: "wait for the condition with a deadline",
    },
];

/// A test that another test of the same file plays in a process of its own: `#[ignore = "played by <that test> …"]`.
fn is_played(source: &Source, at: usize) -> bool {
    let reason = source
        .text
        .get(at..)
        .and_then(|rest| rest.strip_prefix("#[ignore = \"played by "));
    let player = reason
        .and_then(|reason| reason.split([' ', '"']).next())
        .unwrap_or_default();
    !player.is_empty() && source.code.contains(&format!("fn {player}("))
}

fn judge_words(source: &Source) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for banned in BANNED {
        let code = if banned.tests_only {
            source.test_code()
        } else {
            &source.code
        };
        let skipped = if banned.tests_only {
            source.code.len() - code.len()
        } else {
            0
        };
        let hits = code.match_indices(banned.spelling).map(|(at, _)| skipped + at);
        breaches.extend(hits.filter(|at| !is_played(source, *at)).map(|at| Breach {
            place: format!(
                "{}:{}: {}",
                source.path,
                line_of(&source.code, at),
                banned.spelling
            ),
            rule: banned.rule,
            mend: banned.mend.to_owned(),
        }));
    }
    breaches
}

fn judge_first_line(source: &Source) -> Option<Breach> {
    let written = source.code.lines().any(|line| !line.trim().is_empty());
    (written && source.text.lines().next() != Some(LICENCE)).then(|| Breach {
        place: source.path.clone(),
        rule: "every Rust file begins with its licence line",
        mend: format!("let the first line be: {LICENCE}"),
    })
}

fn judge_size(source: &Source) -> Option<Breach> {
    let lines = source.text.lines().count();
    (lines > REFUSED_AT).then(|| Breach {
        place: format!("{}: {lines} lines", source.path),
        rule: "one noun or one verb per file: none above 600 lines",
        mend: "split it by noun or verb; let its tests live in a sibling tests.rs".to_owned(),
    })
}

#[test]
fn no_banned_word_is_spoken() {
    let breaches: Vec<Breach> = all_sources().iter().flat_map(judge_words).collect();
    assert_none(&breaches);
}

#[test]
fn every_file_begins_with_its_licence() {
    let breaches: Vec<Breach> = all_sources().iter().filter_map(judge_first_line).collect();
    assert_none(&breaches);
}

#[test]
fn no_file_outgrows_a_reader() {
    let sources = all_sources();
    for source in sources
        .iter()
        .filter(|source| source.text.lines().count() > ASKED_AT)
    {
        println!(
            "asks to be split: {} ({} lines)",
            source.path,
            source.text.lines().count()
        );
    }
    let breaches: Vec<Breach> = sources.iter().filter_map(judge_size).collect();
    assert_none(&breaches);
}

#[test]
fn a_banned_word_is_noticed() {
    let judged = |path: &str, text: &str| judge_words(&Source::new(path, text)).len();
    assert_eq!(
        judged("pki/x509/src/a.rs", "#[allow(dead_code)] fn a() { todo!() }"),
        2
    );
    assert_eq!(
        judged("pki/x509/src/a.rs", "#![cfg_attr(test, allow(dead_code))]"),
        1
    );
    assert_eq!(
        judged(
            "pki/x509/src/a.rs",
            "#[expect(dead_code)] fn a() { \"todo!()\"; } // unimplemented!()"
        ),
        0
    );
    assert_eq!(
        judged("services/runtime/src/a.rs", "tokio::time::sleep(x).await;"),
        0
    );
    assert_eq!(
        judged("services/runtime/src/a/tests.rs", "tokio::time::sleep(x).await;"),
        1
    );
    assert_eq!(
        judged(
            "services/runtime/src/a.rs",
            "#[cfg(test)]\nmod tests {\n#[ignore]\n fn a() { sleep(x) }\n}"
        ),
        2
    );
    let played = "#[test]\nfn whole() {}\n#[test]\n#[ignore = \"played by whole in a process of its own\"]\nfn part() {}";
    assert_eq!(judged("tests/a.rs", played), 0);
    assert_eq!(judged("tests/a.rs", &played.replace("fn whole", "fn other")), 1);
    assert!(judge_first_line(&Source::new("a.rs", "//! A module.\nmod b;\n")).is_some());
    assert!(judge_size(&Source::new("a.rs", &"\n".repeat(REFUSED_AT + 1))).is_some());
    assert!(judge_size(&Source::new("a.rs", &"\n".repeat(REFUSED_AT))).is_none());
}
