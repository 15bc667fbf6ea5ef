// SPDX-License-Identifier: Apache-2.0
//! What is refused before there is an act: a request that nobody known makes, or that could mean two things, or nothing.

use axum::http::StatusCode;
use tamga_authority::refusal::Refusal;
use tamga_registry::device::BadRegistrationId;

use crate::body::BodyFault;

/// Why a request ended before it reached an act.
#[derive(Debug, thiserror::Error)]
pub enum RimRefusal {
    /// Nobody this plane knows.
    #[error("{}", Refusal::Unauthenticated)]
    Unauthenticated,
    /// More than one credential.
    #[error(
        "the request comes with more than one credential: send one Authorization header, or show a client certificate, or come through the Unix socket, and leave the others out"
    )]
    TwoCredentials,
    /// Nothing by that name, or not for this caller.
    #[error(
        "there is nothing by that name that this caller may see: check the organization and every name given"
    )]
    NotFound,
    /// Not by this method.
    #[error("this path does not take this method: the Allow header lists those it takes")]
    MethodNotAllowed,
    /// Not announced as JSON.
    #[error(
        "the body is not announced as JSON: send exactly one Content-Type, application/json, and no content coding"
    )]
    MediaType,
    /// Not announced as a revocation list.
    #[error(
        "the body is not announced as a revocation list: send exactly one Content-Type, application/pkix-crl, and no content coding"
    )]
    ListMediaType,
    /// More than the limit.
    #[error("the body has more than 96 KiB, or a revocation list more than 16 MiB: send at most that")]
    BodyTooLarge,
    /// The connection ended first.
    #[error("the body ended before its announced length: send it whole")]
    BodyCutShort,
    /// A body where none is taken.
    #[error("this call takes no body: send none")]
    BodyUnexpected,
    /// Not the JSON that was asked for.
    #[error("the body is not what this call takes: {0}")]
    BodyMalformed(String),
    /// A header that is read once, and is said twice, in disguise, or in no plain text.
    #[error("the header {0} can be understood in two ways: send it once, by this very name, in ASCII")]
    HeaderInvalid(&'static str),
    /// Entity tags that are none.
    #[error(
        "the header {0} is neither * nor a list of entity tags, each in double quotes: send the ETag of what was read, as it came"
    )]
    TagsInvalid(&'static str),
    /// A state is expected where there is no version to compare.
    #[error(
        "this call compares no versions, so that {0} would guard nothing: leave the header out, and read what is to be changed right before"
    )]
    PreconditionUnsupported(&'static str),
    /// A credential where everybody logs it.
    #[error(
        "a credential stands in the URL, where logs and histories keep it: revoke it, and send the new one in the Authorization header"
    )]
    CredentialInUrl,
    /// A page of another site asks by its reader's browser.
    #[error(
        "a page of another site makes this call, and may not: call from a program, or from this very host"
    )]
    CrossSite,
    /// A query parameter that is none, or out of its range.
    #[error("the query is not what this call takes: {0}")]
    QueryInvalid(String),
    /// An idempotency key that is none.
    #[error(
        "the Idempotency-Key is not one of 1 to 255 visible ASCII characters, sent once: send such a one"
    )]
    KeyInvalid,
    /// An idempotency key where what is asked tells itself.
    #[error(
        "this call takes no Idempotency-Key, for what it asks tells itself, by registration id and key: send it again as it is, without the header, and it is answered with the same certificate"
    )]
    KeyUnneeded,
    /// Neither JSON nor a certificate request.
    #[error(
        "the body is announced neither as JSON nor as a certificate request: send exactly one Content-Type, application/json or application/pkcs10, and no content coding"
    )]
    RequestMediaType,
    /// Not lines of JSON.
    #[error(
        "the body is not announced as lines of JSON: send exactly one Content-Type, application/jsonl, and no content coding"
    )]
    LinesMediaType,
    /// A cursor that was not given out for this list.
    #[error(
        "the cursor was not given out for this list, filters and order: take `next` of the page before unaltered, or begin anew without `cursor`"
    )]
    CursorInvalid,
}

impl RimRefusal {
    /// The stable code.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::TwoCredentials => "two_credentials",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::MediaType | Self::ListMediaType => "media_type",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyCutShort => "body_cut_short",
            Self::BodyUnexpected => "body_unexpected",
            Self::BodyMalformed(_) => "body_malformed",
            Self::QueryInvalid(_) => "query_invalid",
            Self::HeaderInvalid(_) | Self::TagsInvalid(_) => "header_invalid",
            Self::PreconditionUnsupported(_) => "precondition_unsupported",
            Self::CredentialInUrl => "credential_in_url",
            Self::CrossSite => "cross_site",
            Self::CursorInvalid => "cursor_invalid",
            Self::KeyInvalid => "idempotency_key_invalid",
            Self::KeyUnneeded => "idempotency_key_unneeded",
            Self::RequestMediaType | Self::LinesMediaType => "media_type",
        }
    }

    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::MediaType | Self::ListMediaType | Self::RequestMediaType | Self::LinesMediaType => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyCutShort
            | Self::BodyUnexpected
            | Self::BodyMalformed(_)
            | Self::QueryInvalid(_)
            | Self::HeaderInvalid(_)
            | Self::TagsInvalid(_)
            | Self::PreconditionUnsupported(_)
            | Self::CredentialInUrl
            | Self::TwoCredentials
            | Self::CursorInvalid
            | Self::KeyInvalid
            | Self::KeyUnneeded => StatusCode::BAD_REQUEST,
        }
    }
}

/// A name in a body that can be none.
impl From<BadRegistrationId> for RimRefusal {
    fn from(wrong: BadRegistrationId) -> Self {
        Self::BodyMalformed(wrong.to_string())
    }
}

impl From<BodyFault> for RimRefusal {
    fn from(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::BodyTooLarge,
            BodyFault::Encoded => Self::MediaType,
            BodyFault::CutShort => Self::BodyCutShort,
        }
    }
}
