// SPDX-License-Identifier: Apache-2.0
//! The version is 3, and the unique identifiers of version 2 are absent.

use x509_cert::certificate::Version;

use super::CertificateReading;
use crate::lint::{Certificates, Lint};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "version",
    source: "RFC 5280 §4.1.2.1, §4.1.2.8",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    if reading.tbs.version() != Version::V3 {
        return Err(format!("the version is {:?}", reading.tbs.version()));
    }
    if reading.tbs.issuer_unique_id().is_some() || reading.tbs.subject_unique_id().is_some() {
        return Err("a unique identifier is present".to_owned());
    }
    Ok(())
}
