// SPDX-License-Identifier: Apache-2.0
//! The entries are as many as were added, of our serial numbers, strictly ascending, none revoked later than the list.

use der::{Tag, Tagged};

use super::CrlReading;
use crate::lint::certificate::{instant, matches_year};
use crate::lint::{Lint, RevocationLists, same};

pub(super) const LINT: Lint<RevocationLists> = Lint {
    name: "crl_entries",
    source: "RFC 5280 §5.1.2.6",
    check,
};

fn check(reading: &CrlReading<'_>) -> Result<(), String> {
    if reading
        .list
        .revoked
        .is_some_and(|entries| entries.as_bytes().is_empty())
    {
        return Err("a list of no entries must be absent".to_owned());
    }
    let mut count = 0_u64;
    let mut last: &[u8] = &[];
    reading.each_entry(|entry| {
        let serial = entry.serial.value();
        if entry.serial.tag() != Tag::Integer || serial.len() != 20 || serial.first() != Some(&0x41) {
            return Err(format!("{serial:02x?} is not a serial number of ours"));
        }
        if serial <= last {
            return Err(format!("{serial:02x?} does not ascend"));
        }
        last = serial;
        matches_year(&entry.revoked_at)?;
        if instant(&entry.revoked_at)? > reading.expectation.this_update {
            return Err(format!("{serial:02x?} was revoked later than the list"));
        }
        count = count.saturating_add(1);
        Ok(())
    })?;
    same(&count, &reading.expectation.entries)
}
