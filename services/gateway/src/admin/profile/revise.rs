// SPDX-License-Identifier: Apache-2.0
//! `POST …/profiles/{name}/revisions`: gives a profile another revision. The body is what the revision says.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::RegistrationId;
use tamga_x509::profile::ProfileConfig;

use super::RevisionView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{Body, created};
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(config): Body<ProfileConfig>,
) -> Response {
    let made = async {
        let revised = plane
            .administration
            .revise_profile(&known.caller, &organization, (what, config))
            .await?;
        let (name, number) = (&revised.revision.name, revised.revision.id.revision);
        let location = format!("/v1/organizations/{organization}/profiles/{name}/revisions/{number}");
        Ok::<_, Rejection>(created(&location, &RevisionView::new(&revised)))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
