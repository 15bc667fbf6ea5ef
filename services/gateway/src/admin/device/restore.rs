// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/restore`: a revoked device may enroll again; what is revoked stays revoked.

use axum::response::Response;

use crate::admin::switching::Switching;

pub(in crate::admin) async fn handle(call: Switching) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .restore_device(&call.caller, &call.organization, &call.name)
        .await;
    call.answer(done)
}
