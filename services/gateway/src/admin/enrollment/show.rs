// SPDX-License-Identifier: Apache-2.0
//! `GET …/enrollments/{registrationId}`: an individual enrollment. Its keys are never shown again.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::RegistrationId;

use super::EnrollmentView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::path::Named;
use crate::admin::precondition::shown;
use crate::admin::terms::TermsView;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
) -> Response {
    let found = plane
        .administration
        .enrollment(&known.caller, &organization, &what);
    shown(&known, found, |found| {
        EnrollmentView::new(found, TermsView::new(&found.terms))
    })
    .await
}
