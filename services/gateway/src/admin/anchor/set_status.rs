// SPDX-License-Identifier: Apache-2.0
//! `POST …/anchors/{name}/status`: says whether certificates below a trust anchor must be covered by its lists.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tamga_registry::device::RegistrationId;

use super::StatusWord;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::Body;
use crate::admin::path::Named;
use crate::admin::problem::render;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewStatus {
    status: StatusWord,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(new): Body<NewStatus>,
) -> Response {
    let done = plane
        .administration
        .set_anchor_status(&known.caller, &organization, &what, new.status.into())
        .await;
    match done {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
