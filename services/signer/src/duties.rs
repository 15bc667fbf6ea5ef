// SPDX-License-Identifier: Apache-2.0
//! What the house does without being asked, one file a duty. All are supervised; each is a named readiness check.
//!
//! - `hand`: signs what the door admitted, and keeps refusals; a single run, whose early end is fatal;
//! - [`recovery`]: finishes what a crash left; [`publish`]: CRLs; [`service_certificate`]: Tamga's own TLS certificate;
//! - [`policy`]: learns of administrative changes; [`watch`]: memory, issuer keys and lists, for readiness.
//!
//! A [`Duty`] takes no input and is idempotent: whatever a process left undone, the next one finds.

pub mod policy;
pub mod publish;
pub mod recovery;
pub mod service_certificate;
mod supervise;
pub mod watch;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use tamga_authority::DenialKeeper;
use tamga_authority::fulfil::HandWork;
use tamga_runtime::ops::Readiness;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use supervise::{Duty, Health};
use supervise::{silence_of, supervise};

/// All duties of a process, not yet begun.
pub struct Duties {
    /// Signs what the door admitted.
    pub hand: HandWork,
    /// Keeps refusals.
    pub denials: DenialKeeper,
    /// The others.
    pub rounds: Vec<Arc<dyn Duty>>,
}

/// Duties at work.
pub struct RunningDuties {
    healths: Vec<Health>,
    rounds: Vec<JoinHandle<()>>,
    denials: JoinHandle<()>,
    hand: JoinHandle<()>,
    stop: Stop,
    lost: CancellationToken,
}

struct Stop {
    rounds: CancellationToken,
    hand: CancellationToken,
}

impl Duties {
    /// Begins them all, and has readiness ask after each.
    ///
    /// From when `leaving` is cancelled on, the doors close: then the hand ends by itself when nobody is left to ask it.
    pub fn start(self, readiness: &Readiness, leaving: &CancellationToken) -> RunningDuties {
        let stop = Stop {
            rounds: CancellationToken::new(),
            hand: CancellationToken::new(),
        };
        let lost = CancellationToken::new();
        let mut healths = Vec::with_capacity(self.rounds.len());
        let begin = |duty: Arc<dyn Duty>| {
            let health = Health::new(silence_of(duty.period()));
            let asked = health.clone();
            healths.push(health.clone());
            readiness.require(duty.name(), move || asked.check());
            tokio::spawn(supervise(duty, health, stop.rounds.clone()))
        };
        let rounds = self.rounds.into_iter().map(begin).collect();
        let denials = self.denials.run(stop.rounds.clone());
        let denials = until_stopped("denials", denials, &stop.rounds, (&lost, leaving, readiness));
        let hand = until_stopped(
            "hand",
            self.hand.run(stop.hand.clone()),
            &stop.hand,
            (&lost, leaving, readiness),
        );
        RunningDuties {
            healths,
            rounds,
            denials,
            hand,
            stop,
            lost,
        }
    }
}

impl RunningDuties {
    /// Cancelled when a duty that cannot be started again has ended: the process is to end, and be started anew.
    pub fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    /// Returns when each has come round once, well or not: from then on readiness knows.
    pub async fn come_round(&self) {
        for health in &self.healths {
            health.come_round().await;
        }
    }

    /// Ends them: whatever was begun is finished, the hand last. Listeners must have ended before.
    pub async fn stop(self) {
        self.stop.rounds.cancel();
        for round in self.rounds {
            tell(round.await);
        }
        tell(self.denials.await);
        self.stop.hand.cancel();
        tell(self.hand.await);
    }

    /// Ends them where they stand, as a crash would.
    pub fn cut(&self) {
        self.rounds.iter().for_each(JoinHandle::abort);
        self.denials.abort();
        self.hand.abort();
    }
}

/// Runs what owns its queue and so cannot be begun a second time. Ending before it is stopped is the end of the process.
fn until_stopped(
    name: &'static str,
    work: impl Future<Output = ()> + Send + 'static,
    stop: &CancellationToken,
    (lost, leaving, readiness): (&CancellationToken, &CancellationToken, &Readiness),
) -> JoinHandle<()> {
    let (stop, lost, leaving) = (stop.clone(), lost.clone(), leaving.clone());
    let ended = CancellationToken::new();
    let asked = ended.clone();
    readiness.require(name, move || match asked.is_cancelled() {
        true => Err("it has ended, and the process with it".to_owned()),
        false => Ok(()),
    });
    tokio::spawn(async move {
        let panicked = AssertUnwindSafe(work).catch_unwind().await.is_err();
        ended.cancel();
        if panicked || !(stop.is_cancelled() || leaving.is_cancelled()) {
            tracing::error!(
                duty = name,
                panicked,
                "the duty ended before it was stopped: the process ends"
            );
            lost.cancel();
        }
    })
}

fn tell(ended: Result<(), tokio::task::JoinError>) {
    if let Err(fault) = ended {
        tracing::error!(%fault, "a duty did not end well");
    }
}

impl std::fmt::Debug for RunningDuties {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RunningDuties")
            .field("rounds", &self.rounds.len())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Duties {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Duties")
            .field("rounds", &self.rounds.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
