// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/certificates`: the certificates of its devices, a page at a time.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::certificate::CertificateFilter;
use tamga_registry::page::Sort;

use super::CertificateView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    mut asked: Asked,
) -> Response {
    let listed = async {
        let filter = CertificateFilter {
            state: asked.filter("state")?,
            device: asked.filter("device")?,
            issuer: asked.filter("issuerId")?,
            profile: asked.filter("profileId")?,
            serial: asked.filter("serial")?,
            expires_before: asked.filter("expiresBefore")?,
            expires_after: asked.filter("expiresAfter")?,
        };
        let list = asked.list(&plane, &SORTS).await?;
        let certificates = plane
            .administration
            .certificates(&known.caller, &organization, &filter, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer_portion(&certificates, CertificateView::seen))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

const SORTS: [(&str, Sort); 4] = [
    ("-createdAt", Sort::TIME_FALLING),
    ("createdAt", Sort::TIME),
    ("notAfter", Sort::END),
    ("-notAfter", Sort::END_FALLING),
];
