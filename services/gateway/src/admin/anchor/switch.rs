// SPDX-License-Identifier: Apache-2.0
//! `POST …/anchors/{name}/enable` and `…/disable`. Nobody is admitted through a disabled anchor, whatever stands above.

use axum::response::Response;
use tamga_registry::anchor::AnchorState;

use crate::admin::switching::Switching;

pub(in crate::admin) async fn enable(call: Switching) -> Response {
    set(call, AnchorState::Enabled).await
}

pub(in crate::admin) async fn disable(call: Switching) -> Response {
    set(call, AnchorState::Disabled).await
}

async fn set(call: Switching, state: AnchorState) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .set_anchor_state(&call.caller, &call.organization, &call.name, state)
        .await;
    call.answer(done)
}
