// SPDX-License-Identifier: Apache-2.0
//! `GET …/grants` and `…/grants/{grant}`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tamga_registry::grant::GrantName;
use tamga_registry::page::Sort;

use super::GrantView;
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
    asked: Asked,
) -> Response {
    let listed = async {
        let list = asked.list(&plane, &SORTS).await?;
        let grants = plane
            .administration
            .grants(&known.caller, &organization, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&grants, GrantView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn show(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<GrantName>,
) -> Response {
    match plane
        .administration
        .grant(&known.caller, &organization, &what)
        .await
    {
        Ok(grant) => answer(StatusCode::OK, &GrantView::new(&grant)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}

const SORTS: [(&str, Sort); 2] = [("id", Sort::NAME), ("-id", Sort::NAME_FALLING)];
