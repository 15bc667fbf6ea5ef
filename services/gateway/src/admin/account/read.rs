// SPDX-License-Identifier: Apache-2.0
//! `GET …/accounts` and `…/accounts/{name}`.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::account::AccountName;
use tamga_registry::page::Sort;

use super::AccountView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::{InOrganization, Named};
use crate::admin::precondition::shown;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn list(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    asked: Asked,
) -> Response {
    let listed = async {
        let list = asked.list(&plane, &SORTS).await?;
        let accounts = plane
            .administration
            .accounts(&known.caller, &organization, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&accounts, AccountView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn show(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<AccountName>,
) -> Response {
    let found = plane.administration.account(&known.caller, &organization, &what);
    shown(&known, found, AccountView::new).await
}

const SORTS: [(&str, Sort); 2] = [("name", Sort::NAME), ("-name", Sort::NAME_FALLING)];
