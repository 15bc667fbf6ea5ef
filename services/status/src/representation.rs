// SPDX-License-Identifier: Apache-2.0
//! Bytes to be served, their validators, how long a cache may keep them; and the answer to a conditional request.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use data_encoding::HEXLOWER;
use tamga_x509::time::Timestamp;
use time::OffsetDateTime;
use time::macros::format_description;

/// What is served under a path.
#[derive(Debug)]
pub(crate) struct Representation {
    pub(crate) media: &'static str,
    /// Strong (RFC 9110 §8.8.3): made from the bytes.
    pub(crate) tag: HeaderValue,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) freshness: Freshness,
    pub(crate) bytes: Bytes,
}

/// How long a cache may serve an answer unasked, and how much longer while we fail (RFC 5861 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Freshness {
    pub(crate) age: Duration,
    pub(crate) stale_if_error: Duration,
}

impl Representation {
    /// The whole, or 304 where the caller already has it. HEAD is the router's: it drops the body.
    pub(crate) fn answer(self, headers: &HeaderMap) -> Response {
        let modified = self.modified.and_then(http_date);
        let has_it = is_had(headers, &self.tag, modified.as_ref());
        let mut response = if has_it {
            Response::new(Body::empty())
        } else {
            Response::new(Body::from(self.bytes))
        };
        if has_it {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag);
        headers.insert(header::CACHE_CONTROL, self.freshness.header());
        if let Some(modified) = modified {
            headers.insert(header::LAST_MODIFIED, modified);
        }
        if !has_it {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media));
        }
        response
    }
}

impl Freshness {
    fn header(self) -> HeaderValue {
        let (age, stale) = (self.age.as_secs(), self.stale_if_error.as_secs());
        let text = if stale == 0 {
            format!("public, max-age={age}")
        } else {
            format!("public, max-age={age}, stale-if-error={stale}")
        };
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("no-cache"))
    }
}

/// RFC 9110 §13.2.2: If-Modified-Since counts only where there is no If-None-Match. A date is compared as text: clients
/// send back the one they were given.
fn is_had(headers: &HeaderMap, tag: &HeaderValue, modified: Option<&HeaderValue>) -> bool {
    let mut conditions = headers.get_all(header::IF_NONE_MATCH).iter().peekable();
    if conditions.peek().is_some() {
        return conditions.any(|condition| condition.to_str().is_ok_and(|list| names(list, tag)));
    }
    let since = headers.get(header::IF_MODIFIED_SINCE);
    since.is_some_and(|since| modified == Some(since))
}

/// RFC 9110 §13.1.2: compared weakly, for proxies that compress mark tags as weak. Our tags hold no comma.
fn names(list: &str, tag: &HeaderValue) -> bool {
    list.split(',').map(str::trim).any(|one| {
        let one = one.strip_prefix("W/").unwrap_or(one);
        one == "*" || one.as_bytes() == tag.as_bytes()
    })
}

/// A tag of exactly these bytes.
pub(crate) fn tag(bytes: &[u8]) -> HeaderValue {
    let hash = digest(&SHA256, bytes);
    let short = hash.as_ref().get(..16).unwrap_or_default();
    HeaderValue::try_from(format!("\"{}\"", HEXLOWER.encode(short)))
        .unwrap_or(HeaderValue::from_static("\"\""))
}

/// RFC 9110 §5.6.7, the preferred form.
fn http_date(at: Timestamp) -> Option<HeaderValue> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let text = OffsetDateTime::from_unix_timestamp(at.seconds())
        .ok()?
        .format(format)
        .ok()?;
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_http_wants_it() {
        let written = http_date(Timestamp::from_seconds(784_111_777)).unwrap();
        assert_eq!(written, "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn a_tag_is_of_the_bytes() {
        assert_eq!(tag(b"one"), tag(b"one"));
        assert_ne!(tag(b"one"), tag(b"two"));
        assert_eq!(tag(b"one").len(), 34);
    }

    #[test]
    fn whoever_has_it_is_told_so() {
        let tag = HeaderValue::from_static("\"abc\"");
        let date = HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT");
        let had = |conditions: &[(header::HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in conditions {
                headers.append(name, HeaderValue::from_static(value));
            }
            is_had(&headers, &tag, Some(&date))
        };
        assert!(had(&[(header::IF_NONE_MATCH, "\"abc\"")]));
        assert!(had(&[(header::IF_NONE_MATCH, "W/\"abc\"")]));
        assert!(had(&[(header::IF_NONE_MATCH, "\"x\", \"abc\"")]));
        assert!(had(&[
            (header::IF_NONE_MATCH, "\"x\""),
            (header::IF_NONE_MATCH, "\"abc\"")
        ]));
        assert!(had(&[(header::IF_NONE_MATCH, "*")]));
        assert!(!had(&[(header::IF_NONE_MATCH, "\"x\"")]));
        assert!(!had(&[(header::IF_NONE_MATCH, "abc")]));
        assert!(had(&[(
            header::IF_MODIFIED_SINCE,
            "Sun, 06 Nov 1994 08:49:37 GMT"
        )]));
        assert!(!had(&[(
            header::IF_MODIFIED_SINCE,
            "Sun, 06 Nov 1994 08:49:38 GMT"
        )]));
        let both = [
            (header::IF_NONE_MATCH, "\"x\""),
            (header::IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT"),
        ];
        assert!(!had(&both), "the tag goes before the date");
        assert!(!had(&[]));
    }
}
