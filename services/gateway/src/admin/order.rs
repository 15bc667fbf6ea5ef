// SPDX-License-Identifier: Apache-2.0
//! Orders, as they are shown: what was asked and proved, and what came of it. The request itself is not repeated.

use data_encoding::HEXLOWER;
use serde::Serialize;
use tamga_registry::journal::TrackingId;
use tamga_registry::order::{OrderState, SeenOrder};

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod list;
mod show;

/// An order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderView {
    id: String,
    device_id: String,
    registration_id: String,
    state: &'static str,
    /// Why it failed, as a slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    kind: &'static str,
    epoch: i64,
    issuer_id: String,
    profile_id: String,
    profile_revision: i64,
    spki_sha256: String,
    /// Its certificate, or the intent of one.
    certificate_id: String,
    /// What the device polls.
    operation_id: String,
    /// What proved the device, without its secrets.
    evidence: String,
    /// The request that made it.
    tracking_id: String,
    created_at: String,
}

impl OrderView {
    pub(super) fn new(seen: &SeenOrder) -> Self {
        let order = &seen.order;
        let failure = match &order.state {
            OrderState::Failed { reason } => Some(reason.clone()),
            OrderState::Open | OrderState::Fulfilled => None,
        };
        Self {
            id: order.id.to_string(),
            device_id: order.device.to_string(),
            registration_id: seen.registration_id.presented().to_owned(),
            state: order.state.word(),
            failure,
            kind: order.kind.word(),
            epoch: order.epoch,
            issuer_id: order.issuer.to_string(),
            profile_id: order.revision.profile.to_string(),
            profile_revision: order.revision.revision,
            spki_sha256: HEXLOWER.encode(&order.spki.0),
            certificate_id: order.certificate.to_string(),
            operation_id: order.operation.to_string(),
            evidence: order.evidence.clone(),
            tracking_id: TrackingId(order.request).to_string(),
            created_at: dated(order.created_at),
        }
    }
}

pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::get("/v1/organizations/{organization}/orders", list::handle),
        Route::get("/v1/organizations/{organization}/orders/{order}", show::handle),
    ]
}
