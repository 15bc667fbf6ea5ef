// SPDX-License-Identifier: Apache-2.0
//! What every request keeps before its handler runs, whatever it asks: nothing in it may be understood in two ways.
//!
//! What a query may say, and whether a state may be expected, stands in one place, the document: a parameter or a condition
//! it does not describe is refused, not ignored, as whoever sent it meant something by it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::Value;

use super::problem::{self, RimRefusal};
use crate::arrival::Arrival;

/// What a request may say beside its path and its body, by method and path.
#[derive(Debug)]
pub(super) struct Described(BTreeMap<(String, String), Taken>);

/// The names of the parameters of an operation.
#[derive(Debug)]
struct Taken {
    query: BTreeSet<String>,
    headers: BTreeSet<String>,
}

/// Refuses, or lets the handler answer.
pub(super) async fn kept(State(described): State<Arc<Described>>, request: Request, next: Next) -> Response {
    match judge(&described, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            let (parts, _) = request.into_parts();
            problem::render(refusal.into(), &Arrival::of(&parts))
        }
    }
}

fn judge(described: &Described, request: &Request) -> Result<(), RimRefusal> {
    let headers = request.headers();
    unambiguous(headers)?;
    of_this_site(request.method(), headers)?;
    let bodiless = [Method::GET, Method::HEAD, Method::DELETE].contains(request.method());
    if bodiless && !request.body().is_end_stream() {
        return Err(RimRefusal::BodyUnexpected);
    }
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map(MatchedPath::as_str).unwrap_or_default();
    let asked = (request.method(), path);
    described.judge_query(asked, request.uri().query().unwrap_or_default())?;
    described.judge_conditions(asked, headers)
}

impl Described {
    /// As a document says it.
    pub(super) fn by(document: &str) -> Self {
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let paths = of(&document, "paths").as_object().into_iter().flatten();
        let operations = paths.flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations.map(move |(method, operation)| (path, method, [item, operation]))
        });
        Self(
            operations
                .map(|(path, method, places)| {
                    let lists = places.map(|place| of(place, "parameters"));
                    let taken = Taken {
                        query: names(&document, lists, "query"),
                        headers: names(&document, lists, "header"),
                    };
                    ((method.to_uppercase(), path.clone()), taken)
                })
                .collect(),
        )
    }

    fn taken(&self, (method, path): (&Method, &str)) -> Option<&Taken> {
        // HEAD is judged as the GET it is.
        let method = if *method == Method::HEAD {
            "GET"
        } else {
            method.as_str()
        };
        self.0.get(&(method.to_owned(), path.to_owned()))
    }

    fn judge_query(&self, asked: (&Method, &str), query: &str) -> Result<(), RimRefusal> {
        let known = self.taken(asked).map(|taken| &taken.query);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap_or_default();
            if CREDENTIALS.contains(&name.to_ascii_lowercase().as_str()) {
                return Err(RimRefusal::CredentialInUrl);
            }
            if !known.is_some_and(|known| known.contains(name)) {
                return Err(RimRefusal::QueryInvalid(listed(known)));
            }
        }
        Ok(())
    }

    /// Whoever says which state they mean is not answered as if they had not: some things have no version to compare.
    fn judge_conditions(&self, asked: (&Method, &str), headers: &HeaderMap) -> Result<(), RimRefusal> {
        // Read in vain is read whole (RFC 9110 §13.1.2): that harms nobody, and caches send such a header by themselves.
        let reads = [Method::GET, Method::HEAD].contains(asked.0);
        let conditions = [
            (header::IF_MATCH, "If-Match", false),
            (header::IF_NONE_MATCH, "If-None-Match", reads),
        ];
        for (header, name, harmless) in conditions {
            let taken = || {
                self.taken(asked)
                    .is_some_and(|taken| taken.headers.contains(name))
            };
            if headers.contains_key(header) && !harmless && !taken() {
                return Err(RimRefusal::PreconditionUnsupported(name));
            }
        }
        Ok(())
    }
}

/// The parameters of two lists of a document that travel in one place.
fn names(document: &Value, lists: [&Value; 2], place: &str) -> BTreeSet<String> {
    let parameters = lists.into_iter().filter_map(Value::as_array).flatten();
    parameters
        .map(|parameter| match of(parameter, "$ref").as_str() {
            Some(whole) => document
                .pointer(whole.trim_start_matches('#'))
                .unwrap_or(&Value::Null),
            None => parameter,
        })
        .filter(|parameter| of(parameter, "in") == place)
        .filter_map(|parameter| of(parameter, "name").as_str().map(str::to_owned))
        .collect()
}

fn of<'a>(value: &'a Value, member: &str) -> &'a Value {
    value.get(member).unwrap_or(&Value::Null)
}

fn listed(known: Option<&BTreeSet<String>>) -> String {
    let names: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
    if names.is_empty() {
        "it takes none".to_owned()
    } else {
        format!("it takes {}, each once", names.join(", "))
    }
}

/// What is read once is said once, in plain text, and by its own name: a proxy in front may read another of two, and some
/// take an underscore for a hyphen.
fn unambiguous(headers: &HeaderMap) -> Result<(), RimRefusal> {
    for name in SAID_ONCE {
        let mut values = headers.get_all(name).iter();
        let plain = values.next().is_none_or(|value| value.to_str().is_ok());
        if !plain || values.next().is_some() {
            return Err(RimRefusal::HeaderInvalid(name));
        }
    }
    for name in DISGUISED {
        if headers.contains_key(name.replace('-', "_")) {
            return Err(RimRefusal::HeaderInvalid(name));
        }
    }
    Ok(())
}

/// A browser shows the client certificate of its user for any page that asks it to. Such calls say whose they are.
fn of_this_site(method: &Method, headers: &HeaderMap) -> Result<(), RimRefusal> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let foreign = text(header::ORIGIN).is_some_and(|origin| {
        let site = origin.split_once("://").map(|(_, site)| site);
        site.is_none() || site != text(header::HOST)
    });
    let sent_by = headers.get("sec-fetch-site");
    let sent_by_another = sent_by.is_some_and(|site| site != "same-origin" && site != "none");
    let changes = ![Method::GET, Method::HEAD].contains(method);
    if foreign || (changes && sent_by_another) {
        return Err(RimRefusal::CrossSite);
    }
    Ok(())
}

/// `Content-Type` and `Content-Encoding` are judged with the body.
const SAID_ONCE: [&str; 5] = [
    "authorization",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "origin",
];
const DISGUISED: [&str; 7] = [
    "content-encoding",
    "content-length",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "transfer-encoding",
];
/// Query parameters by which credentials are wont to travel. URLs are logged, and kept in histories.
const CREDENTIALS: [&str; 8] = [
    "access_token",
    "api_key",
    "apikey",
    "authorization",
    "password",
    "secret",
    "sig",
    "token",
];

#[cfg(test)]
mod tests;
