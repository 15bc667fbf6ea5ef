// SPDX-License-Identifier: Apache-2.0
//! The contract for whoever asks: the OpenAPI document, and a page that shows it. No credential is asked for.
//!
//! The page is Swagger UI, as its package ships it, and three small files of ours. It calls nothing but the document,
//! and its policy lets a browser load nothing from elsewhere and run no inline code.

use std::sync::Arc;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa_swagger_ui::Config;

use super::AdminPlane;
use super::json::NoBody;
use super::problem::{self, RimRefusal};
use crate::arrival::Arrival;
use crate::route::Route;

/// The contract.
pub(super) const DOCUMENT: &str = include_str!("../../../../openapi/admin.json");

pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::get("/v1/openapi.json", document),
        Route::get("/v1/docs", page),
        Route::get("/v1/docs/{file}", file),
    ]
}

async fn document(_: NoBody) -> Response {
    shown("application/json", DOCUMENT)
}

async fn page(_: NoBody) -> Response {
    shown("text/html; charset=utf-8", include_str!("description/page.html"))
}

async fn file(name: Result<Path<String>, PathRejection>, arrival: Arrival, _: NoBody) -> Response {
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let found = match name.as_str() {
        "page.css" => Some(shown(
            "text/css; charset=utf-8",
            include_str!("description/page.css"),
        )),
        "page.js" => Some(shown(
            "text/javascript; charset=utf-8",
            include_str!("description/page.js"),
        )),
        "swagger-ui.css" => shipped(&name, "text/css; charset=utf-8"),
        "swagger-ui-bundle.js" => shipped(&name, "text/javascript; charset=utf-8"),
        _ => None,
    };
    found.unwrap_or_else(|| problem::render(RimRefusal::NotFound.into(), &arrival))
}

/// A file of Swagger UI. They are packed once, when they are built in; every browser unpacks them.
fn shipped(name: &str, kind: &'static str) -> Option<Response> {
    let config = Arc::new(Config::from("/v1/openapi.json"));
    let file = utoipa_swagger_ui::serve(name, config).ok().flatten()?;
    let mut response = shown(kind, file.bytes.into_owned());
    if file.gzpipped {
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}

fn shown(kind: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in MANNERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const MANNERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    // A page that is open while the service is upgraded is soon the new one.
    (header::CACHE_CONTROL, "max-age=300"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];
