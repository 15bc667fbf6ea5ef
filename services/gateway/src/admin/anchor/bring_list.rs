// SPDX-License-Identifier: Apache-2.0
//! `POST …/anchors/{name}/lists`: brings a revocation list of the anchor or of one of its known intermediates. The body
//! is the list itself, DER or PEM (RFC 2585 §4.2), since lists grow beyond what other calls take.

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tamga_registry::device::RegistrationId;
use tamga_x509::pem;

use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::{announced_as, answer, dated};
use crate::admin::path::Named;
use crate::admin::problem::{Rejection, RimRefusal, render};
use crate::arrival::Arrival;
use crate::body;

/// The octets of a list.
pub(in crate::admin) struct BroughtList(Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for BroughtList {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let arrival = Arrival::of(&parts);
        let taken = async {
            if !announced_as(&parts.headers, "application/pkix-crl") {
                return Err(RimRefusal::ListMediaType);
            }
            let octets = body::take_at_most(LONGEST_LIST, &parts.headers, body).await?;
            Ok(Self(der(&octets)?))
        };
        let taken = taken.await;
        taken.map_err(|refusal| render(refusal.into(), &arrival))
    }
}

/// PEM is text that begins with its armour; everything else is taken for DER, and judged by who reads it.
fn der(octets: &[u8]) -> Result<Vec<u8>, RimRefusal> {
    match std::str::from_utf8(octets) {
        Ok(text) if text.trim_start().starts_with("-----") => pem::decode(text, "X509 CRL")
            .map_err(|refusal| RimRefusal::BodyMalformed(format!("the list cannot be unwrapped: {refusal}"))),
        Ok(_) | Err(_) => Ok(octets.to_vec()),
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Brought {
    this_update: String,
    next_update: String,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    BroughtList(list): BroughtList,
) -> Response {
    let brought = async {
        let list = plane
            .administration
            .bring_list(&known.caller, &organization, &what, list)
            .await?;
        let view = Brought {
            this_update: dated(list.this_update),
            next_update: dated(list.next_update),
        };
        Ok::<_, Rejection>(answer(StatusCode::OK, &view))
    };
    brought
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

/// How the path of such requests ends: the listener in front lets more of them pass than of others.
pub(in crate::admin) const END: &str = "/lists";
/// As much as is read of a list.
pub(in crate::admin) const LONGEST_LIST: usize = 16 * 1024 * 1024;
