// SPDX-License-Identifier: Apache-2.0
//! The information access names where the issuer's certificate is, and nothing else.

use const_oid::db::rfc5280::ID_AD_CA_ISSUERS;
use x509_cert::ext::pkix::AuthorityInfoAccessSyntax;
use x509_cert::ext::pkix::name::GeneralName;

use super::CertificateReading;
use crate::lint::{Certificates, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "information_access",
    source: "RFC 5280 §4.2.2.1",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let Some(AuthorityInfoAccessSyntax(found)) = reading.optional()? else {
        return same(&None, &reading.expectation.locations.issuer);
    };
    let [access] = found.as_slice() else {
        return Err(format!("there are {} ways of access", found.len()));
    };
    same(&access.access_method, &ID_AD_CA_ISSUERS)?;
    let GeneralName::UniformResourceIdentifier(url) = &access.access_location else {
        return Err("its location is no URI".to_owned());
    };
    same(
        &Some(url.as_str()),
        &reading.expectation.locations.issuer.as_deref(),
    )
}
