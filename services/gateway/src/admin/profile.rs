// SPDX-License-Identifier: Apache-2.0
//! Profiles: `…/profiles`, what certificates may say, in revisions that never change.

use serde::Serialize;
use tamga_registry::profile::{DatedRevision, UsableProfile};
use tamga_x509::profile::ProfileConfig;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod create;
mod read;
mod revise;

/// A profile as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProfileView {
    id: String,
    name: String,
    /// Whose it is; others use it by a grant.
    owner: String,
    /// The revision that new orders use, and what it says: as it was written, in a form with a version of its own.
    revision: i64,
    config: ProfileConfig,
    usable_since: String,
}

impl ProfileView {
    pub(super) fn new(profile: &UsableProfile) -> Self {
        Self {
            id: profile.current.id.profile.to_string(),
            name: profile.current.name.clone(),
            owner: profile.owner.to_string(),
            revision: profile.current.id.revision,
            config: profile.current.rules.config().clone(),
            usable_since: dated(profile.usable_since),
        }
    }
}

/// A revision as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RevisionView {
    revision: i64,
    config: ProfileConfig,
    created_at: String,
}

impl RevisionView {
    pub(super) fn new(dated_revision: &DatedRevision) -> Self {
        let revision = &dated_revision.revision;
        Self {
            revision: revision.id.revision,
            config: revision.rules.config().clone(),
            created_at: dated(dated_revision.created_at),
        }
    }
}

/// What can be done with profiles.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post("/v1/organizations/{organization}/profiles", create::handle),
        Route::get("/v1/organizations/{organization}/profiles", read::list),
        Route::get("/v1/organizations/{organization}/profiles/{name}", read::show),
        Route::post(
            "/v1/organizations/{organization}/profiles/{name}/revisions",
            revise::handle,
        ),
        Route::get(
            "/v1/organizations/{organization}/profiles/{name}/revisions",
            read::revisions,
        ),
        Route::get(
            "/v1/organizations/{organization}/profiles/{name}/revisions/{revision}",
            read::revision,
        ),
    ]
}
