// SPDX-License-Identifier: Apache-2.0
//! Individual enrollments: `…/enrollments`.

use serde::Serialize;
use tamga_registry::enrollment::IndividualEnrollment;

use super::AdminPlane;
use super::terms::TermsView;
use crate::route::Route;

mod create;
mod delete;
mod list;
mod put;
mod regenerate_key;
mod show;
mod switch;

/// An individual enrollment as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnrollmentView {
    id: String,
    registration_id: String,
    #[serde(flatten)]
    terms: TermsView,
}

impl EnrollmentView {
    pub(super) fn new(enrollment: &IndividualEnrollment, terms: TermsView) -> Self {
        Self {
            id: enrollment.id.to_string(),
            registration_id: enrollment.registration_id.presented().to_owned(),
            terms,
        }
    }
}

/// What can be done with individual enrollments.
pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::post("/v1/organizations/{organization}/enrollments", create::handle),
        Route::get("/v1/organizations/{organization}/enrollments", list::handle),
        Route::get(
            "/v1/organizations/{organization}/enrollments/{registrationId}",
            show::handle,
        ),
        Route::put(
            "/v1/organizations/{organization}/enrollments/{registrationId}",
            put::handle,
        ),
        Route::delete(
            "/v1/organizations/{organization}/enrollments/{registrationId}",
            delete::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/enrollments/{registrationId}/regenerate-key",
            regenerate_key::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/enrollments/{registrationId}/enable",
            switch::enable,
        ),
        Route::post(
            "/v1/organizations/{organization}/enrollments/{registrationId}/disable",
            switch::disable,
        ),
    ]
}
