// SPDX-License-Identifier: Apache-2.0
//! `GET …/client-certificates` and `…/client-certificates/{fingerprint}`.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::page::Sort;
use tamga_x509::certificate::Fingerprint;

use super::ClientCertificateView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::{InOrganization, Named};
use crate::admin::precondition::shown;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn list(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    asked: Asked,
) -> Response {
    let listed = async {
        let list = asked.list(&plane, &SORTS).await?;
        let pinned = plane
            .administration
            .client_certificates(&known.caller, &organization, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&pinned, ClientCertificateView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn show(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<Fingerprint>,
) -> Response {
    let found = plane
        .administration
        .client_certificate(&known.caller, &organization, what);
    let pinned = async { found.await.map(|known| known.certificate) };
    shown(&known, pinned, ClientCertificateView::new).await
}

const SORTS: [(&str, Sort); 2] = [("fingerprint", Sort::NAME), ("-fingerprint", Sort::NAME_FALLING)];
