// SPDX-License-Identifier: Apache-2.0
//! The key is, octet for octet, the one whose possession was proved.

use der::Encode;

use super::CertificateReading;
use crate::lint::{Certificates, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "public_key",
    source: "RFC 5280 §4.1.2.7",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let found = reading
        .tbs
        .subject_public_key_info()
        .to_der()
        .map_err(|error| error.to_string())?;
    same(found.as_slice(), reading.expectation.key.spki_der())
}
