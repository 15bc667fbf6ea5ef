// SPDX-License-Identifier: Apache-2.0
//! `POST …/grants`: lets an organization below use an issuer, a profile or a trust anchor of this one.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tamga_registry::grant::GrantName;

use super::GrantView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::field::field;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct GrantRequest {
    kind: String,
    name: String,
    to: String,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<GrantRequest>,
) -> Response {
    let made = async {
        let name = GrantName {
            kind: field("kind", &new.kind)?,
            to: field("to", &new.to)?,
            thing: field("name", &new.name)?,
        };
        let grant = plane
            .administration
            .give_grant(&known.caller, &organization, name)
            .await?;
        let location = format!("/v1/organizations/{organization}/grants/{}", grant.name);
        Ok::<_, Rejection>(created(&location, &GrantView::new(&grant)))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
