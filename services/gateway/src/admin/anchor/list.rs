// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/anchors`: the trust anchors of an organization, a page at a time.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::anchor::AnchorFilter;

use super::AnchorView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::sorts;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    mut asked: Asked,
) -> Response {
    let listed = async {
        let filter = AnchorFilter {
            state: asked.filter("state")?,
            prefix: asked.filter("namePrefix")?,
        };
        let list = asked.list(&plane, &sorts(["name", "-name"])).await?;
        let anchors = plane
            .administration
            .anchors(&known.caller, &organization, &filter, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&anchors, AnchorView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
