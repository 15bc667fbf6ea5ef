// SPDX-License-Identifier: Apache-2.0
//! `Idempotency-Key`, over every POST: a request that is sent again under its key does nothing again and is answered as
//! before. Without the header nothing of this happens.
//!
//! A keyed request goes on when its sender hangs up: whoever was cut off sends it again and is told how it ended.

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use tamga_authority::guard::Caller;
use tamga_authority::refusal::Fault;
use tamga_authority::repeat::Answer;
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::repetition::Once;
use tamga_x509::certificate::Fingerprint;

use super::AdminPlane;
use super::anchor::bring_list::LONGEST_LIST;
use super::caller::Known;
use super::problem::{Rejection, RimRefusal, render};
use super::unit;
use crate::arrival::Arrival;
use crate::body;

/// A keyed request: whose, where, and what is left of it for its handler.
struct Keyed {
    caller: Caller,
    organization: OrganizationSlug,
    arrival: Arrival,
    request: Request,
}

/// Lets a request pass, and a keyed one only once.
pub(super) async fn once(State(plane): State<AdminPlane>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let unneeded = path.is_some_and(|path| unit::WITHOUT_KEY.contains(&path));
    let (parts, body) = request.into_parts();
    let arrival = Arrival::of(&parts);
    if unneeded {
        return render(RimRefusal::KeyUnneeded.into(), &arrival);
    }
    let keyed = match keyed(&plane, parts, body).await {
        Ok(keyed) => keyed,
        Err(Early::Answer(response)) => return *response,
        Err(Early::Nowhere(request)) => return next.run(*request).await,
        Err(Early::Refused(refusal)) => return render(refusal.into(), &arrival),
    };
    // A task of its own: it ends what it began, whoever still listens.
    let told = tokio::spawn(async move { told(&plane, keyed, next).await });
    told.await.unwrap_or_else(|error| {
        let fault = Fault::new("answering a request with a key", error);
        render(Rejection::Broken(fault), &arrival)
    })
}

/// Why a request is not told apart by its key.
enum Early {
    /// Its sender is not known, and was told so.
    Answer(Box<Response>),
    /// It is for no organization: its handler says so.
    Nowhere(Box<Request>),
    Refused(RimRefusal),
}

impl<T: Into<RimRefusal>> From<T> for Early {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}

async fn keyed(plane: &AdminPlane, mut parts: Parts, body: Body) -> Result<Keyed, Early> {
    let key = key_of(&parts.headers)?;
    // Strangers are turned away before anything of theirs is read.
    let known = Known::from_request_parts(&mut parts, plane).await;
    let Known { mut caller, arrival } = known.map_err(|answer| Early::Answer(Box::new(answer)))?;
    let Some(organization) = organization_of(&mut parts, plane).await else {
        return Err(Early::Nowhere(Box::new(Request::from_parts(parts, body))));
    };
    let octets = body::take_at_most(longest_body(&parts), &parts.headers, body).await?;
    let once = Once {
        key: digest(&[organization.as_str().as_bytes(), key.as_bytes()]),
        request: digest(&told_apart_by(&parts, &octets)),
    };
    caller.context.once = Some(once);
    parts.extensions.insert(once);
    Ok(Keyed {
        caller,
        organization,
        arrival,
        request: Request::from_parts(parts, Body::from(octets)),
    })
}

async fn told(plane: &AdminPlane, keyed: Keyed, next: Next) -> Response {
    let Keyed {
        caller,
        organization,
        arrival,
        request,
    } = keyed;
    let before = async || match plane.administration.told_before(&caller, &organization).await {
        Ok(answer) => {
            answer.map(|answer| told_again(&answer).unwrap_or_else(|fault| render(fault.into(), &arrival)))
        }
        Err(failure) => Some(render(failure.into(), &arrival)),
    };
    if let Some(response) = before().await {
        return response;
    }
    let response = next.run(request).await;
    if !response.status().is_success() {
        // It may have met itself: another of the same key was a moment earlier.
        return before().await.unwrap_or(response);
    }
    let (response, answer) = kept(response).await;
    if let Some(answer) = answer
        && let Err(fault) = plane.administration.keep_answer(&caller, &answer).await
    {
        crate::fault::log(&fault, &arrival);
    }
    response
}

/// Exactly one, of 1 to 255 visible ASCII characters.
fn key_of(headers: &HeaderMap) -> Result<String, RimRefusal> {
    let mut keys = headers.get_all(KEY).iter();
    let only = match (keys.next(), keys.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    };
    only.filter(|key| {
        (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|octet| octet.is_ascii_graphic())
    })
    .map(str::to_owned)
    .ok_or(RimRefusal::KeyInvalid)
}

async fn organization_of(parts: &mut Parts, plane: &AdminPlane) -> Option<OrganizationSlug> {
    let named = RawPathParams::from_request_parts(parts, plane).await.ok()?;
    let (_, slug) = named.iter().find(|(name, _)| *name == "organization")?;
    slug.parse().ok()
}

/// As much as the call itself takes: what would be refused there is not held here first.
fn longest_body(parts: &Parts) -> usize {
    let path = parts.extensions.get::<MatchedPath>();
    if path.is_some_and(|path| path.as_str().ends_with("/lists")) {
        LONGEST_LIST
    } else {
        body::BODY_LIMIT
    }
}

/// What makes two requests the same.
fn told_apart_by<'a>(parts: &'a Parts, body: &'a Bytes) -> [&'a [u8]; 7] {
    let said = |name: HeaderName| {
        parts
            .headers
            .get(name)
            .map(HeaderValue::as_bytes)
            .unwrap_or_default()
    };
    [
        parts.method.as_str().as_bytes(),
        parts.uri.path().as_bytes(),
        parts.uri.query().unwrap_or_default().as_bytes(),
        said(header::CONTENT_TYPE),
        said(header::IF_MATCH),
        said(header::IF_NONE_MATCH),
        body,
    ]
}

/// Each part behind its length, so that no two lists of parts are digested alike.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut whole = Vec::new();
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        whole.extend_from_slice(&length.to_be_bytes());
        whole.extend_from_slice(part);
    }
    Fingerprint::of(&whole).0
}

/// An answer as it is sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// The answer, and itself in the form that is sealed; nothing of one that is too long to be kept.
async fn kept(response: Response) -> (Response, Option<Answer>) {
    let (parts, body) = response.into_parts();
    let length = body
        .size_hint()
        .upper()
        .and_then(|upper| usize::try_from(upper).ok());
    if length.is_none_or(|length| length > LONGEST_ANSWER) {
        return (Response::from_parts(parts, body), None);
    }
    let Ok(octets) = to_bytes(body, LONGEST_ANSWER).await else {
        return (StatusCode::INTERNAL_SERVER_ERROR.into_response(), None);
    };
    let headers = KEPT_HEADERS.iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let kept = Kept {
        status: parts.status.as_u16(),
        headers: headers.collect(),
        body: BASE64.encode(&octets),
    };
    let answer = serde_json::to_vec(&kept).ok().map(Answer::from);
    (Response::from_parts(parts, Body::from(octets)), answer)
}

fn told_again(answer: &Answer) -> Result<Response, Fault> {
    let during = "telling an answer again";
    let kept: Kept = serde_json::from_slice(answer).map_err(|error| Fault::new(during, error))?;
    let body = BASE64
        .decode(kept.body.as_bytes())
        .map_err(|error| Fault::new(during, error))?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(kept.status).map_err(|error| Fault::new(during, error))?;
    for (name, value) in kept.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
        .headers_mut()
        .insert("idempotency-replayed", HeaderValue::from_static("true"));
    Ok(response)
}

const KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;
/// Longer ones are not kept.
const LONGEST_ANSWER: usize = 1024 * 1024;
const KEPT_HEADERS: [HeaderName; 5] = [
    header::CONTENT_TYPE,
    header::LOCATION,
    header::ETAG,
    header::CACHE_CONTROL,
    header::LINK,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&[u8]]) -> Result<String, RimRefusal> {
        let mut headers = HeaderMap::new();
        for key in keys {
            headers.append(KEY, HeaderValue::from_bytes(key).unwrap());
        }
        key_of(&headers)
    }

    #[test]
    fn a_key_is_one_of_visible_characters_and_not_too_long() {
        for right in [
            "a",
            "8e03978e-40d5-43e8-bc93-6894a57f9324",
            "\"quoted\"",
            &"k".repeat(255),
        ] {
            assert_eq!(keys(&[right.as_bytes()]).unwrap(), right);
        }
        let long = "k".repeat(256);
        let wrong: [&[&[u8]]; 7] = [
            &[],
            &[b""],
            &[b"a", b"a"],
            &[b"a b"],
            &[b"a\tb"],
            &[b"\xc3\xa4"],
            &[long.as_bytes()],
        ];
        for keys_given in wrong {
            assert_eq!(keys(keys_given).unwrap_err().slug(), "idempotency_key_invalid");
        }
    }

    #[test]
    fn no_two_lists_of_parts_are_digested_alike() {
        let lists: [&[&[u8]]; 5] = [&[b"ab"], &[b"a", b"b"], &[b"", b"ab"], &[b"ab", b""], &[]];
        let digests: std::collections::HashSet<_> = lists.iter().map(|parts| digest(parts)).collect();
        assert_eq!(digests.len(), lists.len());
    }

    #[tokio::test]
    async fn an_answer_is_told_again_as_it_was() {
        let mut response = (StatusCode::CREATED, "{\"a\":1}").into_response();
        response
            .headers_mut()
            .insert(header::LOCATION, HeaderValue::from_static("/v1/x"));
        response
            .headers_mut()
            .insert("x-other", HeaderValue::from_static("not kept"));
        let (response, answer) = kept(response).await;
        let again = told_again(&answer.unwrap()).unwrap();
        assert_eq!(
            (again.status(), &again.headers()[header::LOCATION]),
            (StatusCode::CREATED, &response.headers()[header::LOCATION])
        );
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert!(!again.headers().contains_key("x-other"));
        let [first, second] = [response, again].map(|response| to_bytes(response.into_body(), 99));
        assert_eq!(first.await.unwrap(), second.await.unwrap());
    }
}
