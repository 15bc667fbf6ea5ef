// SPDX-License-Identifier: Apache-2.0
//! `POST /v1/organizations/{organization}/enrollments`: enrolls one device by name. Its keys are shown once.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::{Creation, TermsView};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EnrollmentView {
    id: String,
    registration_id: String,
    #[serde(flatten)]
    terms: TermsView,
}

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
        let view = EnrollmentView {
            id: enrollment.id.to_string(),
            registration_id: id.presented().to_owned(),
            terms: TermsView::revealing(&enrollment.terms, keys.as_ref()),
        };
        Ok::<_, Rejection>(created(&location, &view))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
