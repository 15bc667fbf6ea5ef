// SPDX-License-Identifier: Apache-2.0
//! Refusals and faults as problem documents (RFC 9457), with a stable `code` and the request's tracking id.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use tamga_authority::refusal::{Failure, Fault, Refusal};
use tamga_registry::admission::Denial;
use tamga_runtime::listener::Interruption;

use super::json;
use crate::arrival::Arrival;

mod at_the_rim;
pub use at_the_rim::RimRefusal;

/// The status each refusal of authority is answered with.
#[must_use]
pub fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Unproven(_) | Refusal::Unauthenticated => StatusCode::UNAUTHORIZED,
        Refusal::Forbidden(_)
        | Refusal::NoRole
        | Refusal::BeyondOwnRights
        | Refusal::OwnRequest
        | Refusal::NotAPerson
        | Refusal::NotTheAuthor
        | Refusal::OwnRole
        | Refusal::HeldFromAbove => StatusCode::FORBIDDEN,
        Refusal::NotFound(_) => StatusCode::NOT_FOUND,
        Refusal::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Refusal::Csr(_)
        | Refusal::Overruled { .. }
        | Refusal::Invalid { .. }
        | Refusal::ProfileInvalid(_)
        | Refusal::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::NameTaken(_)
        | Refusal::OwnedElsewhere(_)
        | Refusal::ApprovalExpired
        | Refusal::ApprovalDecided
        | Refusal::ApprovalStale
        | Refusal::GrantHeld
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
        | Refusal::CertificateExpired
        | Refusal::InProgress
        | Refusal::AnswerLost(_)
        | Refusal::Denied(
            Denial::OrganizationSuspended
            | Denial::EnrollmentDisabled
            | Denial::DeviceDisabled
            | Denial::DeviceDeleted
            | Denial::DeviceReleased
            | Denial::DeviceRevoked
            | Denial::IdentityBound
            | Denial::KeyInUse
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
        | Refusal::Duplicate(..) => StatusCode::CONFLICT,
    }
}

/// Why a call of the admin plane is not answered as asked.
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

impl From<Interruption> for Rejection {
    fn from(interruption: Interruption) -> Self {
        Self::Interrupted(interruption)
    }
}

impl From<RimRefusal> for Rejection {
    fn from(refusal: RimRefusal) -> Self {
        Self::AtTheRim(refusal)
    }
}

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl From<Failure> for Rejection {
    fn from(failure: Failure) -> Self {
        match failure {
            // One answer for all that is not there, whatever kind of thing was looked for and wherever it is.
            Failure::Refused(Refusal::NotFound(_)) => Self::AtTheRim(RimRefusal::NotFound),
            Failure::Refused(refusal) => Self::Refused(refusal),
            Failure::Broken(fault) => Self::Broken(fault),
        }
    }
}

/// A problem document. Its `type` is always `about:blank`, so its title is the status's own phrase (RFC 9457 §4.2.1).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
    tracking_id: String,
    /// What has what was asked for, where the caller may know.
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier_unit: Option<EarlierUnitView>,
}

/// A unit of the caller's own organization.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EarlierUnitView {
    registration_id: String,
    device_id: String,
    since: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    station: Option<String>,
}

impl EarlierUnitView {
    /// What a refusal names, if it names one.
    pub(super) fn named_by(refusal: &Refusal) -> Option<Self> {
        let Refusal::Duplicate(_, earlier) = refusal else {
            return None;
        };
        Some(Self {
            registration_id: earlier.registration_id.clone(),
            device_id: earlier.device.to_string(),
            since: earlier.at.to_rfc3339(),
            station: earlier.station.clone(),
        })
    }
}

/// What is told of a rejection, in whatever form.
pub(super) struct Told {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) detail: String,
    pub(super) earlier_unit: Option<EarlierUnitView>,
}

/// What is told; logs it where the fault is ours.
pub(super) fn told(rejection: Rejection, arrival: &Arrival) -> Told {
    let (status, code, detail, earlier_unit) = match rejection {
        Rejection::AtTheRim(refusal) => (refusal.status(), refusal.slug(), refusal.to_string(), None),
        Rejection::Refused(refusal) => (
            status_of(&refusal),
            refusal.slug(),
            refusal.to_string(),
            EarlierUnitView::named_by(&refusal),
        ),
        Rejection::Broken(fault) => {
            crate::fault::log(&fault, arrival);
            if fault.passes_by_itself() {
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "memory_unavailable",
                    UNAVAILABLE.to_owned(),
                    None,
                )
            } else {
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "fault",
                    OUR_FAULT.to_owned(),
                    None,
                )
            }
        }
        Rejection::Interrupted(why) => (why.status(), why.slug(), why.to_string(), None),
    };
    Told {
        status,
        code,
        detail,
        earlier_unit,
    }
}

/// Renders a rejection as a problem document.
pub(super) fn render(rejection: Rejection, arrival: &Arrival) -> Response {
    let Told {
        status,
        code,
        detail,
        earlier_unit,
    } = told(rejection, arrival);
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
        code,
        tracking_id: arrival.tracking_id(),
        earlier_unit,
    };
    let mut response = json::answer(status, &problem);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if code == Refusal::InProgress.slug() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §11.6.1 wants it; it says nothing about why.
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
    }
    response
}

const CHALLENGE: &str = "Bearer realm=\"tamga\"";
const UNAVAILABLE: &str = "the database cannot be asked for now, and it is not the caller's fault: send the request again in a few seconds, a change under the Idempotency-Key it had";
const OUR_FAULT: &str =
    "the service failed, and it is not the caller's fault: look for the trackingId in the service's log";

#[cfg(test)]
mod tests {
    use tamga_registry::store::StoreFault;

    use super::*;

    #[test]
    fn whoever_is_to_ask_again_later_is_told_so_and_when() {
        let told = |fault: StoreFault| {
            let rejection = Rejection::from(Failure::from(fault));
            let response = render(rejection, &Arrival::interrupted(None));
            (
                response.status(),
                response.headers().contains_key(header::RETRY_AFTER),
            )
        };
        let gone = StoreFault::Unavailable("no connection".into());
        assert_eq!(told(gone), (StatusCode::SERVICE_UNAVAILABLE, true));
        let broken = StoreFault::Broken {
            during: "a test",
            source: "no such column".into(),
        };
        assert_eq!(told(broken), (StatusCode::INTERNAL_SERVER_ERROR, false));
    }
}
