// SPDX-License-Identifier: Apache-2.0
//! `POST …/suspend` and `…/resume`: an organization with everything below it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tamga_registry::organization::{OrganizationSlug, OrganizationState};

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::NoBody;
use crate::admin::path::InOrganization;
use crate::admin::problem::render;

pub(in crate::admin) async fn suspend(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    NoBody: NoBody,
) -> Response {
    set(plane, known, &organization, OrganizationState::Suspended).await
}

pub(in crate::admin) async fn resume(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    NoBody: NoBody,
) -> Response {
    set(plane, known, &organization, OrganizationState::Active).await
}

async fn set(
    plane: AdminPlane,
    known: Known,
    organization: &OrganizationSlug,
    state: OrganizationState,
) -> Response {
    match plane
        .administration
        .set_organization_state(&known.caller, organization, state)
        .await
    {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
