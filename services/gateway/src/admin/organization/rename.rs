// SPDX-License-Identifier: Apache-2.0
//! `POST …/rename`: gives an organization another name for people. Its slug stands in certificates and stays.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::Body;
use crate::admin::path::InOrganization;
use crate::admin::problem::render;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct Named {
    display_name: String,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(named): Body<Named>,
) -> Response {
    let renamed = plane
        .administration
        .rename_organization(&known.caller, &organization, named.display_name);
    match renamed.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
