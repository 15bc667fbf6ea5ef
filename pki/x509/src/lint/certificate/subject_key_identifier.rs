// SPDX-License-Identifier: Apache-2.0
//! The subject key identifier is the leftmost 160 bits of SHA-256 over the key's bits.

use aws_lc_rs::digest::{SHA256, digest};
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use super::CertificateReading;
use crate::lint::{Certificates, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "subject_key_identifier",
    source: "RFC 7093 §2 method 1",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let key = reading
        .tbs
        .subject_public_key_info()
        .subject_public_key
        .raw_bytes();
    let digest = digest(&SHA256, key);
    let SubjectKeyIdentifier(found) = reading.required()?;
    same(found.as_bytes(), digest.as_ref().get(..20).unwrap_or_default())
}
