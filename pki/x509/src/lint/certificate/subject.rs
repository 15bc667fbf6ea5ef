// SPDX-License-Identifier: Apache-2.0
//! The subject is the organization and the common name that were ordered, as UTF8String, and nothing else.

use const_oid::db::rfc4519::{COMMON_NAME, ORGANIZATION_NAME};
use der::Tagged;

use super::CertificateReading;
use crate::lint::{Certificates, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "subject",
    source: "RFC 5280 §4.1.2.4, §4.1.2.6",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let mut found = Vec::new();
    for relative_name in reading.tbs.subject().iter_rdn() {
        if relative_name.len() != 1 {
            return Err("a part has several values".to_owned());
        }
        for attribute in relative_name.iter() {
            same(&attribute.value.tag(), &der::Tag::Utf8String)?;
            let text = core::str::from_utf8(attribute.value.value()).map_err(|error| error.to_string())?;
            let length = text.chars().count();
            if !(1..=64).contains(&length) {
                return Err(format!("a part has {length} characters, X.520 allows 1 to 64"));
            }
            found.push((attribute.oid, text));
        }
    }
    let organization = reading
        .expectation
        .organization
        .as_deref()
        .map(|text| (ORGANIZATION_NAME, text));
    let common_name = reading
        .expectation
        .common_name
        .as_deref()
        .map(|text| (COMMON_NAME, text));
    let wanted: Vec<_> = organization.into_iter().chain(common_name).collect();
    if wanted.is_empty() {
        return Err("the subject is empty".to_owned());
    }
    same(&found, &wanted)
}
