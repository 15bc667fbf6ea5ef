// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/groups`: the enrollment groups of an organization by name, a page at a time.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::create::GroupView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::page::{Asked, Page};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::TermsView;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let listed = async {
        let page = Page::asked(query)?;
        let groups = plane
            .administration
            .groups(&known.caller, &organization, page.after(), page.fetched())
            .await?;
        let view = |group: &_| GroupView::new(group, TermsView::new(&group.terms));
        let items = page.of(groups, |group| &group.name, view);
        Ok::<_, Rejection>(answer(StatusCode::OK, &items))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
