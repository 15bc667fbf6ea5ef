// SPDX-License-Identifier: Apache-2.0
//! `DELETE …/enrollments/{registrationId}`: removes an individual enrollment. Its device stays bound to it.

use axum::response::Response;

use crate::admin::switching::Switching;

pub(in crate::admin) async fn handle(call: Switching) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .delete_enrollment(&call.caller, &call.organization, &call.name)
        .await;
    call.answer(done)
}
