// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}`: an organization.

use axum::extract::State;
use axum::response::Response;

use super::OrganizationView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::path::InOrganization;
use crate::admin::precondition::read;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
) -> Response {
    let shown = async {
        let organization = plane
            .administration
            .organization(&known.caller, &organization)
            .await?;
        read(
            &organization,
            &known.caller,
            &OrganizationView::new(&organization),
        )
    };
    shown
        .await
        .unwrap_or_else(|rejection: Rejection| render(rejection, &known.arrival))
}
