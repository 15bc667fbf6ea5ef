// SPDX-License-Identifier: Apache-2.0
//! `DELETE …/anchors/{name}`: removes a trust anchor that no group refers to.

use axum::response::Response;

use crate::admin::switching::Switching;

pub(in crate::admin) async fn handle(call: Switching) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .delete_anchor(&call.caller, &call.organization, &call.name)
        .await;
    call.answer(done)
}
