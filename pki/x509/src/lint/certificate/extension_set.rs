// SPDX-License-Identifier: Apache-2.0
//! Exactly the extensions of the role are there, each once, each as critical as it must be.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_CRL_DISTRIBUTION_POINTS,
    ID_CE_EXT_KEY_USAGE, ID_CE_KEY_USAGE, ID_CE_SUBJECT_ALT_NAME, ID_CE_SUBJECT_KEY_IDENTIFIER,
    ID_PE_AUTHORITY_INFO_ACCESS,
};

use super::CertificateReading;
use crate::lint::{Certificates, Expectation, Lint, Role};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "extension_set",
    source: "RFC 5280 §4.2",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let mut wanted = wanted(reading.expectation);
    for extension in reading.extensions() {
        let Some(index) = wanted.iter().position(|(oid, _)| *oid == extension.extn_id) else {
            return Err(format!(
                "{} is not expected, or is there twice",
                extension.extn_id
            ));
        };
        let (_, critical) = wanted.swap_remove(index);
        if critical != extension.critical {
            return Err(format!(
                "{} is critical: {}",
                extension.extn_id, extension.critical
            ));
        }
    }
    match wanted.first() {
        None => Ok(()),
        Some((missing, _)) => Err(format!("{missing} is missing")),
    }
}

/// Which extensions, and whether critical.
fn wanted(expectation: &Expectation) -> Vec<(ObjectIdentifier, bool)> {
    let with_purposes = match &expectation.role {
        Role::EndEntity { .. } => true,
        Role::Birth { purposes, .. } => !purposes.is_empty(),
        Role::Authority { .. } => false,
    };
    let table = [
        (ID_CE_BASIC_CONSTRAINTS, true, true),
        (ID_CE_KEY_USAGE, true, true),
        (ID_CE_EXT_KEY_USAGE, false, with_purposes),
        (ID_CE_SUBJECT_KEY_IDENTIFIER, false, true),
        (
            ID_CE_AUTHORITY_KEY_IDENTIFIER,
            false,
            expectation.authority_key_identifier.is_some(),
        ),
        (ID_CE_SUBJECT_ALT_NAME, false, !expectation.names.is_empty()),
        (
            ID_CE_CRL_DISTRIBUTION_POINTS,
            false,
            expectation.locations.crl.is_some(),
        ),
        (
            ID_PE_AUTHORITY_INFO_ACCESS,
            false,
            expectation.locations.issuer.is_some(),
        ),
    ];
    table
        .into_iter()
        .filter(|(_, _, there)| *there)
        .map(|(oid, critical, _)| (oid, critical))
        .collect()
}
