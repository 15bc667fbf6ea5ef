// SPDX-License-Identifier: Apache-2.0
//! Issuers: `…/issuers`, the authorities an organization may have certificates issued by.

use serde::Serialize;
use tamga_registry::issuer::UsableIssuer;
use tamga_x509::pem;

use super::AdminPlane;
use super::certificate_text::CertificateView;
use super::json::dated;
use crate::route::Route;

mod read;
mod switch;

/// An issuer as it is listed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IssuerView {
    id: String,
    name: String,
    /// Whose it is; others use it by a grant.
    owner: String,
    role: &'static str,
    state: &'static str,
    /// The authority above it; a root has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    certificate: CertificateView,
    /// Where relying parties find what it is and whom it revoked.
    status: StatusView,
    usable_since: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusView {
    certificate_url: String,
    /// `complete`: one list; `sharded`: one a shard.
    crl_form: &'static str,
    crl_urls: Vec<String>,
}

/// One that was asked for by name: with its certificate and those above it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChainedView {
    #[serde(flatten)]
    issuer: IssuerView,
    /// PEM: its own certificate first, its root last.
    chain: String,
}

impl IssuerView {
    pub(super) fn new(usable: &UsableIssuer) -> Self {
        let issuer = &usable.issuer;
        let shards = issuer.shards.get();
        Self {
            id: issuer.id.to_string(),
            name: issuer.name.clone(),
            owner: usable.owner.to_string(),
            role: issuer.role.word(),
            state: issuer.state.word(),
            parent_id: issuer.parent.map(|id| id.to_string()),
            certificate: CertificateView::of(issuer.certificate.der()),
            status: StatusView {
                certificate_url: issuer.status_url.issuer(issuer.id),
                crl_form: if shards == 1 { "complete" } else { "sharded" },
                crl_urls: (0..shards)
                    .map(|shard| issuer.status_url.list(issuer.id, shard))
                    .collect(),
            },
            usable_since: dated(usable.usable_since),
        }
    }
}

impl ChainedView {
    pub(super) fn new((issuer, chain): &tamga_authority::administer::ChainedIssuer) -> Self {
        Self {
            issuer: IssuerView::new(issuer),
            chain: pem::certificates(chain),
        }
    }
}

/// What can be done with issuers.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::get("/v1/organizations/{organization}/issuers", read::list),
        Route::get("/v1/organizations/{organization}/issuers/{name}", read::show),
        Route::post(
            "/v1/organizations/{organization}/issuers/{name}/retire",
            switch::retire,
        ),
        Route::post(
            "/v1/organizations/{organization}/issuers/{name}/activate",
            switch::activate,
        ),
    ]
}
