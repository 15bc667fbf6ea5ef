// SPDX-License-Identifier: Apache-2.0
//! `GET …/tokens` and `…/tokens/{token}`: also those that are revoked or expired; never a secret.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::id::TokenId;
use tamga_registry::page::Sort;

use super::TokenView;
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
        let tokens = plane
            .administration
            .tokens(&known.caller, &organization, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&tokens, |token| TokenView::new(token, &organization)))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn show(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<TokenId>,
) -> Response {
    let found = plane.administration.token(&known.caller, &organization, what);
    shown(&known, found, |token| TokenView::new(token, &organization)).await
}

const SORTS: [(&str, Sort); 2] = [("createdAt", Sort::TIME), ("-createdAt", Sort::TIME_FALLING)];
