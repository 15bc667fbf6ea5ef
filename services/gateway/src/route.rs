// SPDX-License-Identifier: Apache-2.0
//! The table a plane is routed by: one row a route, read by the router and compared with the OpenAPI document.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};

/// One route of a plane.
pub struct Route<S> {
    /// Its method. A GET route answers HEAD as well.
    pub method: Method,
    /// Its path, with `{parameters}`, as OpenAPI and the router both write it.
    pub path: &'static str,
    handler: MethodRouter<S>,
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// A route answered to GET and HEAD.
    pub fn get<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self {
            method: Method::GET,
            path,
            handler: on(MethodFilter::GET, handler),
        }
    }

    /// A route answered to POST.
    pub fn post<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self {
            method: Method::POST,
            path,
            handler: on(MethodFilter::POST, handler),
        }
    }

    /// A route answered to DELETE.
    pub fn delete<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self {
            method: Method::DELETE,
            path,
            handler: on(MethodFilter::DELETE, handler),
        }
    }

    /// A route answered to PUT.
    pub fn put<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self {
            method: Method::PUT,
            path,
            handler: on(MethodFilter::PUT, handler),
        }
    }
}

/// Routes the table, and nothing else.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(table: Vec<Route<S>>) -> Router<S> {
    table.into_iter().fold(Router::new(), |router, route| {
        router.route(route.path, route.handler)
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Asserts that a document describes exactly the routes of a table, each with its manners.
    pub(crate) fn assert_described<S>(table: &[Route<S>], document: &str) {
        let document: Value = serde_json::from_str(document).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let described: BTreeSet<(String, String)> = operations(&document)
            .map(|(path, method, _)| (path.to_owned(), method.to_uppercase()))
            .collect();
        let routed: BTreeSet<(String, String)> = table
            .iter()
            .map(|route| (route.path.to_owned(), route.method.to_string()))
            .collect();
        assert_eq!(
            described, routed,
            "the document and the router must name the same routes"
        );
        let mut names = BTreeSet::new();
        for (path, method, operation) in operations(&document) {
            let name = operation["operationId"].as_str().unwrap_or_default();
            assert!(
                !name.is_empty() && names.insert(name.to_owned()),
                "{method} {path}: operationId"
            );
            for member in ["summary", "security", "responses"] {
                assert!(!operation[member].is_null(), "{method} {path} has no {member}");
            }
            assert_parameters_named(path, operation, &document);
        }
    }

    fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
        document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = ["get", "put", "post", "delete", "patch", "head"];
                item.as_object()
                    .unwrap()
                    .iter()
                    .filter(move |(key, _)| methods.contains(&key.as_str()))
                    .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
            })
    }

    /// Every `{parameter}` of the path is described, for the operation or for all of the path's.
    fn assert_parameters_named(path: &str, operation: &Value, document: &Value) {
        let listed = [&operation["parameters"], &document["paths"][path]["parameters"]];
        let described: BTreeSet<&str> = listed
            .iter()
            .filter_map(|list| list.as_array())
            .flatten()
            .map(|parameter| match parameter["$ref"].as_str() {
                Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
                None => parameter,
            })
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let written: BTreeSet<&str> = path
            .split(['{', '}'])
            .enumerate()
            .filter(|(at, _)| at % 2 == 1)
            .map(|(_, name)| name)
            .collect();
        assert_eq!(described, written, "{path}");
    }
}
