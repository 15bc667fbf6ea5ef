// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/groups`: the enrollment groups of an organization, a page at a time.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::enrollment::Group;

use super::GroupView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::{TermsView, filter, sorts};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    mut asked: Asked,
) -> Response {
    let listed = async {
        let filter = filter(&mut asked, "namePrefix")?;
        let list = asked.list(&plane, &sorts(["name", "-name"])).await?;
        let groups = plane
            .administration
            .groups(&known.caller, &organization, &filter, list.page())
            .await?;
        let view = |group: &Group| GroupView::new(group, TermsView::new(&group.terms));
        Ok::<_, Rejection>(list.answer_portion(&groups, view))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
