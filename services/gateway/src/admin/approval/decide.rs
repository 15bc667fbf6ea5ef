// SPDX-License-Identifier: Apache-2.0
//! `POST …/approvals/{approval}/approve`, `…/refuse` and `…/withdraw`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tamga_authority::refusal::Failure;
use tamga_registry::approval::Approval;
use tamga_registry::id::ApprovalId;

use super::ApprovalView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::field::field;
use crate::admin::json::{Body, NoBody, answer};
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct Seen {
    digest: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct Why {
    reason: String,
}

pub(in crate::admin) async fn approve(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<ApprovalId>,
    Body(seen): Body<Seen>,
) -> Response {
    let decided = async {
        let seen = field("digest", &seen.digest)?;
        let approved = plane
            .administration
            .approve(&known.caller, &organization, (what, seen))
            .await?;
        Ok::<_, Rejection>(approved)
    };
    match decided.await {
        Ok(approval) => shown(&approval, &plane),
        Err(rejection) => render(rejection, &known.arrival),
    }
}

pub(in crate::admin) async fn refuse(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<ApprovalId>,
    Body(why): Body<Why>,
) -> Response {
    let refused = plane
        .administration
        .refuse(&known.caller, &organization, (what, why.reason));
    told(refused.await, &plane, &known)
}

pub(in crate::admin) async fn withdraw(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<ApprovalId>,
    NoBody: NoBody,
) -> Response {
    let withdrawn = plane.administration.withdraw(&known.caller, &organization, what);
    told(withdrawn.await, &plane, &known)
}

fn told(decided: Result<Approval, Failure>, plane: &AdminPlane, known: &Known) -> Response {
    match decided {
        Ok(approval) => shown(&approval, plane),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}

fn shown(approval: &Approval, plane: &AdminPlane) -> Response {
    answer(
        StatusCode::OK,
        &ApprovalView::new(approval, plane.administration.now()),
    )
}
