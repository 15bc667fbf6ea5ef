// SPDX-License-Identifier: Apache-2.0
//! Takes a request's body whole, within a limit, and never decompresses anything.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, header};

/// The most octets of a body either plane reads: as much as a message of the DPS may have. A CSR has at most 32 KiB of
/// text.
pub(crate) const BODY_LIMIT: usize = 96 * 1024;

/// Why a body could not be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    /// It has more than [`BODY_LIMIT`] octets, or is announced to.
    TooLarge,
    /// It has a content coding.
    Encoded,
    /// It ended before its announced end.
    CutShort,
}

/// Reads the whole body, and not one octet more than the limit and one.
pub(crate) async fn take(headers: &HeaderMap, body: Body) -> Result<Bytes, BodyFault> {
    take_at_most(BODY_LIMIT, headers, body).await
}

/// The same, within another limit. The listener in front may allow less.
pub(crate) async fn take_at_most(limit: usize, headers: &HeaderMap, body: Body) -> Result<Bytes, BodyFault> {
    if !is_plain(headers) {
        return Err(BodyFault::Encoded);
    }
    to_bytes(body, limit).await.map_err(|error| fault_of(&error))
}

/// Whether a body has no content coding.
pub(crate) fn is_plain(headers: &HeaderMap) -> bool {
    let plain = |coding: &str| coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity");
    let codings = headers.get_all(header::CONTENT_ENCODING);
    codings.iter().all(|coding| coding.to_str().is_ok_and(plain))
}

/// The limit's error may lie below others: this plane's limit, or the listener's.
fn fault_of(error: &(dyn std::error::Error + 'static)) -> BodyFault {
    let mut cause = Some(error);
    while let Some(error) = cause {
        // The type of the limit's error is not exported by axum; its sentence is stable and tested here.
        if error.to_string() == LIMIT_SENTENCE {
            return BodyFault::TooLarge;
        }
        cause = error.source();
    }
    BodyFault::CutShort
}

const LIMIT_SENTENCE: &str = "length limit exceeded";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_at_the_limit_is_taken_and_one_octet_more_is_not() {
        let headers = HeaderMap::new();
        let most = 96 * 1024;
        let fits = take(&headers, Body::from(vec![b' '; most])).await.unwrap();
        assert_eq!(fits.len(), most);
        let beyond = take(&headers, Body::from(vec![b' '; most + 1])).await;
        assert_eq!(beyond, Err(BodyFault::TooLarge));
    }

    #[tokio::test]
    async fn nothing_is_decompressed() {
        for (coding, taken) in [
            ("identity", true),
            ("", true),
            ("gzip", false),
            ("br", false),
            ("gzip, identity", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_ENCODING, coding.parse().unwrap());
            assert_eq!(take(&headers, Body::from("{}")).await.is_ok(), taken, "{coding}");
        }
    }
}
