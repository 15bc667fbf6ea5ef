// SPDX-License-Identifier: Apache-2.0
//! `GET …/revocations` and `…/revocations/{revocation}`: how far each has come.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tamga_registry::id::MassRevocationId;
use tamga_registry::page::Sort;

use super::RevocationView;
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
        let revocations = plane
            .administration
            .mass_revocations(&known.caller, &organization, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&revocations, RevocationView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn show(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<MassRevocationId>,
) -> Response {
    match plane
        .administration
        .mass_revocation(&known.caller, &organization, what)
        .await
    {
        Ok(revocation) => answer(StatusCode::OK, &RevocationView::new(&revocation)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}

const SORTS: [(&str, Sort); 2] = [("-createdAt", Sort::TIME_FALLING), ("createdAt", Sort::TIME)];
