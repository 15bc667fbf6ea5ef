// SPDX-License-Identifier: Apache-2.0
//! The alternative names are exactly those that were ordered, in their order.

use std::net::IpAddr;

use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::CertificateReading;
use crate::lint::{Certificates, ExpectedName, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "alternative_names",
    source: "RFC 5280 §4.2.1.6",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let found = reading
        .optional::<SubjectAltName>()?
        .map(|SubjectAltName(names)| names)
        .unwrap_or_default();
    same(&found.len(), &reading.expectation.names.len())?;
    found
        .iter()
        .zip(&reading.expectation.names)
        .try_for_each(|(found, wanted)| {
            let fits = match (found, wanted) {
                (GeneralName::UniformResourceIdentifier(found), ExpectedName::Uri(wanted))
                | (GeneralName::DnsName(found), ExpectedName::Dns(wanted)) => found.as_str() == wanted,
                (GeneralName::IpAddress(found), ExpectedName::Ip(IpAddr::V4(wanted))) => {
                    found.as_bytes() == wanted.octets()
                }
                (GeneralName::IpAddress(found), ExpectedName::Ip(IpAddr::V6(wanted))) => {
                    found.as_bytes() == wanted.octets()
                }
                _ => false,
            };
            if fits {
                Ok(())
            } else {
                Err(format!("found {found:?}, expected {wanted:?}"))
            }
        })
}
