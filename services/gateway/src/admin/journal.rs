// SPDX-License-Identifier: Apache-2.0
//! The journal, as it is shown: who did what, and who was refused what. And what it explains of one request.

use serde::Serialize;
use tamga_registry::journal::JournalEntry;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod explain;
mod list;

/// A row.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryView {
    id: String,
    at: String,
    act: String,
    actor: String,
    object: String,
    outcome: &'static str,
    /// The slug of a refusal, or a word more of what was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    tracking_id: String,
}

impl EntryView {
    fn new(entry: &JournalEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: dated(entry.at),
            act: entry.act.clone(),
            actor: entry.actor.clone(),
            object: entry.object.clone(),
            outcome: entry.ending.word(),
            reason: entry.reason.clone(),
            tracking_id: entry.request.to_string(),
        }
    }
}

pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::get("/v1/organizations/{organization}/journal", list::handle),
        Route::get(
            "/v1/organizations/{organization}/explanations/{trackingId}",
            explain::handle,
        ),
    ]
}
