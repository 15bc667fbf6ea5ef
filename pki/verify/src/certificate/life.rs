// SPDX-License-Identifier: Apache-2.0
//! When its life begins and ends, to the second.

use super::Case;
use crate::law;
use crate::report::Findings;

impl Case<'_> {
    /// The profile's validity from its backdate on, both ends included, clamped into the issuer's life; what has no end
    /// ends with the calendar (RFC 5280 §4.1.2.5).
    pub(super) fn life(&self, findings: &mut Findings) {
        let Some(rules) = self.rules else { return };
        let begin = self
            .row
            .intended_at
            .div_euclid(1_000_000)
            .saturating_sub(rules.backdate);
        let end = match rules.validity {
            Some(validity) => {
                let end = begin.saturating_add(validity).saturating_sub(1);
                end.min(self.authority.until)
            }
            None => NO_END,
        };
        let wanted = (begin.max(self.authority.from), end);
        let life = self.certificate.validity();
        let found = (life.not_before.timestamp(), life.not_after.timestamp());
        if found != wanted || found.0 >= found.1 {
            let detail = format!(
                "seconds {} to {} instead of {} to {}",
                found.0, found.1, wanted.0, wanted.1
            );
            self.finds(&law::LIFE_AS_PROFILED, findings, &detail);
        }
    }
}

/// 9999-12-31T23:59:59Z.
const NO_END: i64 = 253_402_300_799;
