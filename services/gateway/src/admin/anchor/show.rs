// SPDX-License-Identifier: Apache-2.0
//! `GET …/anchors/{name}`: a trust anchor, its known intermediates, and the lists that were brought for it.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::device::RegistrationId;

use super::AnchorView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::path::Named;
use crate::admin::precondition::shown;

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
) -> Response {
    let found = plane.administration.anchor(&known.caller, &organization, &what);
    shown(&known, found, AnchorView::new).await
}
