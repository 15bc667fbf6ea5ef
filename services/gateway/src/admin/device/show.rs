// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/devices/{registrationId}`: a device and its certificates, newest first.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tamga_registry::certificate::CertificateRecord;
use tamga_registry::device::RegistrationId;
use tamga_registry::lineage::Place;
use tamga_registry::store::DeviceView as Seen;

use super::DeviceView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::certificate::CertificateView;
use crate::admin::json::answer;
use crate::admin::path::Named;
use crate::admin::problem::render;

#[derive(Debug, Serialize)]
struct WholeView {
    #[serde(flatten)]
    device: DeviceView,
    /// The slug of the organization that may claim it.
    #[serde(rename = "releasedTo", skip_serializing_if = "Option::is_none")]
    released_to: Option<String>,
    certificates: Vec<CertificateView>,
}

impl WholeView {
    fn new(seen: &Seen) -> Self {
        let view = |record: &CertificateRecord| CertificateView::new(record, place_of(record, seen));
        Self {
            device: DeviceView::new(&seen.device),
            released_to: seen.released_to.as_ref().map(ToString::to_string),
            certificates: seen.certificates.iter().map(view).collect(),
        }
    }
}

fn place_of(record: &CertificateRecord, seen: &Seen) -> Option<Place> {
    if seen.provisional.contains(&record.id) {
        return Some(Place::Provisional);
    }
    seen.current.contains(&record.id).then_some(Place::Current)
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
        Ok(seen) => answer(StatusCode::OK, &WholeView::new(&seen)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
