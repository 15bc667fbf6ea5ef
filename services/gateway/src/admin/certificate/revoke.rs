// SPDX-License-Identifier: Apache-2.0
//! `POST …/certificates/{certificate}/revoke`: this certificate only; its device may enroll again.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::id::CertificateId;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::Body;
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};
use crate::admin::revocation::{Because, revoked};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<CertificateId>,
    Body(because): Body<Because>,
) -> Response {
    let struck = async {
        let reason = because.reason()?;
        let struck = plane
            .administration
            .revoke_certificate(&known.caller, &organization, what, reason)
            .await?;
        Ok::<_, Rejection>(revoked(&struck))
    };
    struck
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
