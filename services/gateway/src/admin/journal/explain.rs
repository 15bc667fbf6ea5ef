// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/explanations/{trackingId}`: what is known of one request, in words.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tamga_authority::administer::Explanation;
use tamga_registry::journal::TrackingId;

use super::EntryView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::order::OrderView;
use crate::admin::path::Named;
use crate::admin::problem::render;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExplanationView {
    tracking_id: String,
    /// Sentences, in the order in which it happened.
    findings: Vec<String>,
    /// What the journal tells, oldest first.
    events: Vec<EntryView>,
    /// The orders it made.
    orders: Vec<OrderView>,
}

impl ExplanationView {
    fn new(explanation: &Explanation) -> Self {
        Self {
            tracking_id: explanation.request.to_string(),
            findings: explanation.findings.clone(),
            events: explanation.traces.entries.iter().map(EntryView::new).collect(),
            orders: explanation.traces.orders.iter().map(OrderView::new).collect(),
        }
    }
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<TrackingId>,
) -> Response {
    match plane
        .administration
        .explain(&known.caller, &organization, what)
        .await
    {
        Ok(explanation) => answer(StatusCode::OK, &ExplanationView::new(&explanation)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
