// SPDX-License-Identifier: Apache-2.0
//! The issuer is, octet for octet, the subject of the issuer's certificate.

use der::Encode;

use super::CertificateReading;
use crate::lint::{Certificates, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "issuer",
    source: "RFC 5280 §4.1.2.4",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let found = reading.tbs.issuer().to_der().map_err(|error| error.to_string())?;
    match &reading.expectation.issuer_subject {
        Some(wanted) => same(&found, wanted),
        // Its own issuer.
        None => same(
            &found,
            &reading
                .tbs
                .subject()
                .to_der()
                .map_err(|error| error.to_string())?,
        ),
    }
}
