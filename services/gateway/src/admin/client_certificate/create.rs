// SPDX-License-Identifier: Apache-2.0
//! `POST …/client-certificates`: pins a certificate to a holder.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::ClientCertificateView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::certificate_text::CertificateText;
use crate::admin::field::field;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct PinRequest {
    holder: String,
    certificate: CertificateText,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<PinRequest>,
) -> Response {
    let made = async {
        let der = new.certificate.der("certificate")?;
        let pin = (field("holder", &new.holder)?, der.as_slice());
        let pinned = plane
            .administration
            .pin_client_certificate(&known.caller, &organization, pin)
            .await?;
        let location = format!(
            "/v1/organizations/{organization}/client-certificates/{}",
            pinned.fingerprint
        );
        Ok::<_, Rejection>(created(&location, &ClientCertificateView::new(&pinned)))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
