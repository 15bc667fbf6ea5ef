// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/orders`: what devices asked for, a page at a time.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::order::OrderFilter;
use tamga_registry::page::Sort;

use super::OrderView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    mut asked: Asked,
) -> Response {
    let listed = async {
        let filter = OrderFilter {
            state: asked.filter("state")?,
            device: asked.filter("device")?,
        };
        let list = asked.list(&plane, &SORTS).await?;
        let orders = plane
            .administration
            .orders(&known.caller, &organization, &filter, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer_portion(&orders, OrderView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

const SORTS: [(&str, Sort); 2] = [("-createdAt", Sort::TIME_FALLING), ("createdAt", Sort::TIME)];
