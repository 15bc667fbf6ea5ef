// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/scrap`: the unit leaves the line for good. What it has is revoked, and its name stays taken.

use axum::response::Response;

use crate::admin::problem::Rejection;
use crate::admin::revocation::revoked;
use crate::admin::switching::Switching;

pub(in crate::admin) async fn handle(call: Switching) -> Response {
    let scrapped = async {
        let factory = &call.plane.factory;
        let struck = factory
            .scrap(&call.caller, &call.organization, &call.name)
            .await?;
        Ok::<_, Rejection>(revoked(&struck))
    };
    let scrapped = scrapped.await;
    scrapped.unwrap_or_else(|rejection| call.rejected(rejection))
}
