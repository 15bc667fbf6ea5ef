// SPDX-License-Identifier: Apache-2.0
//! Names: a path is a sentence, a migration says its number and its noun, a lock file names no host.

use std::collections::BTreeMap;

use crate::breach::{Breach, assert_none};
use crate::source::{all_files, read};

/// Names that say nothing about what is inside.
const EMPTY_WORDS: &[&str] = &[
    "utils", "util", "common", "helpers", "helper", "manager", "misc", "core",
];

fn judge_path(path: &str) -> Option<Breach> {
    // The common name is a noun of X.509.
    let judged = path.replace("common_name", "name");
    let mut parts = judged
        .split('/')
        .map(|part| part.split('.').next().unwrap_or(part));
    let empty = parts.find(|part| part.split(['_', '-']).any(|word| EMPTY_WORDS.contains(&word)))?;
    Some(Breach {
        place: path.to_owned(),
        rule: "a path is a sentence: no utils, common, helpers, manager, misc, core",
        mend: format!("name the noun or the verb that `{empty}` hides"),
    })
}

/// `0001_organization.sql`; a `0001_organization.postgres.sql` beside it is what that engine reads instead.
fn migration(name: &str) -> Option<(&str, &str)> {
    let stem = name.strip_suffix(".sql")?;
    let stem = stem
        .strip_suffix(".postgres")
        .or_else(|| stem.strip_suffix(".sqlite"))
        .unwrap_or(stem);
    let (number, noun) = stem.split_once('_')?;
    let numbered = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    let reads = noun.starts_with(|first: char| first.is_ascii_lowercase())
        && noun
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (numbered && reads).then_some((number, noun))
}

fn judge_migrations<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Breach> {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    let mut breaches = Vec::new();
    for name in names.filter(|name| *name != "README.md") {
        let place = format!("migrations/{name}");
        let Some((number, noun)) = migration(name) else {
            breaches.push(Breach {
                place,
                rule: "a migration is named <four digits>_<noun>.sql, with .postgres or .sqlite before .sql where an engine must differ",
                mend: "rename it, as in 0007_certificate.sql".to_owned(),
            });
            continue;
        };
        let owner = *taken.entry(number).or_insert(noun);
        if owner != noun {
            breaches.push(Breach {
                place,
                rule: "one file per concept: a migration's number belongs to one noun",
                mend: format!("{number} is {owner}: take the next free number"),
            });
        }
    }
    breaches
}

#[test]
fn a_path_is_a_sentence() {
    let breaches: Vec<Breach> = all_files().iter().filter_map(|path| judge_path(path)).collect();
    assert_none(&breaches);
}

#[test]
fn migrations_are_numbered_nouns() {
    let files = all_files();
    assert_none(&judge_migrations(
        files.iter().filter_map(|path| path.strip_prefix("migrations/")),
    ));
}

#[test]
fn the_device_kit_is_locked_without_naming_a_host() {
    let lock = read("tests/interop/node/package-lock.json");
    assert!(
        lock.contains("\"integrity\""),
        "the lock pins what it installs by digest"
    );
    assert!(
        !lock.contains("\"resolved\""),
        "package-lock.json names download addresses: write it with npm_config_omit_lockfile_registry_resolved=true"
    );
}

#[test]
fn an_empty_name_is_noticed() {
    for path in [
        "pki/store/src/utils.rs",
        "pki/core/src/lib.rs",
        "tests/harness/common/device.rs",
        "services/tamga/src/key_manager.rs",
    ] {
        assert!(judge_path(path).is_some(), "{path}");
    }
    for path in [
        "pki/store/src/score.rs",
        "services/gateway/src/admin/certificate/revoke.rs",
        "pki/x509/src/lint/common_name.rs",
    ] {
        assert!(judge_path(path).is_none(), "{path}");
    }
}

#[test]
fn a_crooked_migration_is_noticed() {
    let judged = |names: &[&str]| judge_migrations(names.iter().copied()).len();
    assert_eq!(
        judged(&[
            "0001_organization.sql",
            "0002_order.postgres.sql",
            "0002_order.sqlite.sql",
            "README.md"
        ]),
        0
    );
    assert_eq!(
        judged(&[
            "1_organization.sql",
            "0001-organization.sql",
            "0001_Organization.sql",
            "0003_x.mysql.sql",
            "notes.txt"
        ]),
        5
    );
    assert_eq!(judged(&["0001_organization.sql", "0001_group.sql"]), 1);
}
