// SPDX-License-Identifier: Apache-2.0
//! `DELETE …/tokens/{token}`: revokes a token. Its row stays, for the journal to refer to.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tamga_registry::id::TokenId;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::NoBody;
use crate::admin::path::Named;
use crate::admin::problem::render;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<TokenId>,
    NoBody: NoBody,
) -> Response {
    match plane
        .administration
        .revoke_token(&known.caller, &organization, what)
        .await
    {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
