// SPDX-License-Identifier: Apache-2.0
//! `POST …/enrollments/{registrationId}/enable` and `…/disable`. The device of a disabled individual enrollment is
//! refused, and falls through to no group.

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
        .set_enrollment_state(&call.caller, &call.organization, &call.name, state)
        .await;
    call.answer(done)
}
