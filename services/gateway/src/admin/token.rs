// SPDX-License-Identifier: Apache-2.0
//! API tokens: `…/tokens`, those that hold in an organization and below. Their text is shown once, when they are made.

use serde::Serialize;
use tamga_registry::account::ApiToken;
use tamga_registry::organization::OrganizationSlug;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod create;
mod delete;
mod read;

/// A token as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenView {
    id: String,
    name: String,
    holder: String,
    role: &'static str,
    organization: String,
    created_at: String,
    expires_at: String,
    /// To the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

impl TokenView {
    pub(super) fn new(token: &ApiToken, organization: &OrganizationSlug) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.label.clone(),
            holder: token.holder.to_string(),
            role: token.role.word(),
            organization: organization.to_string(),
            created_at: dated(token.created_at),
            expires_at: dated(token.expires_at),
            last_used_at: token.last_used_at.map(dated),
            revoked_at: token.revoked_at.map(dated),
        }
    }
}

/// What can be done with tokens.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post("/v1/organizations/{organization}/tokens", create::handle),
        Route::get("/v1/organizations/{organization}/tokens", read::list),
        Route::get("/v1/organizations/{organization}/tokens/{token}", read::show),
        Route::delete("/v1/organizations/{organization}/tokens/{token}", delete::handle),
    ]
}
