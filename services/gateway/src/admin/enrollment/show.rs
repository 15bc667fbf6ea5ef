// SPDX-License-Identifier: Apache-2.0
//! `GET …/enrollments/{registrationId}`: an individual enrollment. Its keys are never shown again.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::RegistrationId;

use super::EnrollmentView;
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
        let enrollment = plane
            .administration
            .enrollment(&known.caller, &organization, &what)
            .await?;
        let view = EnrollmentView::new(&enrollment, TermsView::new(&enrollment.terms));
        read(&enrollment, &known.caller, &view)
    };
    shown
        .await
        .unwrap_or_else(|rejection: Rejection| render(rejection, &known.arrival))
}
