// SPDX-License-Identifier: Apache-2.0
//! `DELETE …/groups/{name}`: removes a group. Its devices stay bound to it, and enroll no more.

use axum::response::Response;

use crate::admin::switching::Switching;

pub(in crate::admin) async fn handle(call: Switching) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .delete_group(&call.caller, &call.organization, &call.name)
        .await;
    call.answer(done)
}
