// SPDX-License-Identifier: Apache-2.0
//! Revocations whose last step failed here: each steps aside for a while, so that it holds no other up.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tamga_registry::id::MassRevocationId;
use tamga_x509::time::Timestamp;

/// Kept in mind only: whoever starts again tries everything at once.
#[derive(Debug, Default)]
pub(in crate::administer) struct Setbacks(Mutex<HashMap<MassRevocationId, Setback>>);

#[derive(Debug, Clone, Copy)]
struct Setback {
    failures: u32,
    at: Timestamp,
}

impl Setback {
    /// Twice as long after each failure.
    fn wait(self) -> Duration {
        let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.failures.saturating_sub(1)));
        doubled.min(LONGEST_WAIT)
    }
}

impl Setbacks {
    /// Whether it stands aside at this instant. A failure to come is of a clock that stepped back since.
    pub(super) fn hold(&self, id: MassRevocationId, now: Timestamp) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let setback = known.get(&id);
        setback.is_some_and(|setback| setback.at <= now && now < setback.at.saturating_add(setback.wait()))
    }

    /// Its step failed.
    pub(super) fn note(&self, id: MassRevocationId, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = known.get(&id).map_or(0, |setback| setback.failures);
        let setback = Setback {
            failures: failures.saturating_add(1),
            at: now,
        };
        known.insert(id, setback);
    }

    /// It goes on.
    pub(super) fn forget(&self, id: MassRevocationId) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&id);
    }

    /// Of all others nothing is known any more: somebody else has finished them.
    pub(super) fn keep_of(&self, running: &HashSet<MassRevocationId>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|id, _| running.contains(id));
    }
}

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_no_longer_is_forgotten() {
        let setbacks = Setbacks::default();
        let [one, other] = [1, 2].map(|octet| MassRevocationId::from_octets([octet; 16]));
        let now = Timestamp::from_micros(0);
        setbacks.note(one, now);
        setbacks.note(other, now);
        setbacks.keep_of(&HashSet::from([one]));
        assert_eq!(
            (setbacks.hold(one, now), setbacks.hold(other, now)),
            (true, false)
        );
    }

    #[test]
    fn whoever_fails_again_waits_longer_and_nobody_waits_for_ever() {
        let setbacks = Setbacks::default();
        let id = MassRevocationId::from_octets([1; 16]);
        let after = |seconds| Timestamp::from_micros(0).saturating_add(Duration::from_secs(seconds));
        assert!(!setbacks.hold(id, after(0)));
        for (failures, wait) in [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (99, 300)] {
            setbacks.forget(id);
            for _ in 0..failures {
                setbacks.note(id, after(1_000));
            }
            assert!(setbacks.hold(id, after(1_000)), "{failures}");
            assert!(setbacks.hold(id, after(1_000 + wait - 1)), "{failures}");
            assert!(!setbacks.hold(id, after(1_000 + wait)), "{failures}");
            assert!(!setbacks.hold(id, after(999)), "the clock stepped back");
        }
    }
}
