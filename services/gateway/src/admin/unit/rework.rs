// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/rework`: the unit may have one more certificate, under a new key.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tamga_authority::factory::Reworked;
use tamga_registry::device::RegistrationId;

use super::request::AtStation;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{NoBody, answer, dated};
use crate::admin::path::Named;
use crate::admin::problem::render;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReworkedView {
    /// How often it was reworked by now.
    reworks: i64,
    /// It was open before, and is not counted again.
    already: bool,
    /// Revoked by this call.
    certificates: Vec<String>,
    /// By when every list that names them is published.
    visible_by: String,
}

impl ReworkedView {
    fn new(reworked: &Reworked) -> Self {
        Self {
            reworks: reworked.count,
            already: reworked.already,
            certificates: reworked.revoked.iter().map(ToString::to_string).collect(),
            visible_by: dated(reworked.visible_by),
        }
    }
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    AtStation(station): AtStation,
    NoBody: NoBody,
) -> Response {
    let asked = (&what, station.as_ref());
    match plane.factory.rework(&known.caller, &organization, asked).await {
        Ok(reworked) => answer(StatusCode::OK, &ReworkedView::new(&reworked)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
