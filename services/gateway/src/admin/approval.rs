// SPDX-License-Identifier: Apache-2.0
//! Approvals: `…/approvals`, acts that wait for a second person.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use tamga_registry::approval::Approval;
use tamga_registry::organization::OrganizationSlug;
use tamga_x509::time::Timestamp;

use super::AdminPlane;
use super::json::{answer, dated};
use crate::route::Route;

mod decide;
mod read;

/// An approval as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApprovalView {
    id: String,
    state: &'static str,
    act: String,
    object: String,
    /// Exactly what is asked, a line a part.
    request: String,
    /// SHA-256 of the request: whoever approves says by it what they saw.
    digest: String,
    author: String,
    created_at: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl ApprovalView {
    pub(super) fn new(approval: &Approval, now: Timestamp) -> Self {
        let decision = approval.fate.decision();
        Self {
            id: approval.id.to_string(),
            state: approval.standing(now).word(),
            act: approval.asked.act.clone(),
            object: approval.asked.object.clone(),
            request: approval.asked.request.clone(),
            digest: approval.asked.digest.to_string(),
            author: approval.author.clone(),
            created_at: dated(approval.created_at),
            expires_at: dated(approval.expires_at),
            decided_by: decision.map(|decision| decision.by.clone()),
            decided_at: decision.map(|decision| dated(decision.at)),
            reason: approval.fate.reason().map(str::to_owned),
        }
    }
}

/// The answer to an act that waits for a second person.
pub(super) fn waits(approval: &Approval, organization: &OrganizationSlug) -> Response {
    let view = ApprovalView::new(approval, approval.created_at);
    let mut response = answer(StatusCode::ACCEPTED, &view);
    let location = format!("/v1/organizations/{organization}/approvals/{}", approval.id);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// What can be done with approvals.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::get("/v1/organizations/{organization}/approvals", read::list),
        Route::get(
            "/v1/organizations/{organization}/approvals/{approval}",
            read::show,
        ),
        Route::post(
            "/v1/organizations/{organization}/approvals/{approval}/approve",
            decide::approve,
        ),
        Route::post(
            "/v1/organizations/{organization}/approvals/{approval}/refuse",
            decide::refuse,
        ),
        Route::post(
            "/v1/organizations/{organization}/approvals/{approval}/withdraw",
            decide::withdraw,
        ),
    ]
}
