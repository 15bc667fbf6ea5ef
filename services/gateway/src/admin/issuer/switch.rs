// SPDX-License-Identifier: Apache-2.0
//! `POST …/issuers/{name}/retire` and `…/activate`. Both want a second person where there is one.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tamga_authority::administer::Outcome;
use tamga_registry::device::RegistrationId;
use tamga_registry::issuer::IssuerState;

use crate::admin::AdminPlane;
use crate::admin::approval::waits;
use crate::admin::caller::Known;
use crate::admin::json::NoBody;
use crate::admin::path::Named;
use crate::admin::problem::render;

pub(in crate::admin) async fn retire(
    State(plane): State<AdminPlane>,
    known: Known,
    named: Named<RegistrationId>,
    NoBody: NoBody,
) -> Response {
    set(plane, known, named, IssuerState::Retiring).await
}

pub(in crate::admin) async fn activate(
    State(plane): State<AdminPlane>,
    known: Known,
    named: Named<RegistrationId>,
    NoBody: NoBody,
) -> Response {
    set(plane, known, named, IssuerState::Active).await
}

async fn set(
    plane: AdminPlane,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    state: IssuerState,
) -> Response {
    match plane
        .administration
        .set_issuer_state(&known.caller, &organization, (&what, state))
        .await
    {
        Ok(Outcome::Done(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Outcome::Waits(approval)) => waits(&approval, &organization),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}
