// SPDX-License-Identifier: Apache-2.0
//! Stations of factories: `…/stations`. What proves one is made under `…/tokens` and `…/client-certificates`.

use serde::Serialize;
use tamga_registry::station::Station;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod create;
mod delete;
mod read;
mod switch;

/// A station as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StationView {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    group: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_certificates: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_per_day: Option<i64>,
    maximum_reworks: i64,
    rework_revokes: bool,
    /// How many it has had made.
    certificates: i64,
    /// As tokens, certificates and the journal name it.
    principal: String,
    created_at: String,
}

impl StationView {
    pub(super) fn new(station: &Station) -> Self {
        Self {
            id: station.id.to_string(),
            name: station.name.presented().to_owned(),
            line: station.line.clone(),
            product: station.product.clone(),
            group: station.group_name.presented().to_owned(),
            state: station.state.word(),
            valid_from: station.period.from.map(dated),
            valid_until: station.period.until.map(dated),
            maximum_certificates: station.limits.most,
            maximum_per_day: station.limits.most_per_day,
            maximum_reworks: station.rework.most,
            rework_revokes: station.rework.revokes,
            certificates: station.count.issued,
            principal: format!("station:{}", station.id),
            created_at: dated(station.created_at),
        }
    }
}

/// What can be done with stations.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post("/v1/organizations/{organization}/stations", create::handle),
        Route::get("/v1/organizations/{organization}/stations", read::list),
        Route::get("/v1/organizations/{organization}/stations/{name}", read::show),
        Route::delete("/v1/organizations/{organization}/stations/{name}", delete::handle),
        Route::post(
            "/v1/organizations/{organization}/stations/{name}/enable",
            switch::enable,
        ),
        Route::post(
            "/v1/organizations/{organization}/stations/{name}/disable",
            switch::disable,
        ),
    ]
}
