// SPDX-License-Identifier: Apache-2.0
//! Assignments: `…/assignments`, who has which role in an organization and below.

use serde::Serialize;
use tamga_registry::account::GivenRole;
use tamga_registry::organization::OrganizationSlug;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod create;
mod delete;
mod read;

/// An assignment as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssignmentView {
    id: String,
    principal: String,
    role: &'static str,
    organization: String,
    created_at: String,
}

impl AssignmentView {
    pub(super) fn new(given: &GivenRole, organization: &OrganizationSlug) -> Self {
        Self {
            id: given.id.to_string(),
            principal: given.grantee.to_string(),
            role: given.role.word(),
            organization: organization.to_string(),
            created_at: dated(given.created_at),
        }
    }
}

/// What can be done with assignments.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post("/v1/organizations/{organization}/assignments", create::handle),
        Route::get("/v1/organizations/{organization}/assignments", read::list),
        Route::get(
            "/v1/organizations/{organization}/assignments/{assignment}",
            read::show,
        ),
        Route::delete(
            "/v1/organizations/{organization}/assignments/{assignment}",
            delete::handle,
        ),
    ]
}
