// SPDX-License-Identifier: Apache-2.0
//! The one distribution point is the list on which this certificate would be revoked.

use x509_cert::ext::pkix::CrlDistributionPoints;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

use super::CertificateReading;
use crate::lint::{Certificates, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "distribution_points",
    source: "RFC 5280 §4.2.1.13",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let Some(CrlDistributionPoints(found)) = reading.optional()? else {
        return same(&None, &reading.expectation.locations.crl);
    };
    let [point] = found.as_slice() else {
        return Err(format!("there are {} distribution points", found.len()));
    };
    if point.reasons.is_some() || point.crl_issuer.is_some() {
        return Err("it is limited to reasons, or names another issuer".to_owned());
    }
    same(
        &full_name(point.distribution_point.as_ref()),
        &reading.expectation.locations.crl.as_deref(),
    )
}

/// The URL, if it is one URI as full name. Revocation lists are read alike.
pub(in crate::lint) fn full_name(name: Option<&DistributionPointName>) -> Option<&str> {
    match name {
        Some(DistributionPointName::FullName(names)) => match names.as_slice() {
            [GeneralName::UniformResourceIdentifier(url)] => Some(url.as_str()),
            _ => None,
        },
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) | None => None,
    }
}
