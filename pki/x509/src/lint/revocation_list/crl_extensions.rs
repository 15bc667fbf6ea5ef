// SPDX-License-Identifier: Apache-2.0
//! The extensions are the authority key identifier, the number, and for a shard its own URL; nothing limits the list further.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ID_CE_ISSUING_DISTRIBUTION_POINT,
};
use der::{Decode, Encode};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber, IssuingDistributionPoint};

use super::CrlReading;
use crate::lint::certificate::{full_name, key_identifier_matches};
use crate::lint::{Lint, RevocationLists, same};

pub(super) const LINT: Lint<RevocationLists> = Lint {
    name: "crl_extensions",
    source: "RFC 5280 §5.2",
    check,
};

fn check(reading: &CrlReading<'_>) -> Result<(), String> {
    let found: Vec<_> = reading
        .list
        .extensions
        .iter()
        .map(|extension| (extension.extn_id, extension.critical))
        .collect();
    let mut wanted = vec![(ID_CE_AUTHORITY_KEY_IDENTIFIER, false), (ID_CE_CRL_NUMBER, false)];
    if reading.expectation.distribution_point.is_some() {
        wanted.push((ID_CE_ISSUING_DISTRIBUTION_POINT, true));
    }
    same(&found, &wanted)?;
    let authority = decode::<AuthorityKeyIdentifier>(reading, ID_CE_AUTHORITY_KEY_IDENTIFIER)?;
    key_identifier_matches(
        authority.as_ref(),
        Some(&reading.expectation.authority_key_identifier),
    )?;
    let CrlNumber(number) = decode(reading, ID_CE_CRL_NUMBER)?.ok_or("the number is missing")?;
    let wanted = der::asn1::Uint::new(&reading.expectation.number.to_be_bytes());
    same(&Ok(number), &wanted)?;
    check_distribution_point(reading)
}

fn check_distribution_point(reading: &CrlReading<'_>) -> Result<(), String> {
    let Some(point) = decode::<IssuingDistributionPoint>(reading, ID_CE_ISSUING_DISTRIBUTION_POINT)? else {
        return same(&None, &reading.expectation.distribution_point);
    };
    same(
        &full_name(point.distribution_point.as_ref()),
        &reading.expectation.distribution_point.as_deref(),
    )?;
    let limited = point.only_contains_user_certs
        || point.only_contains_ca_certs
        || point.only_contains_attribute_certs
        || point.indirect_crl
        || point.only_some_reasons.is_some();
    if limited {
        Err("the distribution point limits the list".to_owned())
    } else {
        Ok(())
    }
}

/// The value of an extension, which must be the DER of what it decodes to.
fn decode<T>(reading: &CrlReading<'_>, oid: ObjectIdentifier) -> Result<Option<T>, String>
where
    T: for<'d> Decode<'d, Error = der::Error> + Encode,
{
    let Some(extension) = reading.list.extensions.iter().find(|found| found.extn_id == oid) else {
        return Ok(None);
    };
    let octets = extension.extn_value.as_bytes();
    let value = T::from_der(octets).map_err(|error| error.to_string())?;
    same(
        value.to_der().map_err(|error| error.to_string())?.as_slice(),
        octets,
    )?;
    Ok(Some(value))
}
