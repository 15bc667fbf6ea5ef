// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/release` lets a device go to another organization, until that one claims it; `DELETE`
//! lets it go no longer.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::OrganizationSlug;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::field::field;
use crate::admin::json::Body;
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};
use crate::admin::switching::Switching;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Releasing {
    /// The slug of the organization that may claim it.
    to: String,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(releasing): Body<Releasing>,
) -> Response {
    let released = async {
        let to: OrganizationSlug = field("to", &releasing.to)?;
        plane
            .administration
            .release_device(&known.caller, &organization, &what, &to)
            .await?;
        Ok::<_, Rejection>(StatusCode::NO_CONTENT.into_response())
    };
    released
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn withdraw(call: Switching) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .withdraw_release(&call.caller, &call.organization, &call.name)
        .await;
    call.answer(done)
}
