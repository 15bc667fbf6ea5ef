// SPDX-License-Identifier: Apache-2.0
//! `DELETE …/stations/{name}`: removes a station with everything that proves it. What was made at it stays.

use axum::response::Response;

use crate::admin::switching::Switching;

pub(in crate::admin) async fn handle(call: Switching) -> Response {
    let administration = &call.plane.administration;
    let done = administration
        .delete_station(&call.caller, &call.organization, &call.name)
        .await;
    call.answer(done)
}
