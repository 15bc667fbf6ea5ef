// SPDX-License-Identifier: Apache-2.0
//! The issuer is, octet for octet, the subject of the issuer's certificate.

use der::Encode;

use super::CrlReading;
use crate::lint::{Lint, RevocationLists, same};

pub(super) const LINT: Lint<RevocationLists> = Lint {
    name: "crl_issuer",
    source: "RFC 5280 §5.1.2.3",
    check,
};

fn check(reading: &CrlReading<'_>) -> Result<(), String> {
    let found = reading.list.issuer.to_der().map_err(|error| error.to_string())?;
    same(&found, &reading.expectation.issuer_subject)
}
