// SPDX-License-Identifier: Apache-2.0
//! The merge driver of the documents: what two people add to one place is both there, and a contradiction is seen.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tamga_tests::programs::repository;
use tempfile::TempDir;

/// Merges; `None` where git shall ask a person.
fn merged(base: &Value, ours: &Value, theirs: &Value) -> Option<Value> {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{document:#}\n")).expect("a file is written");
        path
    };
    let [base, ours, theirs] =
        [("base", base), ("ours", ours), ("theirs", theirs)].map(|(name, of)| write(name, of));
    let merge = Command::new(repository().join("openapi/merge"))
        .args([&base, &ours, &theirs])
        .output()
        .expect("the driver runs");
    let read = |path: &Path| std::fs::read_to_string(path).expect("what was merged");
    merge
        .status
        .success()
        .then(|| serde_json::from_str(&read(&ours)).expect("JSON"))
}

#[test]
fn two_additions_at_one_place_are_both_there() {
    let base = json!({ "paths": { "/a": { "get": {} } }, "tags": [{ "name": "a" }] });
    let ours =
        json!({ "paths": { "/a": { "get": {} }, "/b": {} }, "tags": [{ "name": "a" }, { "name": "b" }] });
    let theirs = json!({ "paths": { "/a": { "get": {}, "post": {} }, "/c": {} }, "tags": [{ "name": "a" }, { "name": "c" }] });
    let both = merged(&base, &ours, &theirs).expect("no contradiction");
    let paths = json!({ "/a": { "get": {}, "post": {} }, "/b": {}, "/c": {} });
    assert_eq!(both["paths"], paths);
    assert_eq!(both["tags"].as_array().map(Vec::len), Some(3));
}

#[test]
fn what_one_took_away_stays_away_and_a_contradiction_is_not_settled() {
    let base = json!({ "a": 1, "b": 2 });
    assert_eq!(
        merged(&base, &json!({ "a": 1 }), &json!({ "a": 1, "b": 2, "c": 3 })),
        Some(json!({ "a": 1, "c": 3 }))
    );
    assert_eq!(
        merged(&base, &json!({ "a": 2, "b": 2 }), &json!({ "a": 3, "b": 2 })),
        None
    );
    assert_eq!(
        merged(&base, &json!({ "a": 2, "b": 2 }), &json!({ "b": 2 })),
        None
    );
}
