// SPDX-License-Identifier: Apache-2.0
//! What is asked for one unit: its certificate request, as JSON or bare, and what is to be printed beside it.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;
use tamga_registry::device::RegistrationId;
use tamga_x509::pem::{self, NotUnwrapped};

use super::certify::PEM_CHAIN;
use crate::admin::json::announced_as;
use crate::admin::problem::{RimRefusal, render};
use crate::arrival::Arrival;
use crate::body;

/// The station a query names, if it names one.
pub(super) struct AtStation(pub(super) Option<RegistrationId>);

impl<S: Send + Sync> FromRequestParts<S> for AtStation {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let pairs = query.map(|Query(pairs)| pairs).unwrap_or_default();
        let named = match pairs.as_slice() {
            [] if parts.uri.query().unwrap_or_default().is_empty() => Ok(None),
            [(name, text)] if name == "station" => text
                .parse()
                .map(Some)
                .map_err(|wrong| format!("`station`: {wrong}")),
            _ => Err("it takes station, once".to_owned()),
        };
        named
            .map(Self)
            .map_err(|why| render(RimRefusal::QueryInvalid(why).into(), &Arrival::of(parts)))
    }
}

/// A body that holds a certificate request.
pub(super) struct UnitBody {
    /// Its DER; nothing is judged.
    pub(super) csr: Vec<u8>,
    /// What is to be printed beside the unit.
    pub(super) label: BTreeMap<String, String>,
    /// The chain is wanted as PEM.
    pub(super) pem: bool,
}

/// The JSON of a unit, here and in a line of many.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UnitMembers {
    csr: String,
    #[serde(default)]
    label: BTreeMap<String, String>,
}

impl<S: Send + Sync> FromRequest<S> for UnitBody {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let arrival = Arrival::of(&parts);
        let read = async {
            let json = announced_as(&parts.headers, "application/json");
            if !json && !announced_as(&parts.headers, "application/pkcs10") {
                return Err(RimRefusal::RequestMediaType);
            }
            let octets = body::take(&parts.headers, body)
                .await
                .map_err(|fault| match fault {
                    body::BodyFault::Encoded => RimRefusal::RequestMediaType,
                    fault @ (body::BodyFault::TooLarge | body::BodyFault::CutShort) => fault.into(),
                })?;
            let read = if json {
                Self::members(&octets)
            } else {
                Self::bare(&octets)
            };
            let pem = wants_pem(&parts.headers);
            read.map(|body| Self { pem, ..body })
        };
        read.await.map_err(|refusal| render(refusal.into(), &arrival))
    }
}

impl UnitBody {
    fn members(octets: &Bytes) -> Result<Self, RimRefusal> {
        let members: UnitMembers = serde_json::from_slice(octets).map_err(|error| {
            let shown: String = error.to_string().chars().take(200).collect();
            RimRefusal::BodyMalformed(shown)
        })?;
        Ok(Self {
            csr: unwrapped(&members.csr)?,
            label: members.label,
            pem: false,
        })
    }

    /// RFC 5967: the request itself. PEM is taken as well, as it is what most tools write.
    fn bare(octets: &Bytes) -> Result<Self, RimRefusal> {
        let csr = match std::str::from_utf8(octets) {
            Ok(text) if text.trim_start().starts_with("-----") => unwrapped(text)?,
            Ok(_) | Err(_) => octets.to_vec(),
        };
        Ok(Self {
            csr,
            label: BTreeMap::new(),
            pem: false,
        })
    }
}

/// The DER within a text: base64, or PEM under either of the two labels there are.
pub(super) fn unwrapped(text: &str) -> Result<Vec<u8>, RimRefusal> {
    let read = match pem::decode(text, "CERTIFICATE REQUEST") {
        Err(NotUnwrapped::Armour) => pem::decode(text, "NEW CERTIFICATE REQUEST"),
        read => read,
    };
    read.map_err(|refusal| {
        RimRefusal::BodyMalformed(format!(
            "csr must be one certificate request, PEM or base64 of its DER: {refusal}"
        ))
    })
}

/// Whether the caller takes a chain of PEM and does not say that it takes JSON.
fn wants_pem(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut ranges = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| {
            range
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        });
    let (mut pem, mut json) = (false, false);
    for range in ranges.by_ref() {
        pem |= range == PEM_CHAIN;
        json |= range == "application/json";
    }
    pem && !json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_unwrapped_under_either_label_and_no_other() {
        let armoured = |label: &str| format!("-----BEGIN {label}-----\nAQID\n-----END {label}-----\n");
        for text in [
            "AQID".to_owned(),
            armoured("CERTIFICATE REQUEST"),
            armoured("NEW CERTIFICATE REQUEST"),
        ] {
            assert_eq!(unwrapped(&text).unwrap(), [1, 2, 3]);
        }
        for wrong in ["", "?", &armoured("CERTIFICATE")] {
            assert_eq!(unwrapped(wrong).unwrap_err().slug(), "body_malformed");
        }
    }

    #[test]
    fn a_chain_of_pem_is_answered_to_whoever_asks_for_that_alone() {
        let asks = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            wants_pem(&headers)
        };
        assert!(asks(PEM_CHAIN) && asks("Application/PEM-Certificate-Chain;q=1, */*;q=0.1"));
        assert!(!asks("*/*") && !asks("application/json, application/pem-certificate-chain"));
        assert!(!wants_pem(&HeaderMap::new()));
    }
}
