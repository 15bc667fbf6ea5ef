// SPDX-License-Identifier: Apache-2.0
//! `PUT …/enrollments/{registrationId}`: what an individual enrollment is to be. Made where there is none, and then its keys are shown, once.

use axum::extract::State;
use axum::response::Response;
use tamga_authority::administer::Put;
use tamga_registry::device::RegistrationId;

use super::EnrollmentView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, created, replaced};
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::{Creation, TermsView};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(new): Body<Creation>,
) -> Response {
    let put = async {
        let new = new.of_named(what)?;
        let put = plane
            .administration
            .put_enrollment(&known.caller, &organization, new)
            .await?;
        Ok::<_, Rejection>(match put {
            Put::Made(enrollment, keys) => {
                let location = format!(
                    "/v1/organizations/{organization}/enrollments/{}",
                    enrollment.registration_id
                );
                let terms = TermsView::revealing(&enrollment.terms, keys.as_ref());
                created(&location, &EnrollmentView::new(&enrollment, terms))
            }
            Put::There(enrollment) => replaced(&EnrollmentView::new(
                &enrollment,
                TermsView::new(&enrollment.terms),
            )),
        })
    };
    put.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
