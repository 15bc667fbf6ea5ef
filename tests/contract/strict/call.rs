// SPDX-License-Identifier: Apache-2.0
//! The calls there are, each filled with the names of the document's examples, and what is expected of a refusal.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tamga_tests::answer::Told;
use tamga_tests::openapi::Document;
use tamga_tests::wire::{Answer, Request};

use crate::stand::Stand;

/// One route of the router, ready to be called.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// As the router writes it.
    pub(crate) path: String,
    /// With names for its parameters.
    pub(crate) target: String,
    /// An example of a JSON body, where it takes one.
    pub(crate) body: Option<Value>,
    /// Whether it takes a body of another kind.
    pub(crate) takes_other: bool,
    /// The query parameters it takes.
    pub(crate) query: Vec<String>,
    /// The headers it takes.
    pub(crate) headers: Vec<String>,
    /// Further path parameters than the organization, and what they are filled with.
    pub(crate) names: BTreeMap<String, String>,
}

/// A stand, and every call of its router.
pub(crate) struct Door {
    pub(crate) stand: Stand,
    pub(crate) calls: Vec<Call>,
}

impl Door {
    pub(crate) async fn new() -> Self {
        let stand = Stand::new().await;
        let document = Document::of("admin");
        let routes = tamga_gateway::admin::routes();
        let calls = routes.iter().map(|route| {
            let mut operations = document.operations();
            let method = route.method.to_string();
            let found = operations.find(|(path, by, _)| *path == route.path && by.to_uppercase() == method);
            let (path, _, operation) = found.expect("every route is described");
            call(&document, &stand, (path, &method, operation))
        });
        let calls = calls.collect();
        Self { stand, calls }
    }

    /// The methods a path takes.
    pub(crate) fn methods(&self, path: &str) -> Vec<&str> {
        let of_path = self.calls.iter().filter(|call| call.path == path);
        let methods = of_path.map(|call| call.method.as_str());
        methods
            .flat_map(|method| {
                if method == "GET" {
                    vec!["GET", "HEAD"]
                } else {
                    vec![method]
                }
            })
            .collect()
    }

    pub(crate) async fn asks(&self, request: Request) -> Answer {
        self.stand.operator.asks(request).await
    }

    /// Sends each of these; each is refused as it says; and at the end nothing has happened.
    pub(crate) async fn refuses(self, trials: Vec<Trial>) {
        assert!(!trials.is_empty());
        let before = self.stand.house.stands().await;
        let mut last = None;
        let mut wrong = Vec::new();
        for trial in trials {
            let answer = self.asks(trial.request.clone()).await;
            wrong.extend(trial.judge(&answer));
            last = Some(answer);
        }
        assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
        let told = Told {
            answer: last.expect("an answer"),
        };
        before.nothing_happened(&told).await;
        self.stand.ends_well().await;
    }
}

/// A request that is to be refused.
pub(crate) struct Trial {
    pub(crate) request: Request,
    /// Any one of these.
    pub(crate) expected: Vec<(u16, &'static str)>,
    /// A list that looks for it may also find nothing.
    pub(crate) finds_nothing: bool,
}

impl Trial {
    pub(crate) fn new(request: Request, expected: &[(u16, &'static str)]) -> Self {
        Self {
            request,
            expected: expected.to_vec(),
            finds_nothing: false,
        }
    }

    fn judge(&self, answer: &Answer) -> Option<String> {
        let shown: String = format!(
            "{} {} {:?}",
            self.request.method, self.request.target, self.request.headers
        );
        let shown: String = shown.chars().take(200).collect();
        let fault = |what: &str| Some(format!("{shown}: {what}: {} {}", answer.status, answer.text()));
        if answer.header("access-control-allow-origin").is_some() || answer.header("set-cookie").is_some() {
            return fault("opens itself to other sites");
        }
        if self.finds_nothing && answer.status == 200 && answer.json()["items"] == json!([]) {
            return None;
        }
        if self.request.method == "HEAD" {
            let expected = self.expected.iter().any(|(status, _)| *status == answer.status);
            return (!expected).then(|| fault("another status").unwrap_or_default());
        }
        let Ok(problem) = serde_json::from_slice::<Value>(&answer.body) else {
            return fault("no problem document");
        };
        let typed = answer.header("content-type") == Some("application/problem+json")
            && problem["status"] == answer.status
            && problem["trackingId"].as_str() == answer.header("x-ms-request-id")
            && problem["detail"].as_str().is_some_and(|detail| detail.len() > 20);
        if !typed {
            return fault("no whole problem document");
        }
        let told = (answer.status, problem["code"].as_str().unwrap_or_default());
        if self.expected.contains(&told) {
            return None;
        }
        fault(&format!("expected {:?}", self.expected))
    }
}

impl Call {
    /// The call as it is meant, with its example.
    pub(crate) fn request(&self) -> Request {
        let request = Request::new(&self.method, &self.target);
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// The call at another target.
    pub(crate) fn at(&self, target: &str) -> Request {
        Request {
            target: target.to_owned(),
            ..self.request()
        }
    }

    /// With another body, announced as JSON.
    pub(crate) fn with_text(&self, text: &[u8]) -> Request {
        Request::new(&self.method, &self.target)
            .header("Content-Type", "application/json")
            .body(text.to_vec())
    }

    /// Whether it may change something.
    pub(crate) fn changes(&self) -> bool {
        self.method != "GET"
    }
}

fn call(document: &Document, stand: &Stand, (path, method, operation): (&str, &str, &Value)) -> Call {
    let parameters = document.parameters(path, operation);
    let of = |place: &str| -> Vec<&&Value> {
        parameters
            .iter()
            .filter(|parameter| parameter["in"] == place)
            .collect()
    };
    let named = |place: &str| -> Vec<String> {
        let names = of(place).into_iter();
        names
            .map(|parameter| parameter["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let mut target = path.to_owned();
    let mut names = BTreeMap::new();
    for parameter in of("path") {
        let name = parameter["name"].as_str().expect("a name");
        let value = match name {
            "organization" => stand.operator.organization.as_str(),
            "certificate" => stand.certificate.as_str(),
            _ => parameter["example"].as_str().expect("an example"),
        };
        target = target.replace(&format!("{{{name}}}"), value);
        if name != "organization" {
            names.insert(name.to_owned(), value.to_owned());
        }
    }
    let contents = &document.resolved(&operation["requestBody"])["content"];
    let content = &contents["application/json"];
    let first = content["examples"]
        .as_object()
        .and_then(|examples| examples.values().next());
    let body = content
        .get("example")
        .or(first.map(|first| &first["value"]))
        .cloned();
    Call {
        method: method.to_owned(),
        path: path.to_owned(),
        target,
        takes_other: contents
            .as_object()
            .is_some_and(|kinds| kinds.keys().any(|kind| kind != "application/json")),
        body,
        query: named("query"),
        headers: named("header"),
        names,
    }
}

/// A body without the one member that differs from call to call.
pub(crate) fn lasting(answer: &Answer) -> String {
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
        return answer.text();
    };
    if let Some(members) = body.as_object_mut() {
        members.remove("trackingId");
        // Other calls of the test are refused meanwhile: the journal tells of them, and pushes what was done off its page.
        let tells = |items: &Value| items.get(0).is_some_and(|item| item.get("outcome").is_some());
        if members.get("items").is_some_and(tells) {
            members.remove("items");
            members.remove("next");
        }
    }
    body.to_string()
}
