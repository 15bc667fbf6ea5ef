// SPDX-License-Identifier: Apache-2.0
//! The bytes are DER: decoding and encoding them again changes nothing.

use der::Encode;

use super::CertificateReading;
use crate::lint::{Certificates, Lint};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "canonical",
    source: "X.690 §10, §11",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let again = reading.tbs.to_der().map_err(|error| error.to_string())?;
    if again == reading.bytes {
        Ok(())
    } else {
        Err("encoded again, the bytes differ".to_owned())
    }
}
