// SPDX-License-Identifier: Apache-2.0
//! `GET …/assignments` and `…/assignments/{assignment}`.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::id::AssignmentId;
use tamga_registry::page::Sort;

use super::AssignmentView;
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
        let given = plane
            .administration
            .given_roles(&known.caller, &organization, list.page())
            .await?;
        let view = |given: &_| AssignmentView::new(given, &organization);
        Ok::<_, Rejection>(list.answer(&given, view))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn show(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<AssignmentId>,
) -> Response {
    let found = plane
        .administration
        .given_role(&known.caller, &organization, what);
    shown(&known, found, |given| AssignmentView::new(given, &organization)).await
}

const SORTS: [(&str, Sort); 2] = [("createdAt", Sort::TIME), ("-createdAt", Sort::TIME_FALLING)];
