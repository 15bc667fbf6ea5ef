// SPDX-License-Identifier: Apache-2.0
//! The serial number is the one that was drawn: 20 octets, positive.

use super::CertificateReading;
use crate::lint::{Certificates, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "serial",
    source: "RFC 5280 §4.1.2.2",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    same(
        reading.tbs.serial_number().as_bytes(),
        reading.expectation.serial.as_bytes().as_slice(),
    )
}
