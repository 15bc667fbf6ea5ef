// SPDX-License-Identifier: Apache-2.0
//! `DELETE …/grants/{grant}`: takes a grant back that nothing refers to.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tamga_registry::grant::GrantName;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::NoBody;
use crate::admin::path::Named;
use crate::admin::problem::render;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<GrantName>,
    NoBody: NoBody,
) -> Response {
    match plane
        .administration
        .take_grant(&known.caller, &organization, &what)
        .await
    {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
