// SPDX-License-Identifier: Apache-2.0
//! Client certificates: `…/client-certificates`, pinned, each proves its holder at this plane.

use serde::Serialize;
use tamga_registry::account::ClientCertificate;

use super::AdminPlane;
use super::json::dated;
use crate::route::Route;

mod create;
mod delete;
mod read;

/// A pinned certificate as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientCertificateView {
    /// SHA-256 of the certificate.
    fingerprint: String,
    holder: String,
    not_before: String,
    not_after: String,
    /// Where an issuer of this installation issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_id: Option<String>,
    created_at: String,
}

impl ClientCertificateView {
    pub(super) fn new(pinned: &ClientCertificate) -> Self {
        Self {
            fingerprint: pinned.fingerprint.to_string(),
            holder: pinned.holder.to_string(),
            not_before: dated(pinned.not_before),
            not_after: dated(pinned.not_after),
            certificate_id: pinned.issued.map(|id| id.to_string()),
            created_at: dated(pinned.created_at),
        }
    }
}

/// What can be done with client certificates.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post(
            "/v1/organizations/{organization}/client-certificates",
            create::handle,
        ),
        Route::get("/v1/organizations/{organization}/client-certificates", read::list),
        Route::get(
            "/v1/organizations/{organization}/client-certificates/{fingerprint}",
            read::show,
        ),
        Route::delete(
            "/v1/organizations/{organization}/client-certificates/{fingerprint}",
            delete::handle,
        ),
    ]
}
