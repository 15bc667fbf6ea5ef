// SPDX-License-Identifier: Apache-2.0
//! `POST /v1/organizations/{organization}/groups`: makes an enrollment group. Its keys are shown in the answer, once.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tamga_registry::enrollment::Group;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, RimRefusal, render};
use crate::admin::terms::{AttestationRequest, RekeyWord, TermsRequest, TermsView};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct NewGroup {
    name: String,
    attestation: Option<AttestationRequest>,
    profile: Option<String>,
    issuer: Option<String>,
    rekey: Option<RekeyWord>,
    rekeys_per_day: Option<i64>,
    assigned_hub: Option<String>,
}

/// A group as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::admin) struct GroupView {
    id: String,
    name: String,
    #[serde(flatten)]
    terms: TermsView,
}

impl GroupView {
    pub(in crate::admin) fn new(group: &Group, terms: TermsView) -> Self {
        Self {
            id: group.id.to_string(),
            name: group.name.presented().to_owned(),
            terms,
        }
    }
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<NewGroup>,
) -> Response {
    let created = async {
        let name = new.name.parse().map_err(RimRefusal::from)?;
        let terms = TermsRequest {
            attestation: new.attestation,
            profile: new.profile,
            issuer: new.issuer,
            rekey: new.rekey,
            rekeys_per_day: new.rekeys_per_day,
            assigned_hub: new.assigned_hub,
        };
        let new = terms.named(name)?;
        let (group, keys) = plane
            .administration
            .create_group(&known.caller, &organization, new)
            .await?;
        let view = GroupView::new(&group, TermsView::revealing(&group.terms, keys.as_ref()));
        Ok::<_, Rejection>(created(
            &format!("/v1/organizations/{organization}/groups/{}", group.name),
            &view,
        ))
    };
    created
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
