// SPDX-License-Identifier: Apache-2.0
//! Grants: `…/grants`, what an organization lets those below it use of its own.

use serde::Serialize;
use tamga_registry::grant::Grant;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod create;
mod delete;
mod read;

/// A grant as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GrantView {
    id: String,
    kind: &'static str,
    name: String,
    to: String,
    created_at: String,
}

impl GrantView {
    pub(super) fn new(grant: &Grant) -> Self {
        Self {
            id: grant.name.to_string(),
            kind: grant.name.kind.word(),
            name: grant.name.thing.canonical().to_owned(),
            to: grant.name.to.to_string(),
            created_at: dated(grant.created_at),
        }
    }
}

/// What can be done with grants.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post("/v1/organizations/{organization}/grants", create::handle),
        Route::get("/v1/organizations/{organization}/grants", read::list),
        Route::get("/v1/organizations/{organization}/grants/{grant}", read::show),
        Route::delete("/v1/organizations/{organization}/grants/{grant}", delete::handle),
    ]
}
