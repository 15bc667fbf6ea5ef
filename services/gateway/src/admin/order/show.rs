// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/orders/{order}`: what a device asked for, and what came of it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tamga_registry::id::OrderId;

use super::OrderView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::path::Named;
use crate::admin::problem::render;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<OrderId>,
) -> Response {
    match plane
        .administration
        .order(&known.caller, &organization, what)
        .await
    {
        Ok(seen) => answer(StatusCode::OK, &OrderView::new(&seen)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
