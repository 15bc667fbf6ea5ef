// SPDX-License-Identifier: Apache-2.0
//! The first stage: draft, lint, keep the intents of a batch in one commit.

use tamga_registry::store::IntentVerdict;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::draft::{Drafted, draft};
use super::{Bench, HandOutcome, Job, Kept, OrderName};
use crate::refusal::Fault;

/// Works until stopped, then on what is queued.
pub(super) async fn run(
    bench: Bench,
    mut queue: mpsc::Receiver<Job>,
    kept: mpsc::Sender<Kept>,
    stop: CancellationToken,
) {
    let mut jobs = Vec::with_capacity(bench.rules.batch);
    let mut open = true;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled(), if open => {
                open = false;
                queue.close();
            }
            taken = queue.recv_many(&mut jobs, bench.rules.batch) => {
                if taken == 0 {
                    return;
                }
                let batch = std::mem::replace(&mut jobs, Vec::with_capacity(bench.rules.batch));
                keep_batch(&bench, batch, &kept).await;
            }
        }
    }
}

/// A drafted order and who waits for it.
struct Waiting {
    drafted: Drafted,
    kept: oneshot::Sender<OrderName>,
    done: oneshot::Sender<HandOutcome>,
}

async fn keep_batch(bench: &Bench, batch: Vec<Job>, next: &mpsc::Sender<Kept>) {
    metrics::histogram!("tamga_intent_batch_size").record(size(batch.len()));
    let drafting = bench.clone();
    let drafted = tokio::task::spawn_blocking(move || draft_batch(&drafting, batch)).await;
    let Ok(waiting) = drafted else {
        // Its senders are gone: every caller of the batch learns of a fault.
        tracing::error!("drafting a batch panicked");
        return;
    };
    if waiting.is_empty() {
        return;
    }
    let intents = waiting.iter().map(|waiting| waiting.drafted.intent()).collect();
    match bench.means.store.keep_intents(intents).await {
        Ok(verdicts) => {
            for (waiting, verdict) in waiting.into_iter().zip(verdicts) {
                pass(bench, waiting, verdict, next).await;
            }
        }
        Err(fault) => {
            let told = fault.to_string();
            tracing::error!(fault = %Fault::from(fault), "a batch of intents could not be kept");
            for waiting in waiting {
                let fault = Fault::new("keeping an intent", told.clone());
                tell(waiting.done, HandOutcome::Broken(fault));
            }
        }
    }
}

/// Those that cannot be drafted are told so; the others wait for their commit.
fn draft_batch(bench: &Bench, batch: Vec<Job>) -> Vec<Waiting> {
    let mut waiting = Vec::with_capacity(batch.len());
    for Job { admitted, kept, done } in batch {
        // Nobody waits any more, and nothing is stored yet: the device went away, or its request waits elsewhere.
        if done.is_closed() {
            continue;
        }
        match draft(bench, &admitted) {
            Ok(drafted) => waiting.push(Waiting { drafted, kept, done }),
            Err(outcome) => tell(done, outcome),
        }
    }
    waiting
}

async fn pass(bench: &Bench, waiting: Waiting, verdict: IntentVerdict, next: &mpsc::Sender<Kept>) {
    match verdict {
        IntentVerdict::Kept => {
            // A caller that went away changes nothing: the order is stored and will be finished.
            let holding = bench.held.take(waiting.drafted.order());
            let _ = waiting.kept.send(OrderName::of(waiting.drafted.order()));
            let kept = Kept {
                prepared: waiting.drafted.kept(),
                done: waiting.done,
                _holding: holding,
            };
            if next.send(kept).await.is_err() {
                tracing::error!("the signing stage has stopped; recovery will finish the order");
            }
        }
        IntentVerdict::Stale => tell(waiting.done, HandOutcome::Stale),
    }
}

/// A caller may have gone away.
pub(super) fn tell(done: oneshot::Sender<HandOutcome>, outcome: HandOutcome) {
    drop(done.send(outcome));
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a batch has at most some thousand orders"
)]
pub(super) fn size(batch: usize) -> f64 {
    batch as f64
}
