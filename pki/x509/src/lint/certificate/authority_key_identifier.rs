// SPDX-License-Identifier: Apache-2.0
//! The authority key identifier is the issuer's subject key identifier, and names nothing else.

use x509_cert::ext::pkix::AuthorityKeyIdentifier;

use super::CertificateReading;
use crate::lint::{Certificates, Lint};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "authority_key_identifier",
    source: "RFC 5280 §4.2.1.1",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    matches(
        reading.optional()?.as_ref(),
        reading.expectation.authority_key_identifier.as_deref(),
    )
}

/// Revocation lists obey the same rule.
pub(in crate::lint) fn matches(
    found: Option<&AuthorityKeyIdentifier>,
    wanted: Option<&[u8]>,
) -> Result<(), String> {
    let identifier = found
        .and_then(|found| found.key_identifier.as_ref())
        .map(der::asn1::OctetString::as_bytes);
    if identifier != wanted {
        return Err(format!("found {identifier:02x?}, expected {wanted:02x?}"));
    }
    match found {
        Some(found)
            if found.authority_cert_issuer.is_some() || found.authority_cert_serial_number.is_some() =>
        {
            Err("it names an issuer or a serial number".to_owned())
        }
        Some(_) | None => Ok(()),
    }
}
