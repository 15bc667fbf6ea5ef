// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}`: an organization.

use axum::extract::State;
use axum::response::Response;

use super::OrganizationView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::path::InOrganization;
use crate::admin::precondition::shown;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
) -> Response {
    let found = plane.administration.organization(&known.caller, &organization);
    shown(&known, found, OrganizationView::new).await
}
