// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/anchors`: the trust anchors of an organization by name, a page at a time.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::AnchorView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::page::{Asked, Page};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let listed = async {
        let page = Page::asked(query)?;
        let anchors = plane
            .administration
            .anchors(&known.caller, &organization, page.after(), page.fetched())
            .await?;
        let items = page.of(anchors, |anchor| &anchor.name, AnchorView::new);
        Ok::<_, Rejection>(answer(StatusCode::OK, &items))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
