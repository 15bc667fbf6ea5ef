// SPDX-License-Identifier: Apache-2.0
//! Whether live answers are what the published OpenAPI documents say.

use serde_json::{Map, Value, json};

use crate::programs::repository;
use crate::wire::Answer;

/// One of `openapi/*.json`.
pub struct Document {
    name: String,
    document: Value,
}

impl Document {
    /// Reads `openapi/<name>.json`.
    pub fn of(name: &str) -> Self {
        let path = repository().join("openapi").join(format!("{name}.json"));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self {
            name: name.to_owned(),
            document: serde_json::from_str(&text).expect("JSON"),
        }
    }

    /// The document describes this answer to this call: its status, its media type, and every member of its body.
    #[track_caller]
    pub fn assert_describes(&self, method: &str, target: &str, answer: &Answer) {
        let path = target.split('?').next().unwrap_or_default();
        let place = format!("{}: {method} {path} → {}", self.name, answer.status);
        let operation = self.operation(&method.to_lowercase(), path);
        let operation = operation.unwrap_or_else(|| panic!("{place}: no such operation"));
        let responses = &operation["responses"];
        let response = match responses.get(answer.status.to_string()) {
            Some(response) => response,
            None => responses
                .get("default")
                .unwrap_or_else(|| panic!("{place}: the status is not described")),
        };
        let response = self.resolved(response);
        let Some(contents) = response["content"].as_object() else {
            assert!(
                answer.body.is_empty(),
                "{place}: a body is not described: {}",
                answer.text()
            );
            return;
        };
        let media = answer.header("content-type").unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim();
        let content = contents
            .get(media)
            .unwrap_or_else(|| panic!("{place}: {media} is not described"));
        if media.ends_with("json") {
            self.assert_valid(&place, &content["schema"], &answer.json());
        }
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let fits = |template: &str| {
            let (pattern, given) = (template.split('/'), path.split('/'));
            let same = |(wanted, found): (&str, &str)| wanted.contains('{') || wanted == found;
            pattern.clone().count() == given.clone().count() && pattern.zip(given).all(same)
        };
        let paths = self.document["paths"].as_object()?;
        let mut fit = paths
            .iter()
            .filter(|(template, item)| fits(template) && item.get(method).is_some());
        fit.next().map(|(_, item)| &item[method])
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(place) => self
                .document
                .pointer(place.trim_start_matches('#'))
                .expect("what is referred to"),
            None => value,
        }
    }

    fn assert_valid(&self, place: &str, schema: &Value, body: &Value) {
        let mut whole = Map::new();
        whole.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        whole.insert("allOf".to_owned(), json!([schema]));
        whole.insert("components".to_owned(), self.document["components"].clone());
        let validator = jsonschema::validator_for(&Value::Object(whole)).expect("a schema");
        let faults: Vec<String> = validator
            .iter_errors(body)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{place}: {}\n{body:#}", faults.join("\n"));
    }
}
