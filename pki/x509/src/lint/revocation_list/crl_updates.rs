// SPDX-License-Identifier: Apache-2.0
//! This and the next update are those ordered, in the form their years demand.

use super::CrlReading;
use crate::lint::certificate::{instant, matches_year};
use crate::lint::{Lint, RevocationLists, same};

pub(super) const LINT: Lint<RevocationLists> = Lint {
    name: "crl_updates",
    source: "RFC 5280 §5.1.2.4, §5.1.2.5",
    check,
};

fn check(reading: &CrlReading<'_>) -> Result<(), String> {
    matches_year(&reading.list.this_update)?;
    matches_year(&reading.list.next_update)?;
    same(
        &instant(&reading.list.this_update)?,
        &reading.expectation.this_update,
    )?;
    same(
        &instant(&reading.list.next_update)?,
        &reading.expectation.next_update,
    )
}
