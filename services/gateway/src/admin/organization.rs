// SPDX-License-Identifier: Apache-2.0
//! Organizations: `/v1/organizations`, `/v1/organizations/{organization}` and what is done with one.

use serde::Serialize;
use tamga_registry::organization::Organization;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod create;
mod list;
mod rename;
mod show;
mod switch;

/// An organization as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrganizationView {
    id: String,
    slug: String,
    display_name: String,
    /// Absent for the top one.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    state: &'static str,
    /// It is suspended by itself, not only by one above.
    suspended_here: bool,
    created_at: String,
}

impl OrganizationView {
    pub(super) fn new(organization: &Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            slug: organization.slug.to_string(),
            display_name: organization.display_name.clone(),
            parent_id: organization.parent.map(|id| id.to_string()),
            state: organization.state.word(),
            suspended_here: organization.suspended_at.is_some(),
            created_at: dated(organization.created_at),
        }
    }
}

/// What can be done with organizations.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::get("/v1/organizations", list::visible),
        Route::get("/v1/organizations/{organization}", show::handle),
        Route::get("/v1/organizations/{organization}/organizations", list::below),
        Route::post("/v1/organizations/{organization}/organizations", create::handle),
        Route::post("/v1/organizations/{organization}/rename", rename::handle),
        Route::post("/v1/organizations/{organization}/suspend", switch::suspend),
        Route::post("/v1/organizations/{organization}/resume", switch::resume),
        Route::post("/v1/organizations/{organization}/id-scopes", create::id_scope),
    ]
}
