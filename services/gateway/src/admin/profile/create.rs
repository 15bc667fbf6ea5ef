// SPDX-License-Identifier: Apache-2.0
//! `POST …/profiles`: makes a profile, with its first revision.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tamga_x509::profile::ProfileConfig;

use super::ProfileView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, RimRefusal, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct ProfileRequest {
    name: String,
    config: ProfileConfig,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<ProfileRequest>,
) -> Response {
    let made = async {
        let name = new.name.parse().map_err(RimRefusal::from)?;
        let profile = plane
            .administration
            .create_profile(&known.caller, &organization, (name, new.config))
            .await?;
        let location = format!(
            "/v1/organizations/{organization}/profiles/{}",
            profile.current.name
        );
        Ok::<_, Rejection>(created(&location, &ProfileView::new(&profile)))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
