// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/revoke`: its certificates, its open orders, and its right to enroll by any road.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::RegistrationId;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::Body;
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};
use crate::admin::revocation::{Because, revoked};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(because): Body<Because>,
) -> Response {
    let struck = async {
        let reason = because.reason()?;
        let struck = plane
            .administration
            .revoke_device(&known.caller, &organization, &what, reason)
            .await?;
        Ok::<_, Rejection>(revoked(&struck))
    };
    struck
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
