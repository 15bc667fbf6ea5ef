// SPDX-License-Identifier: Apache-2.0
//! Bodies in and out: one JSON value with exactly the members described, and nothing taken for something else.

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tamga_x509::time::Timestamp;

use super::problem::{self, RimRefusal};
use crate::arrival::Arrival;
use crate::body;

/// A body that was announced as JSON, and is.
pub(super) struct Body<T>(pub(super) T);

/// Calls without members take no body: one that is sent was meant for something else.
pub(super) struct NoBody;

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let arrival = Arrival::of(&parts);
        read(&parts.headers, body)
            .await
            .map(Self)
            .map_err(|refusal| problem::render(refusal.into(), &arrival))
    }
}

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let arrival = Arrival::of(&parts);
        let refusal = match body::take(&parts.headers, body).await {
            Ok(body) if body.is_empty() => return Ok(Self),
            Ok(_) => RimRefusal::BodyUnexpected,
            Err(fault) => fault.into(),
        };
        Err(problem::render(refusal.into(), &arrival))
    }
}

async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: axum::body::Body) -> Result<T, RimRefusal> {
    if !announced_as(headers, "application/json") {
        return Err(RimRefusal::MediaType);
    }
    let octets = body::take(headers, body).await?;
    // serde_json refuses what is doubled, nested deeper than 128, or trailing; the types refuse unknown members.
    serde_json::from_slice(&octets).map_err(|error| RimRefusal::BodyMalformed(shown(&error)))
}

/// Exactly one Content-Type: this one, alone or with `charset=utf-8` (RFC 8259 §11 defines no parameter).
pub(super) fn announced_as(headers: &HeaderMap, wanted: &str) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return false;
    };
    let Ok(text) = only.to_str() else { return false };
    let (kind, parameters) = text.split_once(';').unwrap_or((text, ""));
    let parameters = parameters.trim();
    kind.trim().eq_ignore_ascii_case(wanted)
        && (parameters.is_empty()
            || parameters.eq_ignore_ascii_case("charset=utf-8")
            || parameters.eq_ignore_ascii_case("charset=\"utf-8\""))
}

/// The parser's words, which may repeat the caller's own: no longer than a line.
fn shown(error: &serde_json::Error) -> String {
    error.to_string().chars().take(200).collect()
}

/// An answer whose body holds no secret.
pub(super) fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    (status, Json(body)).into_response()
}

/// The answer to a creation. Its secrets are shown this once: no cache may keep them.
pub(super) fn created(location: &str, body: &impl Serialize) -> Response {
    let mut response = answer(StatusCode::CREATED, body);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The answer to whoever put a thing that was there: as it is now. Without a tag, as what was sent is not what is kept octet
/// for octet (RFC 9110 §9.3.4).
pub(super) fn replaced(body: &impl Serialize) -> Response {
    answer(StatusCode::OK, body)
}

/// An instant as the admin plane writes it.
pub(super) fn dated(at: Timestamp) -> String {
    at.to_rfc3339()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(types: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for kind in types {
            headers.append(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        announced_as(&headers, "application/json")
    }

    #[test]
    fn a_body_is_announced_as_json_and_as_nothing_else() {
        for right in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(announced(&[right]), "{right}");
        }
        for wrong in [
            "text/plain",
            "application/json; charset=utf-16",
            "application/jsonp",
            "application/json, text/html",
            "",
        ] {
            assert!(!announced(&[wrong]), "{wrong}");
        }
        assert!(!announced(&[]));
        assert!(!announced(&["application/json", "application/json"]));
    }
}
