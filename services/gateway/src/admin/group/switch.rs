// SPDX-License-Identifier: Apache-2.0
//! `POST …/groups/{name}/enable` and `…/disable`. A disabled group admits no device; certificates it led to stay good.

use axum::response::Response;
use tamga_registry::enrollment::EnrollmentState;

use crate::admin::switching::Switching;

pub(in crate::admin) async fn enable(call: Switching) -> Response {
    set(call, EnrollmentState::Enabled).await
}

pub(in crate::admin) async fn disable(call: Switching) -> Response {
    set(call, EnrollmentState::Disabled).await
}

async fn set(call: Switching, state: EnrollmentState) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .set_group_state(&call.caller, &call.organization, &call.name, state)
        .await;
    call.answer(done)
}
