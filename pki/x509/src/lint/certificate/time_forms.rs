// SPDX-License-Identifier: Apache-2.0
//! Times through 2049 are UTCTime, later ones GeneralizedTime.

use x509_cert::time::Time;

use super::CertificateReading;
use crate::lint::{Certificates, Lint};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "time_forms",
    source: "RFC 5280 §4.1.2.5",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let validity = reading.tbs.validity();
    [validity.not_before, validity.not_after]
        .iter()
        .try_for_each(matches_year)
}

/// Revocation lists obey the same rule.
pub(in crate::lint) fn matches_year(time: &Time) -> Result<(), String> {
    match time {
        Time::UtcTime(_) => Ok(()),
        Time::GeneralTime(time) if time.to_date_time().year() >= 2050 => Ok(()),
        Time::GeneralTime(time) => Err(format!(
            "the year {} is written as GeneralizedTime",
            time.to_date_time().year()
        )),
    }
}
