// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/id-scopes`: the DPS id scopes of an organization.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::path::InOrganization;
use crate::admin::problem::render;

#[derive(Debug, Serialize)]
struct IdScopes {
    items: Vec<String>,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
) -> Response {
    match plane.administration.id_scopes(&known.caller, &organization).await {
        Ok(scopes) => answer(
            StatusCode::OK,
            &IdScopes {
                items: scopes.iter().map(ToString::to_string).collect(),
            },
        ),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
