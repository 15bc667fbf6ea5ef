// SPDX-License-Identifier: Apache-2.0
//! Accounts: `…/accounts`, the people and programs that come to this plane.

use serde::Serialize;
use tamga_registry::account::Account;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod create;
mod read;
mod switch;

/// An account as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountView {
    id: String,
    name: String,
    kind: &'static str,
    state: &'static str,
    /// As roles, credentials and the journal name it.
    principal: String,
    created_at: String,
}

impl AccountView {
    pub(super) fn new(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.name.presented().to_owned(),
            kind: account.kind.word(),
            state: account.state.word(),
            principal: format!("account:{}", account.id),
            created_at: dated(account.created_at),
        }
    }
}

/// What can be done with accounts.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post("/v1/organizations/{organization}/accounts", create::handle),
        Route::get("/v1/organizations/{organization}/accounts", read::list),
        Route::get("/v1/organizations/{organization}/accounts/{name}", read::show),
        Route::post(
            "/v1/organizations/{organization}/accounts/{name}/enable",
            switch::enable,
        ),
        Route::post(
            "/v1/organizations/{organization}/accounts/{name}/disable",
            switch::disable,
        ),
    ]
}
