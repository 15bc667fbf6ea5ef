// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/certificates/{certificate}`: a certificate with its bytes and its chain, once it has them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tamga_authority::administer::CertificateSight;
use tamga_registry::id::CertificateId;
use tamga_x509::pem;

use super::CertificateView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::path::Named;
use crate::admin::problem::render;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WholeView {
    #[serde(flatten)]
    certificate: CertificateView,
    /// Absent where no signature is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pem: Option<String>,
    /// Its issuer first, the root last.
    chain_pem: String,
}

impl WholeView {
    fn new(sight: &CertificateSight) -> Self {
        let der = sight.seen.record.state.der();
        Self {
            certificate: CertificateView::seen(&sight.seen),
            pem: der.map(|der| pem::certificates(&[der])),
            chain_pem: pem::certificates(&sight.chain),
        }
    }
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<CertificateId>,
) -> Response {
    let seen = plane
        .administration
        .certificate(&known.caller, &organization, what)
        .await;
    match seen {
        Ok(sight) => answer(StatusCode::OK, &WholeView::new(&sight)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
