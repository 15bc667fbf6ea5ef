// SPDX-License-Identifier: Apache-2.0
//! The queue all writes pass through: rows that wait together are committed together, a change has the writer alone.
//!
//! Each hand that writes is a task with a connection of its own; how many there are, the engine says. What is queued is
//! written whether or not its caller still waits: a dropped caller never leaves half of its rows behind.

use std::sync::Arc;

use async_trait::async_trait;
use tamga_registry::store::StoreFault;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::batch::Binds;
use super::fault::{miscounted, unavailable};
use super::session::Session;
use super::{CHANGERS, Connection, Connector, WRITERS};

#[path = "writer/hand.rs"]
mod hand;
#[path = "writer/rows.rs"]
mod rows;

use hand::{Hand, work};
use rows::{Batch, Rows};

/// A row to be kept, with all that belongs to it.
#[async_trait]
pub(super) trait Keep: Send + Sync + 'static {
    /// What became of it.
    type Verdict: Send + 'static;

    /// Writes the row inside the transaction at hand: all of it, or nothing together with a verdict that says so. A
    /// fault undoes the whole transaction. May be called again after a fault of a neighbour.
    ///
    /// Left out where one script does all of it.
    async fn keep(&self, connection: &mut Connection) -> Result<Self::Verdict, StoreFault> {
        let _ = connection;
        Err(miscounted("a row without a script", 0))
    }

    /// The script that writes the row, with its binds, where one does all of it: the rows of many callers are then
    /// handed to the engine together.
    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        None
    }

    /// What became of the row whose script wrote so many rows. A number that cannot be is a fault; where two writers
    /// met, the one that is told so tries again and finds what the other wrote.
    fn verdict(&self, written: u64) -> Result<Self::Verdict, StoreFault> {
        Err(miscounted("a row without a script", written))
    }

    /// What to say of a row that cannot be kept, when its caller handed in others with it: then its fault is logged
    /// here. Nothing, where the caller can be told of no single row.
    fn spoiled() -> Option<Self::Verdict> {
        None
    }
}

/// Where writes are handed in.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    /// The same queue, where changes are left to those who write rows.
    changes: mpsc::Sender<Job>,
    hands: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

enum Job {
    Rows(Box<dyn Batch>),
    /// Shares no commit.
    Change(Session),
    /// Nothing is taken any more. What is queued is still written; then every hand ends.
    Close,
}

impl Writer {
    /// Starts the tasks that write. The first of them begins with this connection.
    pub(super) fn start(connection: Connection, connector: Connector) -> Self {
        let connector = Arc::new(connector);
        let mut first = Some(connection);
        let mut hands = Vec::new();
        let mut crew = |size: usize| {
            let (jobs, queue) = mpsc::channel(QUEUE);
            let queue = Arc::new(Mutex::new(queue));
            hands.extend((0..size).map(|_| {
                let hand = Hand::of(first.take(), connector.clone());
                tokio::spawn(work(hand, queue.clone()))
            }));
            jobs
        };
        let jobs = crew(WRITERS);
        let changes = if CHANGERS == 0 {
            jobs.clone()
        } else {
            crew(CHANGERS)
        };
        Self {
            jobs,
            changes,
            hands: Arc::new(Mutex::new(hands)),
        }
    }

    /// Keeps rows, in one commit with whatever else is waiting. A verdict per row, in order.
    pub(super) async fn keep<R: Keep>(&self, rows: Vec<R>) -> Result<Vec<R::Verdict>, StoreFault> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let (answer, answered) = oneshot::channel();
        let job = Job::Rows(Box::new(Rows::of(rows, answer)));
        Self::hand_in(&self.jobs, job, answered).await?
    }

    /// Begins a change, as soon as a hand is free for it.
    pub(super) async fn begin(
        &self,
        session: Session,
        opened: oneshot::Receiver<Result<(), StoreFault>>,
    ) -> Result<(), StoreFault> {
        Self::hand_in(&self.changes, Job::Change(session), opened).await?
    }

    /// Keeps one row.
    pub(super) async fn keep_one<R: Keep>(&self, row: R) -> Result<R::Verdict, StoreFault> {
        self.keep(vec![row])
            .await?
            .pop()
            .ok_or_else(|| unavailable("the writer gave no verdict"))
    }

    /// Hands a job in and waits for its answer, both within the deadline.
    async fn hand_in<T>(
        jobs: &mpsc::Sender<Job>,
        job: Job,
        answered: oneshot::Receiver<T>,
    ) -> Result<T, StoreFault> {
        let handed = async {
            jobs.send(job)
                .await
                .map_err(|_| unavailable("the writer has ended"))?;
            answered
                .await
                .map_err(|_| unavailable("the writer ended before it answered"))
        };
        timeout(super::DEADLINE, handed)
            .await
            .map_err(|_| unavailable("the writer did not answer within the deadline"))?
    }

    /// Whether nobody takes what is handed in any more.
    pub(super) fn has_ended(&self) -> bool {
        self.jobs.is_closed()
    }

    /// Writes what is queued, closes the connections, and returns when that is done.
    pub(super) async fn close(&self) {
        for queue in [&self.jobs, &self.changes] {
            // Whoever closed it before us is enough.
            queue.send(Job::Close).await.ok();
        }
        for hand in self.hands.lock().await.drain(..) {
            hand.await.ok();
        }
    }
}

/// How many jobs may wait before callers wait to hand in.
const QUEUE: usize = 4096;
