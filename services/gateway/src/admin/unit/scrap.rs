// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/scrap`: the unit leaves the line for good. What it has is revoked, and its name stays taken.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::RegistrationId;

use super::request::AtStation;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::NoBody;
use crate::admin::path::Named;
use crate::admin::problem::render;
use crate::admin::revocation::revoked;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    AtStation(station): AtStation,
    NoBody: NoBody,
) -> Response {
    let asked = (&what, station.as_ref());
    match plane.factory.scrap(&known.caller, &organization, asked).await {
        Ok(struck) => revoked(&struck),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
