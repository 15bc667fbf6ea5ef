// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/id-scopes`: the DPS id scopes of an organization, a page at a time.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::page::Sort;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    asked: Asked,
) -> Response {
    let listed = async {
        let list = asked.list(&plane, &[("scope", Sort::NAME)]).await?;
        let scopes = plane
            .administration
            .id_scopes(&known.caller, &organization, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&scopes, ToString::to_string))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
