// SPDX-License-Identifier: Apache-2.0
//! `GET …/approvals` and `…/approvals/{approval}`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tamga_registry::id::ApprovalId;
use tamga_registry::page::Sort;

use super::ApprovalView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::page::Asked;
use crate::admin::path::{InOrganization, Named};
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn list(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    mut asked: Asked,
) -> Response {
    let listed = async {
        let standing = asked.filter("state")?;
        let list = asked.list(&plane, &SORTS).await?;
        let approvals = plane
            .administration
            .approvals(&known.caller, &organization, (standing, list.page()))
            .await?;
        let now = plane.administration.now();
        Ok::<_, Rejection>(list.answer(&approvals, |approval| ApprovalView::new(approval, now)))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn show(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<ApprovalId>,
) -> Response {
    match plane
        .administration
        .approval(&known.caller, &organization, what)
        .await
    {
        Ok(approval) => answer(
            StatusCode::OK,
            &ApprovalView::new(&approval, plane.administration.now()),
        ),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}

const SORTS: [(&str, Sort); 2] = [("-createdAt", Sort::TIME_FALLING), ("createdAt", Sort::TIME)];
