// SPDX-License-Identifier: Apache-2.0
//! What a process does without being asked: duties that come round, works that run once. All supervised.
//!
//! A [`Duty`] takes no input and is idempotent: it looks at what is, and does what is due. So it may be begun again at
//! any time, and beside itself in another process: whatever one left undone, the next one finds. A work owns its queue
//! and cannot be begun a second time: its early end is the end of the process. Each is a named readiness check.

mod supervise;

use std::error::Error;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::ops::Readiness;
pub use supervise::Health;
use supervise::{silence_of, supervise};

/// Why a duty could not do what was due.
pub type Ailment = Box<dyn Error + Send + Sync>;
/// Resolves when a duty should come round earlier than its timer says.
pub type Wake = BoxFuture<'static, ()>;

/// Something a process does again and again without being asked.
#[async_trait]
pub trait Duty: Send + Sync {
    /// Its name in logs, metrics and readiness.
    fn name(&self) -> &'static str;

    /// How long it rests when nothing wakes it.
    fn period(&self) -> Duration;

    /// Wakes it earlier: made before each round, waited for after it. A hint only: its timer finds the same work.
    fn woken(&self) -> Wake {
        Box::pin(std::future::pending())
    }

    /// Does what is due.
    async fn perform(&self) -> Result<(), Ailment>;

    /// Ends what goes on between rounds. Called once, when no further round comes.
    async fn finish(&self) -> Result<(), Ailment> {
        Ok(())
    }
}

/// All duties of a process, not yet begun.
#[derive(Default)]
pub struct Duties {
    rounds: Vec<Arc<dyn Duty>>,
    works: Vec<Work>,
}

/// What runs once, from the beginning to the end of a process.
struct Work {
    name: &'static str,
    run: Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, ()> + Send>,
}

impl Duties {
    /// With one more duty. A process has one duty of a name: a second one would do what the first does, and is left out.
    #[must_use]
    pub fn round(mut self, duty: impl Duty + 'static) -> Self {
        self.add(Arc::new(duty));
        self
    }

    /// As [`Self::round`], with a duty that somebody else asks things as well.
    #[must_use]
    pub fn shared(mut self, duty: Arc<dyn Duty>) -> Self {
        self.add(duty);
        self
    }

    /// With one more work, which ends when its token is cancelled. Works are stopped after all rounds, one after the
    /// other, in the order they were added.
    #[must_use]
    pub fn work<W>(
        mut self,
        name: &'static str,
        run: impl FnOnce(CancellationToken) -> W + Send + 'static,
    ) -> Self
    where
        W: Future<Output = ()> + Send + 'static,
    {
        self.works.push(Work {
            name,
            run: Box::new(|stop| Box::pin(run(stop))),
        });
        self
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        other.rounds.into_iter().for_each(|duty| self.add(duty));
        self.works.extend(other.works);
        self
    }

    fn add(&mut self, duty: Arc<dyn Duty>) {
        if !self.rounds.iter().any(|known| known.name() == duty.name()) {
            self.rounds.push(duty);
        }
    }

    /// Begins them all, and has readiness ask after each.
    ///
    /// From when `leaving` is cancelled on, the doors close: then a work ends by itself when nobody is left to ask it.
    pub fn start(self, readiness: &Readiness, leaving: &CancellationToken) -> RunningDuties {
        let stop = CancellationToken::new();
        let lost = CancellationToken::new();
        let mut healths = Vec::with_capacity(self.rounds.len());
        let begin = |duty: Arc<dyn Duty>| {
            let health = Health::new(silence_of(duty.period()));
            let asked = health.clone();
            healths.push(health.clone());
            readiness.require(duty.name(), move || asked.check());
            tokio::spawn(supervise(duty, health, stop.clone()))
        };
        let rounds = self.rounds.into_iter().map(begin).collect();
        let surroundings = Surroundings {
            readiness,
            leaving,
            lost: &lost,
        };
        let works = self.works.into_iter().map(|work| {
            let stop = CancellationToken::new();
            (surroundings.begin(work, &stop), stop)
        });
        RunningDuties {
            healths,
            rounds,
            stop,
            works: works.collect(),
            lost: lost.clone(),
        }
    }
}

/// Duties at work; dropped, they end where they stand, as in a crash.
pub struct RunningDuties {
    healths: Vec<Health>,
    rounds: Vec<JoinHandle<()>>,
    stop: CancellationToken,
    works: Vec<(JoinHandle<()>, CancellationToken)>,
    lost: CancellationToken,
}

impl RunningDuties {
    /// Cancelled when a work that cannot be begun again has ended: the process is to end, and be started anew.
    pub fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    /// Returns when each has come round once, well or not: from then on readiness knows.
    pub async fn come_round(&self) {
        for health in &self.healths {
            health.come_round().await;
        }
    }

    /// Ends them: whatever was begun is finished. Listeners must have ended before.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for round in std::mem::take(&mut self.rounds) {
            tell(round.await);
        }
        for (work, stop) in std::mem::take(&mut self.works) {
            stop.cancel();
            tell(work.await);
        }
    }
}

impl Drop for RunningDuties {
    fn drop(&mut self) {
        self.rounds.iter().for_each(JoinHandle::abort);
        self.works.iter().for_each(|(work, _)| work.abort());
    }
}

/// What a work lives among.
struct Surroundings<'a> {
    readiness: &'a Readiness,
    leaving: &'a CancellationToken,
    lost: &'a CancellationToken,
}

impl Surroundings<'_> {
    /// Begins a work. Ending before it is stopped is the end of the process.
    fn begin(&self, work: Work, stop: &CancellationToken) -> JoinHandle<()> {
        let Work { name, run } = work;
        let (stop, lost, leaving) = (stop.clone(), self.lost.clone(), self.leaving.clone());
        let ended = CancellationToken::new();
        let asked = ended.clone();
        self.readiness.require(name, move || match asked.is_cancelled() {
            true => Err("it has ended, and the process with it".to_owned()),
            false => Ok(()),
        });
        tokio::spawn(async move {
            let panicked = AssertUnwindSafe(run(stop.clone())).catch_unwind().await.is_err();
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
}

fn tell(ended: Result<(), tokio::task::JoinError>) {
    if let Err(fault) = ended {
        tracing::error!(%fault, "a duty did not end well");
    }
}

/// A duty that is no more than a name, a period and a deed.
pub struct Round<D> {
    name: &'static str,
    period: Duration,
    deed: D,
    wake: Box<dyn Fn() -> Wake + Send + Sync>,
}

impl<D> Round<D> {
    /// Woken earlier by what this makes.
    #[must_use]
    pub fn woken_by(mut self, wake: impl Fn() -> Wake + Send + Sync + 'static) -> Self {
        self.wake = Box::new(wake);
        self
    }
}

/// A duty of a few lines.
pub fn every<D, W>(name: &'static str, period: Duration, deed: D) -> Round<D>
where
    D: Fn() -> W + Send + Sync,
    W: Future<Output = Result<(), Ailment>> + Send,
{
    Round {
        name,
        period,
        deed,
        wake: Box::new(|| Box::pin(std::future::pending())),
    }
}

#[async_trait]
impl<D, W> Duty for Round<D>
where
    D: Fn() -> W + Send + Sync,
    W: Future<Output = Result<(), Ailment>> + Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn period(&self) -> Duration {
        self.period
    }

    fn woken(&self) -> Wake {
        (self.wake)()
    }

    async fn perform(&self) -> Result<(), Ailment> {
        (self.deed)().await
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
        let names: Vec<&str> = self.rounds.iter().map(|duty| duty.name()).collect();
        out.debug_struct("Duties")
            .field("rounds", &names)
            .finish_non_exhaustive()
    }
}

impl<D> std::fmt::Debug for Round<D> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Round").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests;
