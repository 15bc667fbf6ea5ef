// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations`: those the caller may see, by slug. `GET …/organizations`: those right below one.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::page::Sort;

use super::OrganizationView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn visible(
    State(plane): State<AdminPlane>,
    known: Known,
    asked: Asked,
) -> Response {
    let listed = async {
        let list = asked.list(&plane, &SORTS).await?;
        let seen = plane
            .administration
            .organizations(&known.caller, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&seen, OrganizationView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn below(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(parent): InOrganization,
    asked: Asked,
) -> Response {
    let listed = async {
        let list = asked.list(&plane, &SORTS).await?;
        let below = plane
            .administration
            .organizations_below(&known.caller, &parent, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&below, OrganizationView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

const SORTS: [(&str, Sort); 2] = [("slug", Sort::NAME), ("-slug", Sort::NAME_FALLING)];
