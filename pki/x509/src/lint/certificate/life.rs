// SPDX-License-Identifier: Apache-2.0
//! The life begins, ends and lasts as ordered, within the issuer's.

use std::time::Duration;

use super::CertificateReading;
use crate::certificate::Validity;
use crate::lint::{Certificates, Life, Lint, same};
use crate::time::Timestamp;

pub(super) const LINT: Lint<Certificates> = Lint {
    name: "life",
    source: "RFC 5280 §4.1.2.5",
    check,
};

fn check(reading: &CertificateReading<'_>) -> Result<(), String> {
    let found = reading.validity()?;
    match &reading.expectation.life {
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
            begins(found, *now, *backdate)?;
            within(found, *issuer)
        }
        Life::Unlimited {
            issuer,
            now,
            backdate,
        } => {
            same(&found.not_after(), &NO_END)?;
            begins(found, *now, *backdate)?;
            if found.not_before() < issuer.not_before() || !issuer.contains(*now) {
                return Err("it begins outside the life of the issuer".to_owned());
            }
            Ok(())
        }
        Life::Exactly { ordered, issuer } => {
            same(&found, ordered)?;
            issuer.map_or(Ok(()), |issuer| within(found, issuer))
        }
    }
}

/// It begins when it was issued, or a little before.
fn begins(found: Validity, now: Timestamp, backdate: Duration) -> Result<(), String> {
    if found.not_before() < now.saturating_sub(backdate).floor_to_second() {
        return Err(format!(
            "it begins at {}, more than {backdate:?} before {now}",
            found.not_before()
        ));
    }
    if !found.contains(now) {
        return Err(format!("it does not cover the moment of issuing, {now}"));
    }
    Ok(())
}

fn within(found: Validity, issuer: Validity) -> Result<(), String> {
    if found.not_before() < issuer.not_before() || found.not_after() > issuer.not_after() {
        return Err("it leaves the life of the issuer".to_owned());
    }
    Ok(())
}

/// 9999-12-31T23:59:59Z.
const NO_END: Timestamp = Timestamp::from_seconds(253_402_300_799);
