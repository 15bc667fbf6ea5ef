// SPDX-License-Identifier: Apache-2.0
//! The document, read as somebody who builds on it does: every operation has its examples, and every example is true.

use std::collections::BTreeSet;

use serde_json::Value;
use tamga_tests::openapi::Document;

/// Whatever is wrong, told at once.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn unless(&mut self, so: bool, fault: impl FnOnce() -> String) {
        if !so {
            self.0.push(fault());
        }
    }

    #[track_caller]
    fn assert_none(&self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

/// The examples of a content, a parameter or a header.
fn examples<'a>(document: &'a Document, of: &'a Value) -> Vec<&'a Value> {
    let named = of["examples"].as_object().into_iter().flatten();
    let named = named.map(|(_, example)| &document.resolved(example)["value"]);
    of.get("example").into_iter().chain(named).collect()
}

fn judge_examples(document: &Document, place: &str, of: &Value, faults: &mut Faults) {
    for example in examples(document, of) {
        for fault in document.faults(&of["schema"], example) {
            faults
                .0
                .push(format!("{place}: an example is not valid: {fault}"));
        }
    }
}

fn is_json(media: &str) -> bool {
    media == "application/json" || media.ends_with("+json")
}

#[test]
fn every_body_has_an_example_and_every_example_is_valid() {
    let document = Document::of("admin");
    let mut faults = Faults::default();
    for (path, method, operation) in document.operations() {
        let asked = document.resolved(&operation["requestBody"]);
        let answers = operation["responses"].as_object().into_iter().flatten();
        let answers = answers.map(|(status, answer)| (status.as_str(), document.resolved(answer)));
        for (what, holder) in answers.chain([("request", asked)]) {
            for (media, content) in holder["content"].as_object().into_iter().flatten() {
                let place = format!("{method} {path} {what} {media}");
                let shown = !examples(&document, content).is_empty();
                faults.unless(shown || !is_json(media), || format!("{place}: no example"));
                judge_examples(&document, &place, content, &mut faults);
            }
        }
    }
    faults.assert_none();
}

#[test]
fn every_parameter_says_what_to_send() {
    let document = Document::of("admin");
    let mut faults = Faults::default();
    for (path, method, operation) in document.operations() {
        for parameter in document.parameters(path, operation) {
            let place = format!("{method} {path} {}", parameter["name"]);
            let schema = document.resolved(&parameter["schema"]);
            let shown = !examples(&document, parameter).is_empty();
            let told = ["enum", "const", "default", "examples"]
                .iter()
                .any(|word| schema.get(word).is_some());
            // A filter may be left out, and its description says what it looks for.
            let described = parameter["in"] == "query" && parameter["description"].is_string();
            faults.unless(shown || told || described, || format!("{place}: no example"));
            judge_examples(&document, &place, parameter, &mut faults);
        }
    }
    faults.assert_none();
}

#[test]
fn every_operation_has_one_tag_that_is_described_and_says_who_may_call_it() {
    let document = Document::of("admin");
    let mut faults = Faults::default();
    let tags: BTreeSet<&str> = document
        .at("/tags")
        .as_array()
        .into_iter()
        .flatten()
        .filter(|tag| tag["description"].as_str().is_some_and(|text| !text.is_empty()))
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    let schemes = document.at("/components/securitySchemes");
    for (path, method, operation) in document.operations() {
        let place = format!("{method} {path}");
        let [tag] = operation["tags"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
        else {
            faults.0.push(format!("{place}: one tag, please"));
            continue;
        };
        faults.unless(tags.contains(tag.as_str().unwrap_or_default()), || {
            format!("{place}: the tag {tag} has no description")
        });
        let summary = operation["summary"].as_str().unwrap_or_default();
        faults.unless(summary.ends_with('.'), || {
            format!("{place}: the summary is no sentence")
        });
        let named = operation["security"].as_array().into_iter().flatten();
        for scheme in named.filter_map(Value::as_object).flatten().map(|(name, _)| name) {
            faults.unless(schemes.get(scheme).is_some(), || {
                format!("{place}: no security scheme {scheme}")
            });
        }
    }
    faults.assert_none();
}

/// The layer that knows keys stands before every POST: whoever builds on the document must learn so of each.
#[test]
fn every_call_that_can_be_sent_again_under_a_key_says_so() {
    let document = Document::of("admin");
    let mut faults = Faults::default();
    for (path, method, operation) in document.operations() {
        // A call that is the same for one unit however often it is sent takes no key, and says so.
        let mut codes = operation["x-problem-codes"].as_array().into_iter().flatten();
        let unneeded = codes.any(|code| code == "idempotency_key_unneeded");
        if method != "post" || unneeded {
            continue;
        }
        let parameters = document.parameters(path, operation);
        let takes_key = parameters.iter().any(|one| one["name"] == "Idempotency-Key");
        faults.unless(takes_key, || format!("{path}: no Idempotency-Key"));
        for (status, code) in [
            ("400", "idempotency_key_invalid"),
            ("409", "idempotency_in_progress"),
            ("409", "idempotency_answer_lost"),
            ("422", "idempotency_key_reused"),
        ] {
            let answer = document.resolved(&operation["responses"][status]);
            let listed = [&answer["x-problem-codes"], &operation["x-problem-codes"]];
            let mut listed = listed.into_iter().filter_map(Value::as_array).flatten();
            faults.unless(listed.any(|one| one == code), || {
                format!("{path}: {status} without {code}")
            });
        }
    }
    faults.assert_none();
}

#[test]
fn nothing_stands_in_the_document_that_nothing_refers_to() {
    let document = Document::of("admin");
    let text = document.text();
    let mut faults = Faults::default();
    for kind in [
        "schemas",
        "parameters",
        "headers",
        "responses",
        "examples",
        "links",
    ] {
        let components = document.at(&format!("/components/{kind}")).as_object();
        for (name, component) in components.into_iter().flatten() {
            let reference = format!("\"#/components/{kind}/{name}\"");
            faults.unless(text.contains(&reference), || {
                format!("{kind}/{name}: nothing refers to it")
            });
            let open = kind == "schemas"
                && component["type"] == "object"
                && component["additionalProperties"] != false;
            let map = component["additionalProperties"].is_object();
            faults.unless(!open || map, || {
                format!("{kind}/{name}: say additionalProperties: false")
            });
        }
    }
    faults.assert_none();
}

#[test]
fn the_document_is_written_as_the_merge_driver_writes_it() {
    for name in ["admin", "device", "status"] {
        let path = crate::stand::here(format!("../../openapi/{name}.json"));
        let text = std::fs::read_to_string(path).expect("a document");
        let odd = text
            .lines()
            .filter(|line| (line.len() - line.trim_start().len()) % 2 != 0 || line.ends_with(' '));
        assert_eq!(odd.count(), 0, "{name}: two spaces a level, none at the end");
        assert!(text.ends_with("}\n"), "{name}: one line end at the end");
    }
}
