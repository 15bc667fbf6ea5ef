// SPDX-License-Identifier: Apache-2.0
//! `POST …/anchors/{name}/intermediates`: makes an authority below a trust anchor known, so that devices may send their
//! own certificate alone, and its lists are taken. Idempotent.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tamga_registry::device::RegistrationId;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::certificate_text::CertificateText;
use crate::admin::json::Body;
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewIntermediate {
    certificate: CertificateText,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(new): Body<NewIntermediate>,
) -> Response {
    let added = async {
        let der = new.certificate.der("certificate")?;
        plane
            .administration
            .add_intermediate(&known.caller, &organization, &what, der)
            .await?;
        Ok::<_, Rejection>(StatusCode::NO_CONTENT.into_response())
    };
    added
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
