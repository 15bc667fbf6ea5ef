// SPDX-License-Identifier: Apache-2.0
//! `POST /v1/organizations/{organization}/anchors`: trusts an authority's word about devices, once a group refers to it.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tamga_authority::administer::NewAnchor;

use super::{AnchorView, StatusWord};
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::certificate_text::CertificateText;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, RimRefusal, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct AnchorRequest {
    name: String,
    certificate: CertificateText,
    #[serde(default)]
    status: StatusWord,
    #[serde(default)]
    intermediates: Vec<CertificateText>,
}

impl AnchorRequest {
    fn anchor(self) -> Result<NewAnchor, RimRefusal> {
        let intermediates = self.intermediates.iter();
        Ok(NewAnchor {
            name: self.name.parse()?,
            certificate: self.certificate.der("certificate")?,
            status: self.status.into(),
            intermediates: intermediates
                .map(|one| one.der("intermediates"))
                .collect::<Result<_, _>>()?,
        })
    }
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<AnchorRequest>,
) -> Response {
    let made = async {
        let anchor = plane
            .administration
            .create_anchor(&known.caller, &organization, new.anchor()?)
            .await?;
        let location = format!("/v1/organizations/{organization}/anchors/{}", anchor.name);
        Ok::<_, Rejection>(created(&location, &AnchorView::new(&anchor)))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
