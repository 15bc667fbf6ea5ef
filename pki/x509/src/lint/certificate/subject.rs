// SPDX-License-Identifier: Apache-2.0
//! The subject is what was ordered, as UTF8String, the number of a unit as PrintableString, and nothing else.

use const_oid::db::rfc4519::{COMMON_NAME, ORGANIZATION_NAME, ORGANIZATIONAL_UNIT_NAME, SERIAL_NUMBER};
use der::Tagged;

use super::CertificateReading;
use crate::lint::{Certificates, Lint, Role, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "subject",
    source: "RFC 5280 §4.1.2.4, §4.1.2.6, IEEE 802.1AR §8.6",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let mut found = Vec::new();
    for relative_name in reading.tbs.subject().iter_rdn() {
        if relative_name.len() != 1 {
            return Err("a part has several values".to_owned());
        }
        for attribute in relative_name.iter() {
            let string = if attribute.oid == SERIAL_NUMBER {
                der::Tag::PrintableString
            } else {
                der::Tag::Utf8String
            };
            same(&attribute.value.tag(), &string)?;
            let text = core::str::from_utf8(attribute.value.value()).map_err(|error| error.to_string())?;
            let length = text.chars().count();
            if !(1..=64).contains(&length) {
                return Err(format!("a part has {length} characters, X.520 allows 1 to 64"));
            }
            found.push((attribute.oid, text));
        }
    }
    let ordered = reading.expectation;
    let wanted = [
        (ORGANIZATION_NAME, &ordered.organization),
        (ORGANIZATIONAL_UNIT_NAME, &ordered.organizational_unit),
        (COMMON_NAME, &ordered.common_name),
        (SERIAL_NUMBER, &ordered.serial_number),
    ];
    let wanted: Vec<_> = wanted
        .into_iter()
        .filter_map(|(kind, text)| Some((kind, text.as_deref()?)))
        .collect();
    if let Role::Birth { .. } = ordered.role
        && ordered.serial_number.is_none()
    {
        return Err("a birth certificate numbers no unit".to_owned());
    }
    if wanted.is_empty() {
        return Err("the subject is empty".to_owned());
    }
    same(&found, &wanted)
}
