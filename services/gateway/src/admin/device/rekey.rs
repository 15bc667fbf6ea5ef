// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/rekey`: from now on the device proves itself by another enrollment.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tamga_authority::administer::RekeyTo;
use tamga_registry::device::RegistrationId;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::Body;
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, RimRefusal, render};

/// Exactly one of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Rekeying {
    /// A group, by its name.
    group: Option<String>,
    /// An individual enrollment, by its registration id.
    enrollment: Option<String>,
}

impl Rekeying {
    fn to(&self) -> Result<RekeyTo, RimRefusal> {
        match (&self.group, &self.enrollment) {
            (Some(group), None) => Ok(RekeyTo::Group(group.parse()?)),
            (None, Some(id)) => Ok(RekeyTo::Individual(id.parse()?)),
            (Some(_), Some(_)) | (None, None) => Err(RimRefusal::BodyMalformed(
                "name either a `group` or an individual `enrollment`".to_owned(),
            )),
        }
    }
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(rekeying): Body<Rekeying>,
) -> Response {
    let bound = async {
        let to = rekeying.to()?;
        plane
            .administration
            .rekey_device(&known.caller, &organization, &what, to)
            .await?;
        Ok::<_, Rejection>(StatusCode::NO_CONTENT.into_response())
    };
    bound
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
