// SPDX-License-Identifier: Apache-2.0
//! The purposes are those of the profile; only the profile of birth certificates may leave them open.

use const_oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
use x509_cert::ext::pkix::ExtendedKeyUsage as Found;

use super::CertificateReading;
use crate::certificate::ExtendedKeyUsage;
use crate::lint::{Certificates, Lint, Role, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "extended_key_usage",
    source: "RFC 5280 §4.2.1.12",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let found = reading.optional::<Found>()?;
    let purposes = match &reading.expectation.role {
        Role::EndEntity { purposes, .. } => purposes,
        Role::Birth { purposes, .. } if !purposes.is_empty() => purposes,
        Role::Birth { .. } | Role::Authority { .. } => return same(&found, &None),
    };
    let oid = |purpose: &ExtendedKeyUsage| match purpose {
        ExtendedKeyUsage::ClientAuth => ID_KP_CLIENT_AUTH,
        ExtendedKeyUsage::ServerAuth => ID_KP_SERVER_AUTH,
    };
    match found {
        Some(Found(found)) if !found.is_empty() => same(&found, &purposes.iter().map(oid).collect()),
        Some(_) | None => Err("without a purpose it would be good for any".to_owned()),
    }
}
