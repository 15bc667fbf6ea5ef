// SPDX-License-Identifier: Apache-2.0
//! `POST /v1/organizations/{organization}/groups`: makes an enrollment group. Its keys are shown in the answer, once.

use axum::extract::State;
use axum::response::Response;

use super::GroupView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::{Creation, TermsView};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<Creation>,
) -> Response {
    let made = async {
        let (group, keys) = plane
            .administration
            .create_group(&known.caller, &organization, new.of_group()?)
            .await?;
        let view = GroupView::new(&group, TermsView::revealing(&group.terms, keys.as_ref()));
        let location = format!("/v1/organizations/{organization}/groups/{}", group.name);
        Ok::<_, Rejection>(created(&location, &view))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
