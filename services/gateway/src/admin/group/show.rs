// SPDX-License-Identifier: Apache-2.0
//! `GET …/groups/{name}`: an enrollment group. Its keys are never shown again.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::RegistrationId;

use super::GroupView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::path::Named;
use crate::admin::precondition::read;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::TermsView;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
) -> Response {
    let shown = async {
        let group = plane
            .administration
            .group(&known.caller, &organization, &what)
            .await?;
        let view = GroupView::new(&group, TermsView::new(&group.terms));
        read(&group, &known.caller, &view)
    };
    shown
        .await
        .unwrap_or_else(|rejection: Rejection| render(rejection, &known.arrival))
}
