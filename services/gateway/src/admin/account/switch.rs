// SPDX-License-Identifier: Apache-2.0
//! `POST …/accounts/{name}/enable` and `…/disable`. Whatever a disabled account proves itself with is refused.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tamga_registry::account::{AccountName, AccountState};

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::NoBody;
use crate::admin::path::Named;
use crate::admin::problem::render;

pub(in crate::admin) async fn enable(
    State(plane): State<AdminPlane>,
    known: Known,
    named: Named<AccountName>,
    NoBody: NoBody,
) -> Response {
    set(plane, known, named, AccountState::Enabled).await
}

pub(in crate::admin) async fn disable(
    State(plane): State<AdminPlane>,
    known: Known,
    named: Named<AccountName>,
    NoBody: NoBody,
) -> Response {
    set(plane, known, named, AccountState::Disabled).await
}

async fn set(
    plane: AdminPlane,
    known: Known,
    Named { organization, what }: Named<AccountName>,
    state: AccountState,
) -> Response {
    match plane
        .administration
        .set_account_state(&known.caller, &organization, &what, state)
        .await
    {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
