// SPDX-License-Identifier: Apache-2.0
//! `tamga explain`: what became of one request, and why.

use serde_json::Value;

use crate::command::show::cell;
use crate::command::verb::{Answer, GET, Kind, Noun, named, verb};

/// What became of one request.
pub(super) const NOUN: Noun = Noun {
    name: "explain",
    about: "Tell what became of one request, and why: by the tracking id its caller was told",
    verbs: &[verb(
        "",
        "explainRequest",
        (GET, "explanations/{trackingId}"),
        Answer::Words(|answer, _| told(answer)),
    )
    .about("Tell what became of one request, and why: by the tracking id its caller was told")
    .examples(&["tamga explain 019aa9c1-5b3c-7def-8123-456789abcdef"])
    .note(
        "Every refusal ends with its tracking id; devices are answered it as trackingId and x-ms-request-id.",
    )
    .takes(&[named("trackingId", Kind::Text, "The tracking id")])],
};

fn told(answer: &Value) -> String {
    let lines = |member: &str, line: &dyn Fn(&Value) -> String| -> Vec<String> {
        let all = answer[member].as_array().into_iter().flatten();
        all.map(line).collect()
    };
    let mut text = lines("findings", &|finding| cell(finding, ""));
    let event = |event: &Value| {
        let said =
            ["/at", "/actor", "/act", "/object", "/outcome", "/reason"].map(|place| cell(event, place));
        format!("  {}", said.join("  ").trim_end())
    };
    let order = |order: &Value| {
        let said = ["/id", "/registrationId", "/kind", "/state", "/failure"].map(|place| cell(order, place));
        format!("  {}", said.join("  ").trim_end())
    };
    for (heading, found) in [
        ("in the journal:", lines("events", &event)),
        ("orders it made:", lines("orders", &order)),
    ] {
        if !found.is_empty() {
            text.push(format!("\n{heading}"));
            text.extend(found);
        }
    }
    text.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn findings_come_first() {
        let answer = json!({
            "findings": ["the key was in use"],
            "events": [{ "at": "t", "actor": "device:pump-1", "act": "order.refuse", "object": "pump-1", "outcome": "refused", "reason": "key_in_use" }],
            "orders": [],
        });
        let text = told(&answer);
        assert!(
            text.starts_with("the key was in use\n\nin the journal:\n  t  device:pump-1"),
            "{text}"
        );
        assert!(!text.contains("orders"), "{text}");
    }
}
