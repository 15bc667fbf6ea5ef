// SPDX-License-Identifier: Apache-2.0
//! `GET /{idScope}/registrations/{registrationId}/operations/{operationId}`: a device asks how far its registration is.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tamga_registry::order::OperationId;

use super::answer::{OperationStatus, polled};
use super::call::Call;
use super::error::{Rejection, failed};
use super::registration::Doors;
use super::target::segments;
use super::{DevicePlane, RimRefusal};
use crate::arrival::Arrival;

pub(super) async fn handle(
    State(plane): State<DevicePlane>,
    arrival: Arrival,
    path: Result<Path<(String, String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let answered = async {
        let (scope, id, operation) = segments(path)?;
        // Node sends `{}` with each poll, which is not looked at.
        let call = Call::receive(&plane, &arrival, (&scope, &id), request).await?;
        let operation = operation.parse().map_err(RimRefusal::from)?;
        poll(&plane, call, operation).await
    };
    plane.answer(&arrival, answered.await)
}

async fn poll(plane: &DevicePlane, call: Call<'_>, operation: OperationId) -> Result<Response, Rejection> {
    let (claim, asked) = call.claims(None, Doors::BOTH)?;

    let registered = plane.door.operation(claim, operation).await.map_err(failed)?;

    let status = OperationStatus::new(registered, asked);
    let code = if status.is_final() {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    Ok(polled(code, &status))
}
