// SPDX-License-Identifier: Apache-2.0
//! `PUT /{idScope}/registrations/{registrationId}/register`: a device registers, perhaps with a CSR.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::DevicePlane;
use super::answer::{OperationStatus, polled};
use super::claim::{called_by, claim};
use super::error::{Rejection, failed};
use super::registration::{DeviceRegistration, Doors};
use super::target::{Target, segments};
use crate::arrival::Arrival;
use crate::body;

pub(super) async fn handle(
    State(plane): State<DevicePlane>,
    arrival: Arrival,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    match register(&plane, &arrival, path, request).await {
        Ok(response) => response,
        Err(rejection) => plane.refuse(&rejection, &arrival),
    }
}

async fn register(
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
    let csr = registration.csr()?;
    let doors = csr.as_ref().map_or(Doors::default(), |csr| csr.doors);
    let claim = claim(arrival, &target, &parts.headers, csr.map(|csr| csr.der))?;
    let scope = claim.scope.clone();

    let registered = plane.door.register(claim).await.map_err(failed)?;

    let hub = plane.default_hub.as_deref().unwrap_or(&host);
    let status = OperationStatus::new(registered, doors, hub);
    // 202 even when it is final: C# and iot-identity-service take nothing else from this call.
    let mut response = polled(StatusCode::ACCEPTED, &status);
    let monitor = format!(
        "/{scope}/registrations/{}/operations/{}",
        target.registration_id,
        status.operation_id()
    );
    if let Ok(monitor) = HeaderValue::try_from(monitor) {
        response.headers_mut().insert(header::LOCATION, monitor);
    }
    Ok(response)
}
