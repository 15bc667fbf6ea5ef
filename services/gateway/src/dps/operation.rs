// SPDX-License-Identifier: Apache-2.0
//! `GET /{idScope}/registrations/{registrationId}/operations/{operationId}`: a device asks how far its registration is.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tamga_registry::order::OperationId;

use super::answer::{OperationStatus, polled};
use super::claim::{called_by, claim};
use super::error::{Rejection, failed};
use super::registration::Doors;
use super::target::{Target, segments};
use super::{DevicePlane, RimRefusal};
use crate::arrival::Arrival;
use crate::body;

type Segments = (String, String, String);

pub(super) async fn handle(
    State(plane): State<DevicePlane>,
    arrival: Arrival,
    path: Result<Path<Segments>, PathRejection>,
    request: Request,
) -> Response {
    match operation(&plane, &arrival, path, request).await {
        Ok(response) => response,
        Err(rejection) => plane.refuse(&rejection, &arrival),
    }
}

async fn operation(
    plane: &DevicePlane,
    arrival: &Arrival,
    path: Result<Path<Segments>, PathRejection>,
    request: Request,
) -> Result<Response, Rejection> {
    let (parts, body) = request.into_parts();
    let (scope, id, operation) = segments(path)?;
    let target = Target::new(&scope, &id)?;
    let host = called_by(&parts.uri, &parts.headers)?;
    // Node sends `{}` with each poll. It is read, so that the connection can go on, and not looked at.
    body::take(&parts.headers, body).await?;
    let operation: OperationId = operation.parse().map_err(RimRefusal::from)?;
    let claim = claim(arrival, &target, &parts.headers, None)?;

    let registered = plane.door.operation(claim, operation).await.map_err(failed)?;

    let hub = plane.default_hub.as_deref().unwrap_or(&host);
    let status = OperationStatus::new(registered, Doors::BOTH, hub);
    let code = if status.is_final() {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    Ok(polled(code, &status))
}
