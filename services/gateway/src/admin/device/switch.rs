// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/enable` and `/disable`: a device is kept out for a while; its certificates stay good.

use axum::response::Response;
use tamga_registry::enrollment::EnrollmentState;

use crate::admin::switching::Switching;

pub(in crate::admin) async fn enable(call: Switching) -> Response {
    switch(call, EnrollmentState::Enabled).await
}

pub(in crate::admin) async fn disable(call: Switching) -> Response {
    switch(call, EnrollmentState::Disabled).await
}

async fn switch(call: Switching, to: EnrollmentState) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .set_device_state(&call.caller, &call.organization, &call.name, to)
        .await;
    call.answer(done)
}
