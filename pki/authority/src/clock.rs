// SPDX-License-Identifier: Apache-2.0
//! Our clock beside the database's: where the two disagree by much, nothing is issued until they agree again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tamga_x509::time::Timestamp;

use crate::means::Means;
use crate::refusal::Fault;

/// Whether our clock can be trusted to issue by. Its clones say the same.
#[derive(Debug, Clone, Default)]
pub struct ClockAgreement(Arc<AtomicBool>);

impl ClockAgreement {
    /// Whether it can; so it is until a comparison said otherwise.
    pub fn holds(&self) -> bool {
        !self.0.load(Ordering::Acquire)
    }

    pub(crate) fn require(&self, during: &'static str) -> Result<(), Fault> {
        match self.holds() {
            true => Ok(()),
            false => Err(Fault::new(
                during,
                "this machine's clock and the database's disagree",
            )),
        }
    }
}

/// Compares the two clocks.
#[derive(Debug)]
pub struct ClockWatch {
    means: Means,
    agreement: ClockAgreement,
    tolerance: Duration,
}

impl ClockWatch {
    /// A watch that lets the clocks differ by this much, and says in `agreement` whether they do by more.
    pub fn new(means: Means, agreement: ClockAgreement, tolerance: Duration) -> Self {
        Self {
            means,
            agreement,
            tolerance,
        }
    }

    /// Looks at both clocks. A database without a clock of its own always agrees.
    ///
    /// # Errors
    /// When they are too far apart: by how much, and which is ahead.
    pub async fn compare(&self) -> Result<(), Fault> {
        let before = self.means.now();
        let Some(theirs) = self.means.store.database_clock().await? else {
            return Ok(());
        };
        let after = self.means.now();
        let apart = apart(theirs, before, after);
        metrics::gauge!("tamga_clock_apart_seconds").set(apart.as_secs_f64());
        let agree = apart <= self.tolerance;
        self.agreement.0.store(!agree, Ordering::Release);
        if agree {
            return Ok(());
        }
        let ahead = if theirs > after {
            "the database's"
        } else {
            "this machine's"
        };
        let what = format!(
            "the clocks of this machine and the database are {} s apart, {ahead} is ahead: nothing is issued; set both by NTP",
            apart.as_secs()
        );
        Err(Fault::new("comparing clocks", what))
    }
}

/// How far their clock was from ours, which was somewhere between two readings when theirs was read.
fn apart(theirs: Timestamp, before: Timestamp, after: Timestamp) -> Duration {
    // Of two differences the one into the past is nothing: at most one of these is more.
    theirs.duration_since(after).max(before.duration_since(theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_apart_by_what_waiting_for_the_answer_does_not_explain() {
        let second = Timestamp::from_seconds;
        let seconds = Duration::from_secs;
        assert_eq!(apart(second(105), second(100), second(110)), seconds(0));
        assert_eq!(apart(second(115), second(100), second(110)), seconds(5));
        assert_eq!(apart(second(90), second(100), second(110)), seconds(10));
    }
}
