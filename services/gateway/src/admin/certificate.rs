// SPDX-License-Identifier: Apache-2.0
//! Certificates, as they are shown: what was issued, to whom, and what became of it.

use data_encoding::HEXLOWER;
use serde::Serialize;
use tamga_registry::certificate::{CertificateRecord, CertificateState, SeenCertificate};
use tamga_registry::lineage::Place;
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod list;
mod revoke;
mod show;

pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::get("/v1/organizations/{organization}/certificates", list::handle),
        Route::get(
            "/v1/organizations/{organization}/certificates/{certificate}",
            show::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/certificates/{certificate}/revoke",
            revoke::handle,
        ),
    ]
}

/// A certificate, without its bytes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificateView {
    id: String,
    serial: String,
    state: &'static str,
    /// Its place in the device's line, while it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<RevocationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
    /// Where it is not told of within its device.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_id: Option<String>,
    issuer_id: String,
    profile_id: String,
    profile_revision: i64,
    epoch: i64,
    shard: u32,
    spki_sha256: String,
    not_before: String,
    not_after: String,
    created_at: String,
    /// Absent while it is intended, and where it was revoked before it was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<String>,
}

/// Since when, and why.
#[derive(Debug, Serialize)]
pub(super) struct RevocationView {
    at: String,
    reason: &'static str,
}

impl RevocationView {
    pub(super) fn new(at: Timestamp, reason: RevocationReason) -> Self {
        Self {
            at: dated(at),
            reason: reason.slug(),
        }
    }
}

impl CertificateView {
    pub(super) fn new(record: &CertificateRecord, place: Option<Place>) -> Self {
        let (revoked, issued_at) = match &record.state {
            CertificateState::Revoked { at, reason, .. } => (Some(RevocationView::new(*at, *reason)), None),
            CertificateState::Intended { .. } => (None, None),
            CertificateState::Issued { at, .. } | CertificateState::Superseded { at, .. } => {
                (None, Some(*at))
            }
        };
        Self {
            id: record.id.to_string(),
            serial: record.serial.to_string(),
            state: record.state.word(),
            place: place.map(Place::word),
            revoked,
            order_id: record.order.map(|id| id.to_string()),
            device_id: record.device.map(|id| id.to_string()),
            registration_id: None,
            issuer_id: record.issuer.to_string(),
            profile_id: record.revision.profile.to_string(),
            profile_revision: record.revision.revision,
            epoch: record.epoch,
            shard: record.shard,
            spki_sha256: HEXLOWER.encode(&record.spki.0),
            not_before: dated(record.validity.not_before()),
            not_after: dated(record.validity.not_after()),
            created_at: dated(record.intended_at),
            issued_at: issued_at.map(dated),
        }
    }

    pub(super) fn seen(seen: &SeenCertificate) -> Self {
        Self {
            registration_id: Some(seen.registration_id.presented().to_owned()),
            ..Self::new(&seen.record, seen.place)
        }
    }
}
