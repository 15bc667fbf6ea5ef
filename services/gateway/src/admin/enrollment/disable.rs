// SPDX-License-Identifier: Apache-2.0
//! `POST …/enrollments/{registrationId}/disable`: its device is refused, and falls through to no group.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::EnrollmentState;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::NoBody;
use crate::admin::path::Named;
use crate::admin::problem::render;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    NoBody: NoBody,
) -> Response {
    let state = EnrollmentState::Disabled;
    match plane
        .administration
        .set_enrollment_state(&known.caller, &organization, &what, state)
        .await
    {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
