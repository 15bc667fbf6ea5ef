// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/claim`: takes a device that another organization lets go to this one.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::OrganizationSlug;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::field::field;
use crate::admin::json::Body;
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};
use crate::admin::revocation::revoked;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Claiming {
    /// The slug of the organization that lets it go.
    from: String,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(claiming): Body<Claiming>,
) -> Response {
    let claimed = async {
        let from: OrganizationSlug = field("from", &claiming.from)?;
        let struck = plane
            .administration
            .claim_device(&known.caller, &organization, &what, &from)
            .await?;
        Ok::<_, Rejection>(revoked(&struck))
    };
    claimed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
