// SPDX-License-Identifier: Apache-2.0
//! No room carries a dependency that none of its files names: each costs building time and trust.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::breach::{Breach, assert_none};
use crate::floors::cargo_metadata;
use crate::source::{Source, all_sources};

/// The stories share one package; what they will ask for is listed before each of them is told.
const STORIES: &str = "tamga-tests";

fn names_it(source: &Source, dependency: &str) -> bool {
    let joins = |side: Option<char>| side.is_some_and(|next| next.is_alphanumeric() || next == '_');
    source.code.match_indices(dependency).any(|(at, word)| {
        !joins(source.code[..at].chars().next_back()) && !joins(source.code[at + word.len()..].chars().next())
    })
}

/// The dependencies of one package, as its files would name them.
fn listed(package: &Value) -> Vec<String> {
    let name = |dependency: &Value| {
        dependency["rename"]
            .as_str()
            .or(dependency["name"].as_str())
            .map(|name| name.replace('-', "_"))
    };
    package["dependencies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(name)
        .collect()
}

fn judge_package(name: &str, dependencies: &[String], files: &[&Source]) -> Vec<Breach> {
    let unused = dependencies
        .iter()
        .filter(|dependency| !files.iter().any(|file| names_it(file, dependency)));
    unused
        .map(|dependency| Breach {
            place: format!("{name} lists {dependency}"),
            rule: "a package lists only what its files name",
            mend: "take the line out of its Cargo.toml".to_owned(),
        })
        .collect()
}

#[test]
fn nobody_carries_what_nobody_names() {
    let sources = all_sources();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ has a parent");
    let mut breaches = Vec::new();
    for package in cargo_metadata()["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|package| package["name"] != STORIES)
    {
        // Its own folder, and those of targets that live elsewhere, as the process stories of the binary do.
        let targets = package["targets"].as_array().into_iter().flatten();
        let places: Vec<PathBuf> = targets
            .map(|target| &target["src_path"])
            .chain([&package["manifest_path"]])
            .filter_map(|path| Path::new(path.as_str()?).canonicalize().ok())
            .filter_map(|path| Some(path.parent()?.strip_prefix(root).ok()?.to_owned()))
            .collect();
        let files: Vec<&Source> = sources
            .iter()
            .filter(|source| {
                places
                    .iter()
                    .any(|place| Path::new(&source.path).starts_with(place))
            })
            .collect();
        breaches.extend(judge_package(
            package["name"].as_str().unwrap_or_default(),
            &listed(package),
            &files,
        ));
    }
    assert_none(&breaches);
}

#[test]
fn an_unused_dependency_is_noticed() {
    let file = Source::new(
        "pki/x509/src/a.rs",
        "use der::Encode; // time\nlet lifetime = spki_hash;",
    );
    let listed = ["der", "time", "spki"].map(str::to_owned);
    assert_eq!(judge_package("tamga-x509", &listed, &[&file]).len(), 2);
}
