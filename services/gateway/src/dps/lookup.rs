// SPDX-License-Identifier: Apache-2.0
//! `POST /{idScope}/registrations/{registrationId}`: a device asks for its registration. Never answers a certificate.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{RegistrationState, json};
use super::call::Call;
use super::error::{Rejection, failed};
use super::registration::Doors;
use super::target::segments;
use super::{DevicePlane, RimRefusal};
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
        lookup(&plane, call).await
    };
    plane.answer(&arrival, answered.await)
}

async fn lookup(plane: &DevicePlane, call: Call<'_>) -> Result<Response, Rejection> {
    if call.registration()?.mentions_csr() {
        return Err(RimRefusal::CsrInLookup.into());
    }
    let (claim, asked) = call.claims(None, Doors::default())?;

    let registered = plane.door.lookup(claim).await.map_err(failed)?;

    Ok(json(StatusCode::OK, &RegistrationState::new(registered, asked)))
}
