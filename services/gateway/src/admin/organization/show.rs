// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}`: an organization.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::OrganizationView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::path::InOrganization;
use crate::admin::problem::render;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
) -> Response {
    match plane
        .administration
        .organization(&known.caller, &organization)
        .await
    {
        Ok(organization) => answer(StatusCode::OK, &OrganizationView::new(&organization)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
