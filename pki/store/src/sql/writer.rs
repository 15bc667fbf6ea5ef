// SPDX-License-Identifier: Apache-2.0
//! The queue all writes pass through: rows that wait together are committed together, a change has the writer alone.
//!
//! One task owns the writing connection. What is queued is written whether or not its caller still waits: a dropped
//! caller never leaves half of its rows behind.

use async_trait::async_trait;
use sqlx::{Connection as _, Transaction};
use tamga_registry::store::StoreFault;
use tokio::sync::{mpsc, oneshot};

use super::fault::{fault, unavailable};
use super::session::Session;
use super::{Connection, Connector, Db};

/// A row to be kept, with all that belongs to it.
#[async_trait]
pub(super) trait Keep: Send + Sync + 'static {
    /// What became of it.
    type Verdict: Send + 'static;

    /// Writes the row inside the transaction at hand: all of it, or nothing together with a verdict that says so. A
    /// fault undoes the whole transaction. May be called again after a fault of a neighbour.
    async fn keep(&self, connection: &mut Connection) -> Result<Self::Verdict, StoreFault>;

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
}

pub(super) enum Job {
    Rows(Box<dyn Batch>),
    Change(Session),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the task that writes.
    pub(super) fn start(connection: Connection, connector: Connector) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(work(
            Hand {
                connection: Some(connection),
                connector,
            },
            queue,
        ));
        Self { jobs }
    }

    /// Keeps rows, in one commit with whatever else is waiting. A verdict per row, in order.
    pub(super) async fn keep<R: Keep>(&self, rows: Vec<R>) -> Result<Vec<R::Verdict>, StoreFault> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let (answer, answered) = oneshot::channel();
        let verdicts = rows.iter().map(|_| None).collect();
        let job = Job::Rows(Box::new(Rows {
            rows,
            verdicts,
            fault: None,
            answer,
        }));
        self.hand_in(job, answered).await?
    }

    /// Keeps one row.
    pub(super) async fn keep_one<R: Keep>(&self, row: R) -> Result<R::Verdict, StoreFault> {
        self.keep(vec![row])
            .await?
            .pop()
            .ok_or_else(|| unavailable("the writer gave no verdict"))
    }

    /// Hands a job in and waits for its answer, both within the deadline.
    pub(super) async fn hand_in<T>(&self, job: Job, answered: oneshot::Receiver<T>) -> Result<T, StoreFault> {
        let handed = async {
            self.jobs
                .send(job)
                .await
                .map_err(|_| unavailable("the writer has ended"))?;
            answered
                .await
                .map_err(|_| unavailable("the writer ended before it answered"))
        };
        tokio::time::timeout(super::DEADLINE, handed)
            .await
            .map_err(|_| unavailable("the writer did not answer within the deadline"))?
    }

    /// Whether nobody takes what is handed in any more.
    pub(super) fn has_ended(&self) -> bool {
        self.jobs.is_closed()
    }

    /// Writes what is queued, closes the connection, and returns when that is done.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(done)).await.is_ok() {
            closed.await.ok();
        }
    }
}

/// Rows of one caller, whatever their kind.
#[async_trait]
pub(super) trait Batch: Send {
    fn len(&self) -> usize;
    /// Writes one of them.
    async fn write(&mut self, row: usize, connection: &mut Connection) -> Result<(), StoreFault>;
    /// Notes that this row could not be kept; without a number, that none could.
    fn fail(&mut self, row: Option<usize>, fault: StoreFault);
    /// Tells the caller what became of them.
    fn answer(self: Box<Self>);
}

struct Rows<R: Keep> {
    rows: Vec<R>,
    verdicts: Vec<Option<R::Verdict>>,
    fault: Option<StoreFault>,
    answer: oneshot::Sender<Result<Vec<R::Verdict>, StoreFault>>,
}

#[async_trait]
impl<R: Keep> Batch for Rows<R> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    async fn write(&mut self, row: usize, connection: &mut Connection) -> Result<(), StoreFault> {
        if let (Some(row), Some(verdict)) = (self.rows.get(row), self.verdicts.get_mut(row)) {
            *verdict = None;
            *verdict = Some(row.keep(connection).await?);
        }
        Ok(())
    }

    fn fail(&mut self, row: Option<usize>, fault: StoreFault) {
        let one_of_many = row.filter(|_| self.rows.len() > 1);
        match (
            one_of_many.and_then(|row| self.verdicts.get_mut(row)),
            R::spoiled(),
        ) {
            (Some(verdict), Some(spoiled)) => {
                tracing::error!(
                    fault = &fault as &dyn std::error::Error,
                    "a row could not be kept"
                );
                *verdict = Some(spoiled);
            }
            _ => {
                self.fault.get_or_insert(fault);
            }
        }
    }

    fn answer(self: Box<Self>) {
        let verdicts: Option<Vec<_>> = self.verdicts.into_iter().collect();
        let end = match (self.fault, verdicts) {
            (None, Some(verdicts)) => Ok(verdicts),
            (Some(fault), _) => Err(fault),
            (None, None) => Err(unavailable("the writer gave no verdict")),
        };
        // Nobody may be waiting any more; the rows are kept all the same.
        self.answer.send(end).ok();
    }
}

/// The writing connection, and how to make it anew.
struct Hand {
    connection: Option<Connection>,
    connector: Connector,
}

async fn work(mut hand: Hand, mut queue: mpsc::Receiver<Job>) {
    let mut waiting = None;
    loop {
        let job = match waiting.take() {
            Some(job) => job,
            None => match queue.recv().await {
                Some(job) => job,
                None => break,
            },
        };
        match job {
            Job::Rows(first) => {
                let mut batches = vec![first];
                waiting = drain(&mut batches, &mut queue);
                hand.keep(batches).await;
            }
            Job::Change(session) => hand.serve(session).await,
            Job::Close(done) => {
                queue.close();
                hand.close().await;
                done.send(()).ok();
                return;
            }
        }
    }
    hand.close().await;
}

/// Takes what waits, as far as it can share a commit. Returns what cannot.
fn drain(batches: &mut Vec<Box<dyn Batch>>, queue: &mut mpsc::Receiver<Job>) -> Option<Job> {
    let mut rows: usize = batches.iter().map(|batch| batch.len()).sum();
    while rows < SHARED_ROWS {
        match queue.try_recv() {
            Ok(Job::Rows(batch)) => {
                rows += batch.len();
                batches.push(batch);
            }
            Ok(other @ (Job::Change(_) | Job::Close(_))) => return Some(other),
            Err(_) => return None,
        }
    }
    None
}

impl Hand {
    /// Keeps the batches in one commit; when that fails, each row in its own, so that a bad row fails alone.
    async fn keep(&mut self, mut batches: Vec<Box<dyn Batch>>) {
        match self.commit(&mut batches, None).await {
            Ok(()) => {}
            Err(StoreFault::Unavailable(why)) => {
                let why = why.to_string();
                for batch in &mut batches {
                    batch.fail(None, unavailable(&why));
                }
            }
            Err(fault) => match batches.as_mut_slice() {
                [batch] if batch.len() == 1 => batch.fail(None, fault),
                batches => {
                    tracing::warn!(%fault, "a shared commit failed: its rows are kept one by one");
                    for batch in batches {
                        self.keep_apart(batch).await;
                    }
                }
            },
        }
        for batch in batches {
            batch.answer();
        }
    }

    async fn keep_apart(&mut self, batch: &mut Box<dyn Batch>) {
        for row in 0..batch.len() {
            if let Err(fault) = self.commit(std::slice::from_mut(batch), Some(row)).await {
                batch.fail(Some(row), fault);
            }
        }
    }

    /// Writes all rows, or only this one of each batch, in one transaction.
    async fn commit(&mut self, batches: &mut [Box<dyn Batch>], row: Option<usize>) -> Result<(), StoreFault> {
        let end = match self.begin().await {
            Ok(transaction) => write(transaction, batches, row).await,
            Err(fault) => Err(Failed { fault, usable: false }),
        };
        end.map_err(|failed| {
            if !failed.usable {
                self.connection = None;
            }
            failed.fault
        })
    }

    async fn serve(&mut self, session: Session) {
        let usable = match self.begin().await {
            Ok(transaction) => session.serve(transaction).await.is_ok(),
            Err(fault) => {
                session.refuse(fault);
                false
            }
        };
        if !usable {
            self.connection = None;
        }
    }

    async fn begin(&mut self) -> Result<Transaction<'_, Db>, StoreFault> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connector.connect().await.map_err(fault("connecting"))?,
        };
        self.connection
            .insert(connection)
            .begin_with(begin!())
            .await
            .map_err(fault("begin"))
    }

    async fn close(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database was not closed cleanly; it recovers at the next start");
        }
        self.connector.release();
    }
}

/// A transaction that was not kept.
struct Failed {
    fault: StoreFault,
    /// Whether the connection may serve the next one.
    usable: bool,
}

async fn write(
    mut transaction: Transaction<'_, Db>,
    batches: &mut [Box<dyn Batch>],
    only: Option<usize>,
) -> Result<(), Failed> {
    for batch in batches {
        let rows = only.map_or(0..batch.len(), |row| row..row + 1);
        for row in rows {
            if let Err(fault) = batch.write(row, &mut transaction).await {
                return Err(Failed {
                    fault,
                    usable: transaction.rollback().await.is_ok(),
                });
            }
        }
    }
    // A connection whose commit failed is in no state to be trusted.
    transaction.commit().await.map_err(|error| Failed {
        fault: fault("commit")(error),
        usable: false,
    })
}

/// How many jobs may wait before callers wait to hand in.
const QUEUE: usize = 4096;

/// How many rows share a commit at most: more gain nothing and make everyone wait longer.
const SHARED_ROWS: usize = 256;
