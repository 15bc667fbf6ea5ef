// SPDX-License-Identifier: Apache-2.0
//! `POST /v1/organizations/{organization}/enrollments`: enrolls one device by name. Its keys are shown once.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, RimRefusal, render};
use crate::admin::terms::{AttestationRequest, RekeyWord, TermsRequest, TermsView};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct NewEnrollment {
    registration_id: String,
    attestation: Option<AttestationRequest>,
    profile: Option<String>,
    issuer: Option<String>,
    rekey: Option<RekeyWord>,
    rekeys_per_day: Option<i64>,
    assigned_hub: Option<String>,
}

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
    Body(new): Body<NewEnrollment>,
) -> Response {
    let created = async {
        let name = new.registration_id.parse().map_err(RimRefusal::from)?;
        let terms = TermsRequest {
            attestation: new.attestation,
            profile: new.profile,
            issuer: new.issuer,
            rekey: new.rekey,
            rekeys_per_day: new.rekeys_per_day,
            assigned_hub: new.assigned_hub,
        };
        let new = terms.named(name)?;
        let (enrollment, keys) = plane
            .administration
            .create_enrollment(&known.caller, &organization, new)
            .await?;
        let view = EnrollmentView {
            id: enrollment.id.to_string(),
            registration_id: enrollment.registration_id.presented().to_owned(),
            terms: TermsView::revealing(&enrollment.terms, keys.as_ref()),
        };
        let location = format!(
            "/v1/organizations/{organization}/enrollments/{}",
            enrollment.registration_id
        );
        Ok::<_, Rejection>(created(&location, &view))
    };
    created
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
