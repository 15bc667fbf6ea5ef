// SPDX-License-Identifier: Apache-2.0
//! First trust by fingerprint: the trust bundle is fetched over plain HTTP, and one certificate of it is believed.

use serde::Deserialize;

use super::anchor::{Fingerprint, ServerAnchor};
use crate::exchange::get;
use crate::exit::{End, Failure};

/// The part of the trust bundle that is of use here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    server_anchors: Vec<BundleEntry>,
}

#[derive(Deserialize)]
struct BundleEntry {
    pem: String,
}

/// The server anchor with a fingerprint, of those a status plane hands out.
///
/// # Errors
/// A failure of kind unreachable when the plane does not answer, refused when none has the fingerprint.
pub async fn named_in_bundle(status_url: &str, fingerprint: &Fingerprint) -> Result<ServerAnchor, Failure> {
    let bundle = get(&format!("{status_url}/bundle")).await?;
    let strange = || {
        Failure::new(
            End::Fault,
            format!("{status_url}/bundle is no trust bundle: is this the status plane?"),
        )
    };
    let bundle: Bundle = serde_json::from_slice(&bundle).map_err(|_| strange())?;
    let anchors: Result<Vec<_>, _> = bundle
        .server_anchors
        .iter()
        .map(|entry| ServerAnchor::from_pem(&entry.pem))
        .collect();
    ServerAnchor::named(fingerprint, &anchors.map_err(|_| strange())?)
        .map_err(|fault| Failure::new(End::Refused, fault))
}
