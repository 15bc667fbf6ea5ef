// SPDX-License-Identifier: Apache-2.0
//! `POST …/devices/{registrationId}/certificates`: a certificate request in, the chain out, in one call.
//!
//! Idempotent by what is asked: the same unit with the same key is answered with the same bytes, so whoever is told that
//! the certificate is still on its way sends the very same request again.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tamga_authority::enroll::Issued;
use tamga_authority::factory::{Unit, UnitRequest};
use tamga_registry::device::RegistrationId;
use tamga_x509::pem;

use super::label::Label;
use super::request::{AtStation, UnitBody};
use super::view::UnitView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, render};

pub(super) const PATH: &str = "/v1/organizations/{organization}/devices/{registrationId}/certificates";

/// What is told while the certificate is on its way.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OnItsWay {
    registration_id: String,
    state: &'static str,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    AtStation(station): AtStation,
    body: UnitBody,
) -> Response {
    let furnished = async {
        let UnitBody { csr, label, pem } = body;
        let label = Label::new(label)?;
        let asked = (station.as_ref(), what.to_string());
        let shift = plane.factory.begin(&known.caller, &organization, asked).await?;
        let unit = UnitRequest {
            registration_id: what.clone(),
            csr,
        };
        let unit = plane.factory.furnish(&shift, unit).await?;
        Ok::<_, Rejection>(match &unit.issued {
            Some(issued) if pem => chain(issued),
            Some(issued) => told(&unit, issued, &label),
            None => on_its_way(&unit),
        })
    };
    furnished
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

fn told(unit: &Unit, issued: &Issued, label: &Label) -> Response {
    answer(StatusCode::OK, &UnitView::new(unit, issued, label))
}

/// RFC 8555 §9.1: the certificate first, its root last.
fn chain(issued: &Issued) -> Response {
    let mut response = pem::certificates(issued.chain()).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(PEM_CHAIN));
    response
}

fn on_its_way(unit: &Unit) -> Response {
    let view = OnItsWay {
        registration_id: unit.device.registration_id.presented().to_owned(),
        state: "pending",
    };
    let mut response = answer(StatusCode::ACCEPTED, &view);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// RFC 8555 §9.1.
pub(super) const PEM_CHAIN: &str = "application/pem-certificate-chain";
