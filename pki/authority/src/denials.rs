// SPDX-License-Identifier: Apache-2.0
//! Journals refusals without slowing the door: a row for callers who proved who they are, a count for all others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tamga_registry::journal::{JournalRow, RefusalTally, source_prefix};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::means::Means;
use crate::refusal::Fault;

/// Where refusals are reported.
#[derive(Debug, Clone)]
pub struct Denials {
    rows: mpsc::Sender<JournalRow>,
    tallies: Arc<Mutex<Tallies>>,
}

/// Keeps what was reported. Runs beside the door.
pub struct DenialKeeper {
    means: Means,
    rows: mpsc::Receiver<JournalRow>,
    tallies: Arc<Mutex<Tallies>>,
}

type Tallies = HashMap<(i64, String, &'static str), i64>;

impl Denials {
    /// The reporting end and the keeping end.
    pub fn new(means: Means) -> (Self, DenialKeeper) {
        let (sender, rows) = mpsc::channel(QUEUE);
        let tallies = Arc::new(Mutex::new(Tallies::new()));
        (
            Self {
                rows: sender,
                tallies: tallies.clone(),
            },
            DenialKeeper { means, rows, tallies },
        )
    }

    /// An authenticated caller was refused. A full queue waits for room: these rows are never dropped.
    pub(crate) async fn refused(&self, row: JournalRow) {
        if self.rows.send(row).await.is_err() {
            tracing::error!("a refusal could not be journalled: its keeper has stopped");
        }
    }

    /// A caller who proved nothing was refused: counted by network, reason and minute.
    pub(crate) fn turned_away(&self, means: &Means, reason: &'static str, source: Option<IpAddr>) {
        metrics::counter!("tamga_refused_anonymous_total", "reason" => reason).increment(1);
        let minute = means.now().seconds().div_euclid(60);
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let prefix = source_prefix(source);
        // Bounded: a flood from ever new networks is counted under one name between two flushes.
        let prefix = if tallies.len() < MOST_TALLIES {
            prefix
        } else {
            "many".to_owned()
        };
        let count = tallies.entry((minute, prefix, reason)).or_default();
        *count = count.saturating_add(1);
    }
}

impl DenialKeeper {
    /// Keeps reports until stopped, then what is left.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(FLUSH);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut rows = Vec::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                taken = self.rows.recv_many(&mut rows, BATCH) => {
                    // Nobody reports any more.
                    if taken == 0 {
                        break;
                    }
                    self.keep_rows(&mut rows, &stop).await;
                }
                _ = ticks.tick() => self.keep_tallies().await,
            }
        }
        self.rows.close();
        while self.rows.recv_many(&mut rows, BATCH).await > 0 {
            self.keep_rows(&mut rows, &stop).await;
        }
        self.keep_tallies().await;
    }

    /// Keeps rows, and tries again until they are kept: meanwhile the queue fills, and whoever reports waits. Gives up
    /// only when the process ends.
    async fn keep_rows(&self, rows: &mut Vec<JournalRow>, stop: &CancellationToken) {
        while !rows.is_empty() {
            let Err(fault) = self.means.store.keep_refusals(rows.clone()).await else {
                rows.clear();
                return;
            };
            tracing::error!(fault = %Fault::from(fault), "refusals could not be journalled yet");
            let pause = tokio::time::timeout(RETRY, stop.cancelled()).await;
            if pause.is_ok() {
                let lost = u64::try_from(rows.len()).unwrap_or(u64::MAX);
                metrics::counter!("tamga_journal_lost_total").increment(lost);
                rows.clear();
            }
        }
    }

    async fn keep_tallies(&self) {
        let counted = std::mem::take(&mut *self.tallies.lock().unwrap_or_else(PoisonError::into_inner));
        if counted.is_empty() {
            return;
        }
        let tallies = counted
            .into_iter()
            .map(|((minute, source_prefix, reason), refused)| RefusalTally {
                minute,
                source_prefix,
                reason,
                refused,
            });
        if let Err(fault) = self.means.store.keep_tallies(tallies.collect()).await {
            tracing::error!(fault = %Fault::from(fault), "counts of anonymous refusals could not be kept");
        }
    }
}

impl std::fmt::Debug for DenialKeeper {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DenialKeeper").finish_non_exhaustive()
    }
}

const QUEUE: usize = 1_024;
const BATCH: usize = 256;
const MOST_TALLIES: usize = 500;
const RETRY: Duration = Duration::from_millis(500);
const FLUSH: Duration = Duration::from_secs(5);
