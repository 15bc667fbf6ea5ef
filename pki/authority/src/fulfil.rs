// SPDX-License-Identifier: Apache-2.0
//! The hand: takes admitted orders in batches, keeps what it is about to sign, signs exactly that, keeps what it did.
//!
//! Two stages run side by side: while one batch is being signed, the intents of the next are being kept. A stage takes
//! whatever is queued, without a timer, so batches grow with the load. One bad order never fails its neighbours.

use std::sync::Arc;
use std::time::Duration;

use tamga_registry::id::OrderId;
use tamga_registry::order::{OperationId, Order};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::chain::{Admitted, Issued, Prepared};
use crate::clock::ClockAgreement;
use crate::means::Means;
use crate::refusal::{Fault, Refusal};
use crate::signers::Signers;

mod draft;
mod finish;
mod hold;
mod intents;
mod records;

pub(crate) use draft::foresee;

/// The near end of the hand: where the door passes orders on.
#[derive(Debug, Clone)]
pub struct Hand {
    queue: mpsc::Sender<Job>,
    finished: Arc<Notify>,
    clocks: ClockAgreement,
}

/// The far end: it has the signers, and no socket.
pub struct HandWork {
    bench: Bench,
    queue: mpsc::Receiver<Job>,
}

/// What the stages share.
#[derive(Clone)]
struct Bench {
    means: Means,
    signers: Arc<dyn Signers>,
    rules: HandRules,
    finished: Arc<Notify>,
    clocks: ClockAgreement,
    held: hold::Held,
}

/// How the hand works.
#[derive(Debug, Clone, Copy)]
pub struct HandRules {
    /// How many orders may wait before the door has to.
    pub queue: usize,
    /// How many orders are committed at once, at most.
    pub batch: usize,
    /// For how long nobody else finishes an order that was begun; prolonged while it is at work. As short as a crash may
    /// go unnoticed.
    pub lease: Duration,
    /// How old an unfinished intent may be and still be signed.
    pub oldest_intent: Duration,
    /// How far our clock and the database's may be apart before nothing is signed; absent = they are not compared.
    pub clock_tolerance: Option<Duration>,
}

impl Default for HandRules {
    fn default() -> Self {
        Self {
            queue: 1_024,
            batch: 256,
            lease: Duration::from_secs(3),
            oldest_intent: Duration::from_hours(24),
            clock_tolerance: Some(Duration::from_secs(5 * 60)),
        }
    }
}

/// An order on its way through the hand, seen from the door.
#[derive(Debug)]
pub struct Errand {
    kept: oneshot::Receiver<OrderName>,
    done: oneshot::Receiver<HandOutcome>,
}

/// What an order is called: by us, and by the device that polls it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderName {
    pub(crate) id: OrderId,
    pub(crate) operation: OperationId,
}

impl OrderName {
    pub(crate) fn of(order: &Order) -> Self {
        Self {
            id: order.id,
            operation: order.operation,
        }
    }
}

/// What became of an order.
#[derive(Debug)]
pub(crate) enum HandOutcome {
    /// Its certificate is recorded.
    Issued(OrderName, Issued),
    /// The profile or the lints refuse it, or its device was revoked meanwhile.
    Refused(Refusal),
    /// What it was judged by has changed before its intent was kept: judge again.
    Stale,
    /// Ours.
    Broken(Fault),
}

/// An admitted order and who waits for it.
struct Job {
    admitted: Admitted,
    kept: oneshot::Sender<OrderName>,
    done: oneshot::Sender<HandOutcome>,
}

/// An order whose intent is kept, and who waits for it.
struct Kept {
    prepared: Prepared,
    done: oneshot::Sender<HandOutcome>,
    _holding: hold::Holding,
}

impl Hand {
    /// Both ends.
    pub fn new(means: Means, signers: Arc<dyn Signers>, rules: HandRules) -> (Self, HandWork) {
        let (sender, queue) = mpsc::channel(rules.queue.max(1));
        let (finished, clocks) = (Arc::new(Notify::new()), ClockAgreement::default());
        let bench = Bench {
            means,
            signers,
            rules,
            finished: finished.clone(),
            clocks: clocks.clone(),
            held: hold::Held::default(),
        };
        (
            Self {
                queue: sender,
                finished,
                clocks,
            },
            HandWork { bench, queue },
        )
    }

    /// Passes an order on. Waits while the queue is full.
    pub async fn take(&self, admitted: Admitted) -> Result<Errand, Fault> {
        let (kept_sender, kept) = oneshot::channel();
        let (done_sender, done) = oneshot::channel();
        let job = Job {
            admitted,
            kept: kept_sender,
            done: done_sender,
        };
        self.queue.send(job).await.map_err(|_| stopped())?;
        Ok(Errand { kept, done })
    }

    /// Resolves when an order was finished after this call. A hint: whoever waits looks again.
    pub(crate) fn finished(&self) -> tokio::sync::futures::OwnedNotified {
        self.finished.clone().notified_owned()
    }

    /// Whether it may sign by its clock.
    pub(crate) fn clocks(&self) -> &ClockAgreement {
        &self.clocks
    }
}

impl Errand {
    /// Waits for the end.
    pub(crate) async fn done(&mut self) -> Result<HandOutcome, Fault> {
        (&mut self.done).await.map_err(|_| stopped())
    }

    /// Its name if it is stored by now.
    pub(crate) fn is_kept(&mut self) -> Option<OrderName> {
        self.kept.try_recv().ok()
    }

    /// Waits until the order is stored, or for the end if that comes first.
    pub(crate) async fn kept_or_done(&mut self) -> Result<Result<OrderName, HandOutcome>, Fault> {
        tokio::select! {
            biased;
            outcome = &mut self.done => outcome.map(Err).map_err(|_| stopped()),
            Ok(order) = &mut self.kept => Ok(Ok(order)),
        }
    }
}

impl HandWork {
    /// Works until stopped and its queue is empty. What was begun is finished.
    pub async fn run(self, stop: CancellationToken) {
        let Self { bench, queue } = self;
        let (sender, kept) = mpsc::channel(bench.rules.queue.max(1));
        let intents = intents::run(bench.clone(), queue, sender, stop);
        let records = records::run(bench.clone(), kept);
        tokio::select! {
            _ = async { tokio::join!(intents, records) } => {}
            never = hold::run(bench) => match never {},
        }
    }

    /// Says whether this hand may sign by its clock: for who compares it with the database's.
    pub fn clocks(&self) -> ClockAgreement {
        self.bench.clocks.clone()
    }

    /// Finishes what a crash left: see [`Finisher::finish_unfinished`].
    pub fn finisher(&self) -> Finisher {
        Finisher {
            bench: self.bench.clone(),
        }
    }
}

/// Finishes orders whose lease ended without a record.
#[derive(Clone)]
pub struct Finisher {
    bench: Bench,
}

fn stopped() -> Fault {
    Fault::new("passing an order to the hand", "the hand has stopped")
}

impl std::fmt::Debug for HandWork {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("HandWork")
            .field("rules", &self.bench.rules)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Finisher {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Finisher").finish_non_exhaustive()
    }
}
