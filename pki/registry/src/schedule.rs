// SPDX-License-Identifier: Apache-2.0
//! The renewal window: a pure function of validity, policy and a seed, the same for every protocol and replica.

use tamga_x509::certificate::Validity;
use tamga_x509::key::SpkiHash;
use tamga_x509::profile::RenewalPolicy;
use tamga_x509::time::Timestamp;

/// When a certificate should be renewed: from `opens` on, at the latest before `closes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalWindow {
    /// A renewal is welcome from this instant on.
    pub opens: Timestamp,
    /// The certificate's notAfter.
    pub closes: Timestamp,
}

impl RenewalWindow {
    /// Whether a renewal is due at this instant; an expired certificate is due as well.
    pub fn is_open(&self, at: Timestamp) -> bool {
        at >= self.opens
    }
}

/// The window of one certificate.
///
/// It opens when `opens_at_percent` of the validity has passed, moved earlier by up to `jitter_percent` of it.
/// The jitter is drawn from the key's hash: a fleet that was enrolled in one hour does not come back in one.
pub fn renewal_window(validity: &Validity, policy: RenewalPolicy, seed: &SpkiHash) -> RenewalWindow {
    let starts = validity.not_before().as_micros();
    let length = i128::from(validity.not_after().as_micros())
        .saturating_sub(i128::from(starts))
        .max(0);
    let share = |hundredths: u8| length.saturating_mul(i128::from(hundredths)) / 100;
    let [a, b, c, d, ..] = seed.0;
    let drawn = i128::from(u32::from_be_bytes([a, b, c, d]));
    // Drawn from 0 to 2^32 - 1: the share is never reached whole.
    let jitter = share(policy.jitter_percent).saturating_mul(drawn) >> 32;
    let offset = share(policy.opens_at_percent)
        .saturating_sub(jitter)
        .clamp(0, length);
    let opens = i128::from(starts).saturating_add(offset);
    RenewalWindow {
        opens: Timestamp::from_micros(i64::try_from(opens).unwrap_or(i64::MAX)),
        closes: validity.not_after(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn ninety_days() -> Validity {
        let start = Timestamp::from_seconds(1_795_000_000);
        Validity::new(start, Timestamp::from_seconds(start.seconds() + 90 * DAY)).unwrap()
    }

    #[test]
    fn the_window_opens_at_its_share_of_the_validity_and_never_later() {
        let policy = RenewalPolicy {
            opens_at_percent: 67,
            jitter_percent: 5,
        };
        let latest = renewal_window(&ninety_days(), policy, &SpkiHash([0; 32]));
        let earliest = renewal_window(&ninety_days(), policy, &SpkiHash([0xff; 32]));
        let start = ninety_days().not_before().seconds();
        assert_eq!(latest.opens.seconds() - start, 90 * DAY * 67 / 100);
        assert!(earliest.opens.seconds() - start >= 90 * DAY * 62 / 100);
        assert!(earliest.opens < latest.opens);
        assert_eq!(latest.closes, ninety_days().not_after());
    }

    #[test]
    fn a_fleet_enrolled_together_spreads_over_the_whole_jitter() {
        let policy = RenewalPolicy {
            opens_at_percent: 67,
            jitter_percent: 10,
        };
        let opens: Vec<i64> = (0..=255u8)
            .map(|n| {
                renewal_window(&ninety_days(), policy, &SpkiHash([n; 32]))
                    .opens
                    .seconds()
            })
            .collect();
        let spread = opens.iter().max().unwrap() - opens.iter().min().unwrap();
        assert!(spread > 8 * DAY, "{spread} s");
    }

    #[test]
    fn the_window_is_open_from_its_first_instant_and_after_expiry() {
        let policy = RenewalPolicy {
            opens_at_percent: 67,
            jitter_percent: 0,
        };
        let window = renewal_window(&ninety_days(), policy, &SpkiHash([7; 32]));
        assert!(!window.is_open(Timestamp::from_micros(window.opens.as_micros() - 1)));
        assert!(window.is_open(window.opens));
        assert!(window.is_open(Timestamp::from_seconds(window.closes.seconds() + 1)));
    }
}
