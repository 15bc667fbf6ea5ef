// SPDX-License-Identifier: Apache-2.0
//! The life begins, ends and lasts as ordered, within the issuer's.

use super::CertificateReading;
use crate::lint::{Certificates, Life, Lint, same};

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "life",
    source: "RFC 5280 §4.1.2.5",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let found = reading.validity()?;
    let issuer = match &reading.expectation.life {
        Life::Within {
            issuer,
            longest,
            now,
            backdate,
        } => {
            if found.length() > *longest {
                return Err(format!(
                    "it lasts {:?}, the profile allows {longest:?}",
                    found.length()
                ));
            }
            if found.not_before() < now.saturating_sub(*backdate).floor_to_second() {
                return Err(format!(
                    "it begins at {}, more than {backdate:?} before {now}",
                    found.not_before()
                ));
            }
            if !found.contains(*now) {
                return Err(format!("it does not cover the moment of issuing, {now}"));
            }
            Some(issuer)
        }
        Life::Exactly { ordered, issuer } => {
            same(&found, ordered)?;
            issuer.as_ref()
        }
    };
    match issuer {
        Some(issuer)
            if found.not_before() < issuer.not_before() || found.not_after() > issuer.not_after() =>
        {
            Err("it leaves the life of the issuer".to_owned())
        }
        Some(_) | None => Ok(()),
    }
}
