// SPDX-License-Identifier: Apache-2.0
//! Devices, as they are shown.

use serde::Serialize;
use tamga_registry::device::{Device, DeviceState};

use super::AdminPlane;
use super::certificate::RevocationView;
use super::json::dated;
use crate::route::Route;

mod claim;
mod delete;
mod list;
mod rekey;
mod release;
mod restore;
mod revoke;
mod show;
mod switch;

pub(super) fn routes() -> Vec<Route<AdminPlane>> {
    vec![
        Route::get("/v1/organizations/{organization}/devices", list::handle),
        Route::get(
            "/v1/organizations/{organization}/devices/{registrationId}",
            show::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/devices/{registrationId}/revoke",
            revoke::handle,
        ),
        Route::delete(
            "/v1/organizations/{organization}/devices/{registrationId}",
            delete::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/devices/{registrationId}/enable",
            switch::enable,
        ),
        Route::post(
            "/v1/organizations/{organization}/devices/{registrationId}/disable",
            switch::disable,
        ),
        Route::post(
            "/v1/organizations/{organization}/devices/{registrationId}/restore",
            restore::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/devices/{registrationId}/rekey",
            rekey::handle,
        ),
        Route::post(
            "/v1/organizations/{organization}/devices/{registrationId}/release",
            release::handle,
        ),
        Route::delete(
            "/v1/organizations/{organization}/devices/{registrationId}/release",
            release::withdraw,
        ),
        Route::post(
            "/v1/organizations/{organization}/devices/{registrationId}/claim",
            claim::handle,
        ),
    ]
}

/// A device, without its certificates.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeviceView {
    id: String,
    registration_id: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<RevocationView>,
    /// The group or individual enrollment whose credential it is bound to.
    enrollment_id: String,
    created_at: String,
    updated_at: String,
}

impl DeviceView {
    pub(super) fn new(device: &Device) -> Self {
        let revoked = match device.state {
            DeviceState::Active | DeviceState::Disabled | DeviceState::Gone(_) => None,
            DeviceState::Revoked { at, reason } => Some(RevocationView::new(at, reason)),
        };
        Self {
            id: device.id.to_string(),
            registration_id: device.registration_id.presented().to_owned(),
            state: device.state.standing().word(),
            revoked,
            enrollment_id: device.bound.enrollment.to_string(),
            created_at: dated(device.created_at),
            updated_at: dated(device.updated_at),
        }
    }
}
