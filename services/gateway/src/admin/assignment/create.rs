// SPDX-License-Identifier: Apache-2.0
//! `POST …/assignments`: gives a role, to an account or to a user of the operating system.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::AssignmentView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::field::{field, role};
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct AssignmentRequest {
    principal: String,
    role: String,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<AssignmentRequest>,
) -> Response {
    let made = async {
        let new = (field("principal", &new.principal)?, role(&new.role)?);
        let given = plane
            .administration
            .give_role(&known.caller, &organization, new)
            .await?;
        let location = format!("/v1/organizations/{organization}/assignments/{}", given.id);
        Ok::<_, Rejection>(created(&location, &AssignmentView::new(&given, &organization)))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
