// SPDX-License-Identifier: Apache-2.0
//! The key usage is what the profile grants; only authorities sign certificates and lists.

use der::flagset::FlagSet;
use x509_cert::ext::pkix::{KeyUsage as Found, KeyUsages};

use super::CertificateReading;
use crate::certificate::KeyUsage;
use crate::lint::{Certificates, Lint, Role, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "key_usage",
    source: "RFC 5280 §4.2.1.3",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let wanted: FlagSet<KeyUsages> = match &reading.expectation.role {
        Role::EndEntity { usages, .. } | Role::Birth { usages, .. } => usages
            .iter()
            .fold(FlagSet::default(), |flags: FlagSet<KeyUsages>, usage| {
                flags | flag(*usage)
            }),
        Role::Authority { .. } => KeyUsages::KeyCertSign | KeyUsages::CRLSign,
    };
    let Found(found) = reading.required()?;
    let signs = found.contains(KeyUsages::KeyCertSign) || found.contains(KeyUsages::CRLSign);
    if signs && !matches!(reading.expectation.role, Role::Authority { .. }) {
        return Err("a device or server could sign certificates or lists".to_owned());
    }
    same(&found, &wanted)
}

const fn flag(usage: KeyUsage) -> KeyUsages {
    match usage {
        KeyUsage::DigitalSignature => KeyUsages::DigitalSignature,
        KeyUsage::NonRepudiation => KeyUsages::NonRepudiation,
        KeyUsage::KeyEncipherment => KeyUsages::KeyEncipherment,
        KeyUsage::DataEncipherment => KeyUsages::DataEncipherment,
        KeyUsage::KeyAgreement => KeyUsages::KeyAgreement,
        KeyUsage::KeyCertSign => KeyUsages::KeyCertSign,
        KeyUsage::CrlSign => KeyUsages::CRLSign,
    }
}
