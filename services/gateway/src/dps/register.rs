// SPDX-License-Identifier: Apache-2.0
//! `PUT /{idScope}/registrations/{registrationId}/register`: a device registers, perhaps with a CSR.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::DevicePlane;
use super::answer::{OperationStatus, polled};
use super::call::Call;
use super::error::{Rejection, failed};
use super::registration::Doors;
use super::target::segments;
use crate::arrival::Arrival;

pub(super) async fn handle(
    State(plane): State<DevicePlane>,
    arrival: Arrival,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let answered = async {
        let (scope, id) = segments(path)?;
        let call = Call::receive(&plane, &arrival, (&scope, &id), request).await?;
        register(&plane, call).await
    };
    plane.answer(&arrival, answered.await)
}

async fn register(plane: &DevicePlane, call: Call<'_>) -> Result<Response, Rejection> {
    let csr = call.registration()?.csr()?;
    let doors = csr.as_ref().map_or(Doors::default(), |csr| csr.doors);
    let registration = call.registration_id().clone();
    let (claim, asked) = call.claims(csr.map(|csr| csr.der), doors)?;
    let scope = claim.scope.clone();

    let registered = plane.door.register(claim).await.map_err(failed)?;

    let status = OperationStatus::new(registered, asked);
    // 202 even when it is final: C# and iot-identity-service take nothing else from this call.
    let mut response = polled(StatusCode::ACCEPTED, &status);
    let monitor = format!(
        "/{scope}/registrations/{registration}/operations/{}",
        status.operation_id()
    );
    if let Ok(monitor) = HeaderValue::try_from(monitor) {
        response.headers_mut().insert(header::LOCATION, monitor);
    }
    Ok(response)
}
