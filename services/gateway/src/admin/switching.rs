// SPDX-License-Identifier: Apache-2.0
//! Calls that switch something named and say nothing more: enable and disable, of whatever can be.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tamga_authority::guard::Caller;
use tamga_authority::refusal::Failure;
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::OrganizationSlug;

use super::AdminPlane;
use super::caller::Known;
use super::json::NoBody;
use super::path::Named;
use super::problem::render;
use crate::arrival::Arrival;

/// Who switches what, with the plane that performs it.
pub(super) struct Switching {
    pub(super) plane: AdminPlane,
    pub(super) caller: Caller,
    pub(super) organization: OrganizationSlug,
    /// Its name, or the registration id of an individual enrollment.
    pub(super) name: RegistrationId,
    arrival: Arrival,
}

impl FromRequest<AdminPlane> for Switching {
    type Rejection = Response;

    async fn from_request(request: Request, plane: &AdminPlane) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Known { caller, arrival } = Known::from_request_parts(&mut parts, plane).await?;
        let named = Named::from_request_parts(&mut parts, plane).await?;
        NoBody::from_request(Request::from_parts(parts, body), plane).await?;
        Ok(Self {
            plane: plane.clone(),
            caller,
            organization: named.organization,
            name: named.what,
            arrival,
        })
    }
}

impl Switching {
    /// What became of it.
    pub(super) fn answer(&self, done: Result<(), Failure>) -> Response {
        match done {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(failure) => render(failure.into(), &self.arrival),
        }
    }
}
