// SPDX-License-Identifier: Apache-2.0
//! `POST /v1/organizations/{organization}/enrollments`: enrolls one device by name. Its keys are shown once.

use axum::extract::State;
use axum::response::Response;

use super::EnrollmentView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::{Creation, TermsView};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<Creation>,
) -> Response {
    let made = async {
        let (enrollment, keys) = plane
            .administration
            .create_enrollment(&known.caller, &organization, new.of_enrollment()?)
            .await?;
        let id = &enrollment.registration_id;
        let location = format!("/v1/organizations/{organization}/enrollments/{id}");
        let terms = TermsView::revealing(&enrollment.terms, keys.as_ref());
        let view = EnrollmentView::new(&enrollment, terms);
        Ok::<_, Rejection>(created(&location, &view))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
