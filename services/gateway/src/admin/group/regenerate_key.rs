// SPDX-License-Identifier: Apache-2.0
//! `POST …/groups/{name}/regenerate-key`: gives a group a new key in one slot.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::RegistrationId;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::Body;
use crate::admin::path::Named;
use crate::admin::problem::render;
use crate::admin::regeneration::{Slot, shown};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    Body(slot): Body<Slot>,
) -> Response {
    let slot = slot.slot();
    let regenerated = plane
        .administration
        .regenerate_group_key(&known.caller, &organization, &what, slot)
        .await;
    match regenerated {
        Ok(key) => shown(slot, &key),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
