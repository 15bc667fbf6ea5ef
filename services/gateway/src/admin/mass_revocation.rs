// SPDX-License-Identifier: Apache-2.0
//! Revocations of many certificates at once: `…/revocations`.

use serde::Serialize;
use tamga_registry::mass_revocation::MassRevocation;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod create;
mod read;

/// A revocation as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RevocationView {
    id: String,
    state: &'static str,
    /// Exactly what is asked, a line a part.
    request: String,
    author: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<String>,
    /// How many certificates it was about when it was asked.
    certificates: u64,
    /// How many it has revoked, with those that a compromise struck besides.
    revoked: u64,
    /// How many devices its present walk has looked at.
    devices: u64,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
}

impl RevocationView {
    pub(super) fn new(revocation: &MassRevocation) -> Self {
        Self {
            id: revocation.id.to_string(),
            state: revocation.state().word(),
            request: revocation.request.clone(),
            author: revocation.author.clone(),
            approval: revocation.approval.map(|id| id.to_string()),
            certificates: revocation.expected,
            revoked: revocation.course.revoked,
            devices: revocation.course.devices,
            created_at: dated(revocation.created_at),
            finished_at: revocation.finished_at.map(dated),
        }
    }
}

/// What can be done with them.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post("/v1/organizations/{organization}/revocations", create::handle),
        Route::get("/v1/organizations/{organization}/revocations", read::list),
        Route::get(
            "/v1/organizations/{organization}/revocations/{revocation}",
            read::show,
        ),
    ]
}
