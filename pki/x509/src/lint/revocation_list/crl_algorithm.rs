// SPDX-License-Identifier: Apache-2.0
//! The signature algorithm is the one of the issuer's key.

use super::CrlReading;
use crate::lint::certificate::algorithm_matches;
use crate::lint::{Lint, RevocationLists};

pub(super) const LINT: Lint<RevocationLists> = Lint {
    name: "crl_algorithm",
    source: "RFC 5280 §5.1.2.2",
    check,
};

fn check(reading: &CrlReading<'_>) -> Result<(), String> {
    algorithm_matches(&reading.list.signature, reading.expectation.algorithm)
}
