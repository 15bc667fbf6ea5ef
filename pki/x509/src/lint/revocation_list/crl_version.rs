// SPDX-License-Identifier: Apache-2.0
//! The version is 2.

use super::CrlReading;
use crate::lint::{Lint, RevocationLists, same};

pub(super) const LINT: Lint<RevocationLists> = Lint {
    name: "crl_version",
    source: "RFC 5280 §5.1.2.1",
    check,
};

fn check(reading: &CrlReading<'_>) -> Result<(), String> {
    same(&reading.list.version, &1)
}
