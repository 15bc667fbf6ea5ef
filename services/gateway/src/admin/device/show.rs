// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/devices/{registrationId}`: a device and its certificates, newest first.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::HEXLOWER;
use serde::Serialize;
use tamga_registry::certificate::{CertificateRecord, CertificateState};
use tamga_registry::device::{DeviceState, RegistrationId};
use tamga_registry::store::DeviceView as Seen;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{answer, dated};
use crate::admin::path::Named;
use crate::admin::problem::render;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviceView {
    id: String,
    registration_id: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<RevocationView>,
    /// The group or individual enrollment whose credential it is bound to.
    enrollment_id: String,
    created_at: String,
    updated_at: String,
    certificates: Vec<CertificateView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CertificateView {
    id: String,
    serial: String,
    state: &'static str,
    /// Its place in the device's line, while it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<RevocationView>,
    issuer_id: String,
    profile_id: String,
    profile_revision: i64,
    epoch: i64,
    shard: u32,
    spki_sha256: String,
    not_before: String,
    not_after: String,
}

#[derive(Debug, Serialize)]
struct RevocationView {
    at: String,
    reason: &'static str,
}

impl DeviceView {
    fn new(seen: &Seen) -> Self {
        let device = &seen.device;
        let (state, revoked) = match device.state {
            DeviceState::Active => ("active", None),
            DeviceState::Revoked { at, reason } => (
                "revoked",
                Some(RevocationView {
                    at: dated(at),
                    reason: reason.slug(),
                }),
            ),
        };
        Self {
            id: device.id.to_string(),
            registration_id: device.registration_id.presented().to_owned(),
            state,
            revoked,
            enrollment_id: device.bound.enrollment.to_string(),
            created_at: dated(device.created_at),
            updated_at: dated(device.updated_at),
            certificates: seen
                .certificates
                .iter()
                .map(|record| CertificateView::new(record, seen))
                .collect(),
        }
    }
}

impl CertificateView {
    fn new(record: &CertificateRecord, seen: &Seen) -> Self {
        let place = if seen.provisional.contains(&record.id) {
            Some("provisional")
        } else {
            seen.current.contains(&record.id).then_some("current")
        };
        let revoked = match &record.state {
            CertificateState::Revoked { at, reason, .. } => Some(RevocationView {
                at: dated(*at),
                reason: reason.slug(),
            }),
            CertificateState::Intended { .. }
            | CertificateState::Issued { .. }
            | CertificateState::Superseded { .. } => None,
        };
        Self {
            id: record.id.to_string(),
            serial: record.serial.to_string(),
            state: record.state.word(),
            place,
            revoked,
            issuer_id: record.issuer.to_string(),
            profile_id: record.revision.profile.to_string(),
            profile_revision: record.revision.revision,
            epoch: record.epoch,
            shard: record.shard,
            spki_sha256: HEXLOWER.encode(&record.spki.0),
            not_before: dated(record.validity.not_before()),
            not_after: dated(record.validity.not_after()),
        }
    }
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
) -> Response {
    match plane
        .administration
        .device(&known.caller, &organization, &what)
        .await
    {
        Ok(seen) => answer(StatusCode::OK, &DeviceView::new(&seen)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
