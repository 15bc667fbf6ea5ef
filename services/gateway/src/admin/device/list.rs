// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/devices`: the devices of an organization, a page at a time.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::DeviceFilter;

use super::DeviceView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};
use crate::admin::terms::sorts;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    mut asked: Asked,
) -> Response {
    let listed = async {
        let filter = DeviceFilter {
            state: asked.filter("state")?,
            prefix: asked.filter("registrationIdPrefix")?,
            enrollment: asked.filter("enrollment")?,
        };
        let list = asked
            .list(&plane, &sorts(["registrationId", "-registrationId"]))
            .await?;
        let devices = plane
            .administration
            .devices(&known.caller, &organization, &filter, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer_portion(&devices, DeviceView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}
