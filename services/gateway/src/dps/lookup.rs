// SPDX-License-Identifier: Apache-2.0
//! `POST /{idScope}/registrations/{registrationId}`: a device asks for its registration. Never answers a certificate.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{RegistrationState, json};
use super::claim::{called_by, claim};
use super::error::{Rejection, failed};
use super::registration::{DeviceRegistration, Doors};
use super::target::{Target, segments};
use super::{DevicePlane, RimRefusal};
use crate::arrival::Arrival;
use crate::body;

pub(super) async fn handle(
    State(plane): State<DevicePlane>,
    arrival: Arrival,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    match lookup(&plane, &arrival, path, request).await {
        Ok(response) => response,
        Err(rejection) => plane.refuse(&rejection, &arrival),
    }
}

async fn lookup(
    plane: &DevicePlane,
    arrival: &Arrival,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Rejection> {
    let (parts, body) = request.into_parts();
    let (scope, id) = segments(path)?;
    let target = Target::new(&scope, &id)?;
    let host = called_by(&parts.uri, &parts.headers)?;
    let registration = DeviceRegistration::parse(&body::take(&parts.headers, body).await?)?;
    registration.require(&target.registration_id)?;
    if registration.mentions_csr() {
        return Err(RimRefusal::CsrInLookup.into());
    }
    let claim = claim(arrival, &target, &parts.headers, None)?;

    let registered = plane.door.lookup(claim).await.map_err(failed)?;

    let hub = plane.default_hub.as_deref().unwrap_or(&host);
    Ok(json(
        StatusCode::OK,
        &RegistrationState::new(registered, Doors::default(), hub),
    ))
}
