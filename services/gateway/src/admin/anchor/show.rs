// SPDX-License-Identifier: Apache-2.0
//! `GET …/anchors/{name}`: a trust anchor, its known intermediates, and the lists that were brought for it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tamga_registry::device::RegistrationId;

use super::AnchorView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::path::Named;
use crate::admin::problem::render;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
) -> Response {
    match plane
        .administration
        .anchor(&known.caller, &organization, &what)
        .await
    {
        Ok(anchor) => answer(StatusCode::OK, &AnchorView::new(&anchor)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
