// SPDX-License-Identifier: Apache-2.0
//! Every operation of the document is a verb, and every verb is the operation it says it is. A test compares the two.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::noun::NOUNS;
use super::verb::{Kind, Place, Take, Verb};

/// Operations without a verb, each with its reason.
const UNSPOKEN: &[(&str, &str)] = &[
    (
        "certifyUnits",
        "a stream both ways: `tamga certificate batch` calls it",
    ),
    ("getContract", "programs fetch it; people read openapi/admin.json"),
    ("getDocumentation", "a page for browsers"),
    ("getDocumentationFile", "a part of that page"),
];

/// An operation of the document.
struct Operation<'a> {
    method: String,
    path: &'a str,
    said: &'a Value,
    shared: &'a Value,
}

fn document() -> Value {
    let text = include_str!("../../../../openapi/admin.json");
    serde_json::from_str(text).expect("the document is JSON")
}

fn operations(document: &Value) -> BTreeMap<&str, Operation<'_>> {
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, said) in item.as_object().expect("operations") {
            if let Some(name) = said["operationId"].as_str() {
                let operation = Operation {
                    method: method.to_uppercase(),
                    path,
                    said,
                    shared: &item["parameters"],
                };
                found.insert(name, operation);
            }
        }
    }
    found
}

fn rows() -> impl Iterator<Item = &'static Verb> {
    NOUNS.iter().flat_map(|noun| noun.verbs)
}

/// A schema or parameter, behind its references.
fn resolved<'a>(document: &'a Value, mut found: &'a Value) -> &'a Value {
    while let Some(place) = found["$ref"].as_str() {
        found = document
            .pointer(place.trim_start_matches('#'))
            .expect("a reference");
    }
    found
}

/// Every schema a value may have: alternatives are looked into.
fn schemas<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let schema = resolved(document, schema);
    let alternatives = ["oneOf", "anyOf", "allOf"].iter();
    let alternatives = alternatives.filter_map(|word| schema[*word].as_array()).flatten();
    let mut all = vec![schema];
    all.extend(alternatives.flat_map(|schema| schemas(document, schema)));
    all
}

/// The schemas of a member at a place of a body.
fn member<'a>(document: &'a Value, body: &'a Value, pointer: &str) -> Vec<&'a Value> {
    let mut found = schemas(document, body);
    for name in pointer.split('/').skip(1) {
        let members = found.iter().map(|schema| &schema["properties"][name]);
        let members = members.filter(|schema| !schema.is_null());
        found = members.flat_map(|schema| schemas(document, schema)).collect();
    }
    found
}

fn parameters<'a>(
    document: &'a Value,
    operation: &'a Operation<'_>,
    place: &str,
) -> BTreeMap<&'a str, &'a Value> {
    let said = [operation.shared, &operation.said["parameters"]];
    let all = said.into_iter().filter_map(Value::as_array).flatten();
    let all = all.map(|parameter| resolved(document, parameter));
    all.filter(|parameter| parameter["in"] == place)
        .map(|parameter| (parameter["name"].as_str().expect("a name"), &parameter["schema"]))
        .collect()
}

/// The words a schema lets be said.
fn words<'a>(document: &'a Value, schema: &'a Value) -> BTreeSet<&'a str> {
    let all = schemas(document, schema).into_iter();
    all.filter_map(|schema| schema["enum"].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn assert_words(document: &Value, schemas: &[&Value], (verb, take): (&Verb, &Take)) {
    if let Kind::Choice(offered) = take.kind {
        let known: BTreeSet<&str> = schemas
            .iter()
            .flat_map(|schema| words(document, schema))
            .collect();
        let offered: BTreeSet<&str> = offered.iter().copied().collect();
        assert_eq!(offered, known, "{} --{}", verb.operation, take.name);
    }
}

#[test]
fn every_operation_has_a_verb_or_a_reason() {
    let document = document();
    let spoken: BTreeSet<&str> = rows().map(|verb| verb.operation).collect();
    let unspoken: BTreeSet<&str> = UNSPOKEN.iter().map(|(operation, _)| *operation).collect();
    for operation in operations(&document).keys() {
        let (spoken, unspoken) = (spoken.contains(operation), unspoken.contains(operation));
        assert!(
            spoken || unspoken,
            "{operation} has no verb: add a row to services/tamga/src/command/noun/, or a reason to UNSPOKEN"
        );
        assert!(
            !(spoken && unspoken),
            "{operation} has a verb: take it out of UNSPOKEN"
        );
    }
    for operation in spoken.union(&unspoken) {
        assert!(
            operations(&document).contains_key(operation),
            "there is no operation {operation}"
        );
    }
}

#[test]
fn every_row_calls_its_operation() {
    let document = document();
    let operations = operations(&document);
    for verb in rows() {
        let operation = &operations[verb.operation];
        assert_eq!(
            (verb.method, verb.full_path().as_str()),
            (operation.method.as_str(), operation.path),
            "{}",
            verb.operation
        );
        let named: Vec<&str> = verb
            .takes
            .iter()
            .filter_map(|take| match take.place {
                Place::Path(segment) => Some(segment),
                Place::Query(_) | Place::Body(_) | Place::Header(_) | Place::Octets(_) => None,
            })
            .collect();
        for segment in operation
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{'))
        {
            let segment = segment.trim_end_matches('}');
            let filled = segment == "organization" || named.contains(&segment);
            assert!(filled, "{} does not take {segment}", verb.operation);
        }
    }
}

#[test]
fn every_argument_goes_where_the_operation_takes_it() {
    let document = document();
    let operations = operations(&document);
    for verb in rows() {
        let operation = &operations[verb.operation];
        let body = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        for take in verb.takes {
            let known = match take.place {
                Place::Path(_) => continue,
                Place::Octets(media) => {
                    let content = &operation.said["requestBody"]["content"];
                    assert!(!content[media].is_null(), "{} takes no {media}", verb.operation);
                    continue;
                }
                Place::Query(name) => parameters(&document, operation, "query")
                    .remove(name)
                    .into_iter()
                    .collect(),
                Place::Header(name) => parameters(&document, operation, "header")
                    .remove(name)
                    .into_iter()
                    .collect(),
                Place::Body(pointer) => member(&document, body, pointer),
            };
            assert!(!known.is_empty(), "{} takes no {}", verb.operation, take.name);
            assert_words(&document, &known, (verb, take));
        }
        for (pointer, _) in verb.takes.iter().flat_map(|take| take.says) {
            assert!(
                !member(&document, body, pointer).is_empty(),
                "{} takes no {pointer}",
                verb.operation
            );
        }
    }
}

#[test]
fn every_row_offers_what_its_operation_needs_and_every_filter() {
    let document = document();
    let operations = operations(&document);
    for verb in rows() {
        let operation = &operations[verb.operation];
        let body = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        let offered: Vec<&str> = verb
            .takes
            .iter()
            .filter_map(|take| match take.place {
                Place::Body(pointer) => Some(pointer),
                Place::Path(_) | Place::Query(_) | Place::Header(_) | Place::Octets(_) => None,
            })
            .collect();
        for needed in resolved(&document, body)["required"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let place = format!("/{}", needed.as_str().expect("a name"));
            let said = offered
                .iter()
                .any(|pointer| pointer.is_empty() || pointer.starts_with(&place));
            assert!(said, "{} needs {place}", verb.operation);
        }
        if verb.name == "list" {
            let taken: Vec<&str> = verb
                .takes
                .iter()
                .filter_map(|take| match take.place {
                    Place::Query(name) => Some(name),
                    Place::Path(_) | Place::Body(_) | Place::Header(_) | Place::Octets(_) => None,
                })
                .collect();
            for name in parameters(&document, operation, "query").keys() {
                let paging = ["limit", "cursor"].contains(name);
                assert!(
                    paging || taken.contains(name),
                    "{} can be asked for {name}",
                    verb.operation
                );
            }
        }
    }
}
