// SPDX-License-Identifier: Apache-2.0
//! Devices and servers are no authorities; authorities have the path length that was ordered.

use x509_cert::ext::pkix::BasicConstraints;

use super::CertificateReading;
use crate::lint::{Certificates, Lint, Role, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "basic_constraints",
    source: "RFC 5280 §4.2.1.9",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let wanted = match reading.expectation.role {
        Role::EndEntity { .. } | Role::Birth { .. } => BasicConstraints {
            ca: false,
            path_len_constraint: None,
        },
        Role::Authority { path_length } => BasicConstraints {
            ca: true,
            path_len_constraint: path_length,
        },
    };
    same(&reading.required::<BasicConstraints>()?, &wanted)
}
