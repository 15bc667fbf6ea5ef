// SPDX-License-Identifier: Apache-2.0
//! An entry has a reason of ours, or none; unspecified is never written.

use super::CrlReading;
use crate::lint::{Lint, RevocationLists};

pub(super) const LINT: Lint<RevocationLists> = Lint {
    name: "crl_entry_reasons",
    source: "RFC 5280 §5.3.1",
    check,
};

fn check(reading: &CrlReading<'_>) -> Result<(), String> {
    reading.each_entry(
        |entry| match entry.extensions.map(der::asn1::SequenceRef::as_bytes) {
            None => Ok(()),
            // One Extension: 2.5.29.21, not critical, ENUMERATED of one octet.
            Some(
                [
                    0x30,
                    0x0a,
                    0x06,
                    0x03,
                    0x55,
                    0x1d,
                    0x15,
                    0x04,
                    0x03,
                    0x0a,
                    0x01,
                    1 | 3 | 4 | 5 | 9,
                ],
            ) => Ok(()),
            Some(other) => Err(format!("{other:02x?} is not the extension of a reason")),
        },
    )
}
