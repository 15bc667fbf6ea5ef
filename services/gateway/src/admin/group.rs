// SPDX-License-Identifier: Apache-2.0
//! Enrollment groups: `…/groups`.

use serde::Serialize;
use tamga_registry::enrollment::Group;

use super::AdminPlane;
use super::terms::TermsView;
use crate::route::Route;

mod create;
mod delete;
mod list;
mod put;
mod regenerate_key;
mod show;
mod switch;

/// A group as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupView {
    id: String,
    name: String,
    #[serde(flatten)]
    terms: TermsView,
}

impl GroupView {
    pub(super) fn new(group: &Group, terms: TermsView) -> Self {
        Self {
            id: group.id.to_string(),
            name: group.name.presented().to_owned(),
            terms,
        }
    }
}

/// What can be done with groups.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post("/v1/organizations/{organization}/groups", create::handle),
        Route::get("/v1/organizations/{organization}/groups", list::handle),
        Route::get("/v1/organizations/{organization}/groups/{name}", show::handle),
        Route::put("/v1/organizations/{organization}/groups/{name}", put::handle),
        Route::delete("/v1/organizations/{organization}/groups/{name}", delete::handle),
        Route::post(
            "/v1/organizations/{organization}/groups/{name}/regenerate-key",
            regenerate_key::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/groups/{name}/enable",
            switch::enable,
        ),
        Route::post(
            "/v1/organizations/{organization}/groups/{name}/disable",
            switch::disable,
        ),
    ]
}
