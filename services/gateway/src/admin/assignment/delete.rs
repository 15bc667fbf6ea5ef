// SPDX-License-Identifier: Apache-2.0
//! `DELETE …/assignments/{assignment}`: takes a role away.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tamga_registry::id::AssignmentId;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::NoBody;
use crate::admin::path::Named;
use crate::admin::problem::render;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<AssignmentId>,
    NoBody: NoBody,
) -> Response {
    match plane
        .administration
        .take_role(&known.caller, &organization, what)
        .await
    {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
