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

    /// Every operation: its path, its method, and what the document says of it.
    pub fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations
                .filter(|(method, _)| *method != "parameters")
                .map(|(method, operation)| (path.as_str(), method.as_str(), operation))
        })
    }

    /// The parameters of an operation, those of its path among them.
    pub fn parameters<'a>(&'a self, path: &str, operation: &'a Value) -> Vec<&'a Value> {
        let lists = [
            &self.document["paths"][path]["parameters"],
            &operation["parameters"],
        ];
        let parameters = lists.into_iter().filter_map(Value::as_array).flatten();
        parameters.map(|parameter| self.resolved(parameter)).collect()
    }

    /// A place of the document: `/components/schemas`.
    pub fn at(&self, place: &str) -> &Value {
        self.document.pointer(place).unwrap_or(&Value::Null)
    }

    /// The document as text.
    pub fn text(&self) -> String {
        self.document.to_string()
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

    /// What is referred to, or the value itself.
    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(place) => self
                .document
                .pointer(place.trim_start_matches('#'))
                .expect("what is referred to"),
            None => value,
        }
    }

    #[track_caller]
    fn assert_valid(&self, place: &str, schema: &Value, body: &Value) {
        let faults = self.faults(schema, body);
        assert!(faults.is_empty(), "{place}: {}\n{body:#}", faults.join("\n"));
    }

    /// What is wrong with a value, by a schema of this document.
    pub fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut whole = Map::new();
        whole.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        whole.insert("allOf".to_owned(), json!([schema]));
        whole.insert("components".to_owned(), self.document["components"].clone());
        let validator = jsonschema::validator_for(&Value::Object(whole)).expect("a schema");
        let faults = validator.iter_errors(value);
        faults
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect()
    }
}
