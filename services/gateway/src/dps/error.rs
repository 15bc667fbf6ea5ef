// SPDX-License-Identifier: Apache-2.0
//! Refusals and faults as DPS errors: one table from what the house says to what the wire says.
//!
//! Never 429 or 503: an unmodified Node client gives its device up at the first of either.

use std::collections::BTreeMap;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use serde::Serialize;
use tamga_attestation::{Doubt, PresentedCertificate};
use tamga_authority::refusal::{Failure, Fault, Refusal};
use tamga_registry::admission::Denial;
use tamga_runtime::listener::Interruption;
use tamga_x509::time::Timestamp;

use super::answer::{dated, json};
use super::rim::RimRefusal;
use crate::arrival::Arrival;

/// The HTTP status of an answer and its DPS error code, whose first three digits repeat the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The status.
    pub status: StatusCode,
    /// The code, in the body and in `x-ms-error-code`.
    pub error: u32,
}

impl Code {
    pub(super) const fn new(status: StatusCode, error: u32) -> Self {
        Self { status, error }
    }
}

/// How each refusal is answered.
///
/// Where the Azure service is known to answer a like case, the code is its code; the slug in `info` tells cases of one
/// code apart.
#[must_use]
pub fn code_of(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::Unproven(Doubt::TokenMissing | Doubt::CertificateMissing | Doubt::MethodNotAccepted)
        | Refusal::Unauthenticated
        | Refusal::NoRole
        | Refusal::BeyondOwnRights
        | Refusal::OwnRole
        | Refusal::HeldFromAbove
        | Refusal::Forbidden(_) => Code::new(StatusCode::UNAUTHORIZED, 401_000),
        Refusal::Unproven(
            Doubt::TokenMalformed(_)
            | Doubt::TokenExpired
            | Doubt::TokenLifetime
            | Doubt::TokenScope
            | Doubt::TokenPlane
            | Doubt::TokenSignature
            | Doubt::CertificateMalformed(_)
            | Doubt::CertificateKey
            | Doubt::ChainExpired
            | Doubt::CertificateName
            | Doubt::CertificateUntrusted
            | Doubt::CertificateReplaced
            | Doubt::ChainRevoked
            | Doubt::CertificateStatusUnknown,
        )
        | Refusal::Denied(
            Denial::OrganizationSuspended
            | Denial::EnrollmentDisabled
            | Denial::DeviceDisabled
            | Denial::DeviceDeleted
            | Denial::DeviceReleased
            | Denial::DeviceRevoked
            | Denial::IdentityBound,
        ) => Code::new(StatusCode::UNAUTHORIZED, 401_002),
        // Keys are the admin plane's alone; whoever sees such a refusal here sent the same thing twice.
        Refusal::Csr(_) | Refusal::Overruled { .. } | Refusal::KeyReused => {
            Code::new(StatusCode::BAD_REQUEST, 400_037)
        }
        Refusal::Invalid { .. } | Refusal::ProfileInvalid(_) => Code::new(StatusCode::BAD_REQUEST, 400_004),
        Refusal::NotFound(_) => Code::new(StatusCode::NOT_FOUND, 404_202),
        Refusal::Denied(
            Denial::KeyInUse
            | Denial::KeyBlocked
            | Denial::RotationRequired
            | Denial::RekeyRefused
            | Denial::RekeyLimit
            | Denial::CertificateSuperseded
            | Denial::OrderFailed
            | Denial::IssuerUnavailable
            | Denial::EpochExhausted
            | Denial::UnitExists
            | Denial::StationDisabled
            | Denial::StationOutsidePeriod
            | Denial::StationLimit
            | Denial::StationDayLimit
            | Denial::ReworkLimit,
        )
        | Refusal::Duplicate(..)
        | Refusal::PreconditionFailed
        | Refusal::NameTaken(_)
        | Refusal::OwnedElsewhere(_)
        | Refusal::ApprovalExpired
        | Refusal::ApprovalDecided
        | Refusal::ApprovalStale
        | Refusal::GrantHeld
        | Refusal::OwnRequest
        | Refusal::NotAPerson
        | Refusal::NotTheAuthor
        | Refusal::GrantInUse(_)
        | Refusal::AnchorInUse
        | Refusal::CertificateInUse
        | Refusal::RoleHeld
        | Refusal::LastAdministrator
        | Refusal::OrganizationSuspended
        | Refusal::TooManyAnchors(_)
        | Refusal::ListsTooLarge(_)
        | Refusal::ListNotNewer
        | Refusal::SubmissionTooOld
        | Refusal::SubmissionUnreadable
        | Refusal::SubmissionsCrowded
        | Refusal::CertificateRevoked
        | Refusal::InProgress
        | Refusal::AnswerLost(_)
        | Refusal::CertificateExpired => Code::new(StatusCode::CONFLICT, 409_203),
    }
}

/// How what the listener answers itself is answered. A deadline we missed is no 503: that is where a Node client gives
/// its device up.
fn interrupted(interruption: Interruption) -> Code {
    match interruption {
        Interruption::Framing(_) => Code::new(StatusCode::BAD_REQUEST, 400_000),
        Interruption::BodyOverdue => Code::new(StatusCode::REQUEST_TIMEOUT, 408_000),
        Interruption::BodyTooLarge => Code::new(StatusCode::PAYLOAD_TOO_LARGE, 413_000),
        Interruption::AnswerOverdue | Interruption::Panicked | Interruption::Unnamed => FAULT,
    }
}

const FAULT: Code = Code::new(StatusCode::INTERNAL_SERVER_ERROR, 500_000);

/// Why a call of the device plane is not answered as asked.
#[derive(Debug)]
pub(super) enum Rejection {
    /// The request itself shows why.
    AtTheRim(RimRefusal),
    /// Authority refused.
    Refused(Refusal),
    /// We failed.
    Broken(Fault),
    /// The listener answers in our place.
    Interrupted(Interruption),
}

impl<R: Into<RimRefusal>> From<R> for Rejection {
    fn from(refusal: R) -> Self {
        Self::AtTheRim(refusal.into())
    }
}

pub(super) fn failed(failure: Failure) -> Rejection {
    match failure {
        Failure::Refused(refusal) => Rejection::Refused(refusal),
        Failure::Broken(fault) => Rejection::Broken(fault),
    }
}

/// The error body every client reads, or at least does not stumble over.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody {
    error_code: u32,
    tracking_id: String,
    message: String,
    /// The slug; what the caller itself presented; and the server's time where its clock is to blame.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    info: BTreeMap<&'static str, String>,
    timestamp_utc: String,
}

/// Renders a rejection; logs it where the fault is ours.
pub(super) fn render(rejection: &Rejection, arrival: &Arrival, now: Timestamp) -> Response {
    let mut info = BTreeMap::new();
    let (code, message) = match rejection {
        Rejection::AtTheRim(refusal) => {
            info.insert("slug", refusal.slug().to_owned());
            if let RimRefusal::Credential(doubt) = refusal {
                tell_more(*doubt, arrival, now, &mut info);
            }
            (refusal.code(), refusal.to_string())
        }
        Rejection::Refused(refusal) => {
            info.insert("slug", refusal.slug().to_owned());
            if let Refusal::Unproven(doubt) = refusal {
                tell_more(*doubt, arrival, now, &mut info);
            }
            (code_of(refusal), refusal.to_string())
        }
        Rejection::Broken(fault) => {
            crate::fault::log(fault, arrival);
            (FAULT, OUR_FAULT.to_owned())
        }
        Rejection::Interrupted(interruption) => match interrupted(*interruption) {
            FAULT => (FAULT, OUR_FAULT.to_owned()),
            code => {
                info.insert("slug", interruption.slug().to_owned());
                (code, interruption.to_string())
            }
        },
    };
    let body = ErrorBody {
        error_code: code.error,
        tracking_id: arrival.tracking_id(),
        message,
        info,
        timestamp_utc: dated(now),
    };
    let mut response = json(code.status, &body);
    response
        .headers_mut()
        .insert(ERROR_CODE, HeaderValue::from(code.error));
    if code.status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §11.6.1: a 401 names the scheme that would do.
        let scheme = HeaderValue::from_static("SharedAccessSignature");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response.into_response()
}

/// What helps the caller to mend what it presented: the time where its clock is to blame, and its own certificate as it
/// was read here. Nothing of what it was measured by is told.
fn tell_more(doubt: Doubt, arrival: &Arrival, now: Timestamp, info: &mut BTreeMap<&'static str, String>) {
    if doubt.blames_clock() {
        info.insert("serverTimeUtc", dated(now));
    }
    let shown = arrival.certificates();
    let leaf = shown.first().filter(|_| doubt.blames_certificate());
    let Some(Ok(leaf)) = leaf.map(|der| PresentedCertificate::parse(der.as_ref())) else {
        return;
    };
    info.insert("certificatesPresented", shown.len().to_string());
    info.insert("subject", leaf.subject());
    info.insert("issuer", leaf.issuer());
    info.insert("notBeforeUtc", dated(leaf.not_before()));
    info.insert("notAfterUtc", dated(leaf.not_after()));
    if let Some(identifier) = leaf.authority_key_identifier() {
        info.insert("authorityKeyIdentifier", HEXLOWER.encode(identifier));
    }
}

const ERROR_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");
const OUR_FAULT: &str = "the service failed to answer, and it is not the caller's fault: try again, and if it lasts give the trackingId to the operator";

#[cfg(test)]
mod tests;
