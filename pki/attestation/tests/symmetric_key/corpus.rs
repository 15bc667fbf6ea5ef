// SPDX-License-Identifier: Apache-2.0
//! Replays what the fuzzer starts from and what it once found, so that every ordinary test run covers it.

use std::fs;
use std::path::Path;

use crate::device::*;
use tamga_attestation::SasToken;

fn corpus() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/sas_token");
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    files
        .map(|file| file.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (
                name,
                String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned(),
            )
        })
        .collect()
}

#[test]
fn every_token_of_the_corpus_is_answered_as_its_name_says() {
    let mut named = 0;
    for (name, header) in corpus() {
        let verdict = SasToken::parse(&header);
        if name.starts_with("taken_") {
            assert!(verdict.is_ok(), "{name}: {verdict:?}");
            named += 1;
        } else if let Some(slug) = name.strip_prefix("refused_") {
            let doubt = verdict.expect_err(&name);
            assert!(slug.starts_with(doubt.slug()), "{name}: {doubt}");
            named += 1;
        }
    }
    assert!(named >= 27, "the corpus was only {named} named files large");
}

#[test]
fn tokens_made_by_another_implementation_are_believed() {
    for (name, header) in corpus() {
        let foreign = ["taken_foreign_scope", "taken_nul"].contains(&name.as_str());
        if name.starts_with("taken_") && !foreign {
            let verdict = proven(&header, &own_keys(), "pump-1");
            assert!(verdict.is_ok(), "{name}: {verdict:?}");
        }
    }
}
