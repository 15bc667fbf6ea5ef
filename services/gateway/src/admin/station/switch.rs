// SPDX-License-Identifier: Apache-2.0
//! `POST …/stations/{name}/enable` and `…/disable`. Whatever proves a disabled station is refused.

use axum::response::Response;
use tamga_registry::station::StationState;

use crate::admin::switching::Switching;

pub(in crate::admin) async fn enable(call: Switching) -> Response {
    set(call, StationState::Enabled).await
}

pub(in crate::admin) async fn disable(call: Switching) -> Response {
    set(call, StationState::Disabled).await
}

async fn set(call: Switching, state: StationState) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .set_station_state(&call.caller, &call.organization, &call.name, state)
        .await;
    call.answer(done)
}
