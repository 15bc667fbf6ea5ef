// SPDX-License-Identifier: Apache-2.0
//! `DELETE …/devices/{registrationId}`: a device goes, its certificates are revoked, and a tombstone stays.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::RegistrationId;

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
    NoBody: NoBody,
) -> Response {
    match plane
        .administration
        .delete_device(&known.caller, &organization, &what)
        .await
    {
        Ok(struck) => revoked(&struck),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
