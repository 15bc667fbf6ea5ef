// SPDX-License-Identifier: Apache-2.0
//! The queue all writes pass through: rows that wait together are committed together, a change has the writer alone.
//!
//! Each hand that writes is a task with a connection of its own; how many there are, the engine says. What is queued is
//! written whether or not its caller still waits: a dropped caller never leaves half of its rows behind.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt as _;
use sqlx::{Connection as _, Transaction};
use tamga_registry::store::StoreFault;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::batch::{self, Binds, Taught};
use super::fault::{collided, fault, held_up, miscounted, unavailable};
use super::session::Session;
use super::{CHANGERS, Connection, Connector, Db, WRITERS};

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
                let hand = Hand {
                    connection: first.take().map(|connection| (connection, Taught::nothing())),
                    connector: connector.clone(),
                };
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
        let verdicts = rows.iter().map(|_| None).collect();
        let job = Job::Rows(Box::new(Rows {
            rows,
            verdicts,
            fault: None,
            answer,
        }));
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

/// Rows of one caller, whatever their kind.
#[async_trait]
trait Batch: Send {
    fn len(&self) -> usize;
    /// The script of one of them, where it has one.
    fn script(&self, row: usize) -> Option<Result<Binds, StoreFault>>;
    /// Notes what became of it.
    fn judge(&mut self, row: usize, written: u64) -> Result<(), StoreFault>;
    /// Writes one that has none.
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

    fn script(&self, row: usize) -> Option<Result<Binds, StoreFault>> {
        self.rows.get(row)?.script()
    }

    fn judge(&mut self, row: usize, written: u64) -> Result<(), StoreFault> {
        if let (Some(row), Some(verdict)) = (self.rows.get(row), self.verdicts.get_mut(row)) {
            *verdict = None;
            *verdict = Some(row.verdict(written)?);
        }
        Ok(())
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

/// A writing connection, and how to make it anew.
struct Hand {
    connection: Option<(Connection, Taught)>,
    connector: Arc<Connector>,
}

async fn work(mut hand: Hand, queue: Arc<Mutex<mpsc::Receiver<Job>>>) {
    let mut waiting = None;
    loop {
        let session = match waiting.take() {
            Some(session) => session,
            None => {
                let mut queue = queue.lock().await;
                match queue.recv().await {
                    Some(Job::Rows(first)) => {
                        let mut batches = vec![first];
                        waiting = drain(&mut batches, &mut queue);
                        // From here on another hand may take what comes next.
                        drop(queue);
                        hand.keep(batches).await;
                        continue;
                    }
                    Some(Job::Change(session)) => session,
                    // At once: the hand that waits for the queue would keep it for as long as nothing comes.
                    Some(Job::Close) => {
                        queue.close();
                        continue;
                    }
                    None => break,
                }
            }
        };
        hand.serve(session).await;
    }
    hand.close().await;
}

/// Takes what waits, as far as it can share a commit. Returns what cannot.
fn drain(batches: &mut Vec<Box<dyn Batch>>, queue: &mut mpsc::Receiver<Job>) -> Option<Session> {
    let mut rows: usize = batches.iter().map(|batch| batch.len()).sum();
    while rows < SHARED_ROWS {
        match queue.try_recv() {
            Ok(Job::Rows(batch)) => {
                rows += batch.len();
                batches.push(batch);
            }
            Ok(Job::Change(session)) => return Some(session),
            Ok(Job::Close) => queue.close(),
            Err(_) => return None,
        }
    }
    None
}

impl Hand {
    /// Keeps the batches in one commit; when that fails, each row in its own, so that a bad row fails alone.
    async fn keep(&mut self, mut batches: Vec<Box<dyn Batch>>) {
        let end = self.commit(&mut batches, None).await;
        let waited = end.as_ref().err().is_some_and(held_up);
        match end {
            Ok(()) => {}
            Err(StoreFault::Unavailable(why)) if !waited => {
                let why = why.to_string();
                for batch in &mut batches {
                    batch.fail(None, unavailable(&why));
                }
            }
            // Also a row that was alone is tried once more: it may have met another writer's, and finds it this time.
            Err(fault) => {
                if batches.iter().map(|batch| batch.len()).sum::<usize>() > 1 {
                    tracing::warn!(%fault, "a shared commit failed: its rows are kept one by one");
                }
                return self.keep_apart(batches).await;
            }
        }
        for batch in batches {
            batch.answer();
        }
    }

    /// Each row in a commit of its own, that waits for no other transaction to speak of: who waits for something locked
    /// holds up nobody else. Each caller is told as soon as its rows are done, and nobody after the limit is waited for.
    async fn keep_apart(&mut self, batches: Vec<Box<dyn Batch>>) {
        let mut limit = std::pin::pin!(tokio::time::sleep(APART_AT_MOST));
        for mut batch in batches {
            for row in 0..batch.len() {
                let end = if (&mut limit).now_or_never().is_some() {
                    Err(unavailable("rows before it were held up by other transactions"))
                } else {
                    self.commit(std::slice::from_mut(&mut batch), Some(row)).await
                };
                if let Err(fault) = end {
                    batch.fail(Some(row), fault);
                }
            }
            batch.answer();
        }
    }

    /// Writes all rows, or only this one of each batch, in one transaction. Begins anew where another writer's stood in
    /// its way so that one of the two had to end, or where the connection was lost before anything was written.
    async fn commit(&mut self, batches: &mut [Box<dyn Batch>], row: Option<usize>) -> Result<(), StoreFault> {
        for attempt in 1.. {
            let used = self.connection.is_some();
            let Err(failed) = self.attempt(batches, row).await else {
                break;
            };
            if !failed.usable {
                self.connection = None;
            }
            let again = collided(&failed.fault) || (used && !failed.begun);
            if !again || attempt == ATTEMPTS {
                return Err(failed.fault);
            }
            tokio::time::sleep(pause(attempt)).await;
        }
        Ok(())
    }

    async fn attempt(&mut self, batches: &mut [Box<dyn Batch>], row: Option<usize>) -> Result<(), Failed> {
        let scripted = Scripted::of(batches, row).map_err(Failed::early)?;
        let how = if row.is_some() {
            begin_apart!()
        } else {
            begin_rows!()
        };
        let written =
            async { write(self.begin(how, &scripted.scripts).await?, batches, row, scripted).await };
        timeout(super::STUCK, written).await.unwrap_or_else(|_| {
            Err(Failed {
                fault: unavailable("the database did not answer within the deadline"),
                usable: false,
                begun: true,
            })
        })
    }

    async fn serve(&mut self, session: Session) {
        if let Some((connection, _)) = &mut self.connection
            && !matches!(timeout(super::DEADLINE, connection.ping()).await, Ok(Ok(())))
        {
            self.connection = None;
        }
        let usable = match timeout(super::DEADLINE, self.begin(begin!(), &[])).await {
            Ok(Ok(transaction)) => session.serve(transaction).await.is_ok(),
            Ok(Err(failed)) => {
                session.refuse(failed.fault);
                false
            }
            Err(_) => {
                session.refuse(unavailable("the database did not answer within the deadline"));
                false
            }
        };
        if !usable {
            self.connection = None;
        }
    }

    async fn begin(&mut self, how: &'static str, scripts: &[Binds]) -> Result<Transaction<'_, Db>, Failed> {
        let (mut connection, mut taught) = match self.connection.take() {
            Some(known) => known,
            None => {
                let connection = self.connector.connect().await;
                let connection = connection.map_err(|error| Failed::early(fault("connecting")(error)))?;
                (connection, Taught::nothing())
            }
        };
        taught
            .prepare(scripts, &mut connection)
            .await
            .map_err(Failed::early)?;
        let (connection, _) = self.connection.insert((connection, taught));
        connection
            .begin_with(how)
            .await
            .map_err(|error| Failed::early(fault("begin")(error)))
    }

    async fn close(&mut self) {
        if let Some((connection, _)) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database was not closed cleanly; it recovers at the next start");
        }
    }
}

/// A transaction that was not kept.
struct Failed {
    fault: StoreFault,
    /// Whether the connection may serve the next one.
    usable: bool,
    /// Whether anything can have been written.
    begun: bool,
}

impl Failed {
    /// Nothing was written, and the connection is in no state to be trusted.
    fn early(fault: StoreFault) -> Self {
        Self {
            fault,
            usable: false,
            begun: false,
        }
    }
}

/// The rows of some batches that have a script.
struct Scripted {
    /// Batch and row of each script.
    places: Vec<(usize, usize)>,
    scripts: Vec<Binds>,
}

impl Scripted {
    fn of(batches: &[Box<dyn Batch>], only: Option<usize>) -> Result<Self, StoreFault> {
        let (mut places, mut scripts) = (Vec::new(), Vec::new());
        for (at, batch) in batches.iter().enumerate() {
            for row in rows(batch.as_ref(), only) {
                if let Some(script) = batch.script(row) {
                    places.push((at, row));
                    scripts.push(script?);
                }
            }
        }
        Ok(Self { places, scripts })
    }
}

fn rows(batch: &dyn Batch, only: Option<usize>) -> std::ops::Range<usize> {
    only.map_or(0..batch.len(), |row| row..row + 1)
}

async fn write(
    mut transaction: Transaction<'_, Db>,
    batches: &mut [Box<dyn Batch>],
    only: Option<usize>,
    scripted: Scripted,
) -> Result<(), Failed> {
    if let Err(fault) = write_rows(&mut transaction, batches, only, scripted).await {
        return Err(Failed {
            fault,
            usable: transaction.rollback().await.is_ok(),
            begun: true,
        });
    }
    // A connection whose commit failed is in no state to be trusted.
    transaction.commit().await.map_err(|error| Failed {
        fault: fault("commit")(error),
        usable: false,
        begun: true,
    })
}

async fn write_rows(
    connection: &mut Connection,
    batches: &mut [Box<dyn Batch>],
    only: Option<usize>,
    Scripted { places, scripts }: Scripted,
) -> Result<(), StoreFault> {
    let written = batch::run_all(scripts, connection).await?;
    for (&(at, row), written) in places.iter().zip(written) {
        if let Some(batch) = batches.get_mut(at) {
            batch.judge(row, written)?;
        }
    }
    for (at, batch) in batches.iter_mut().enumerate() {
        for row in rows(batch.as_ref(), only) {
            if places.binary_search(&(at, row)).is_err() {
                batch.write(row, connection).await?;
            }
        }
    }
    Ok(())
}

/// How long to wait before another attempt: longer each time, and never as long as whoever it collided with.
fn pause(attempt: u32) -> Duration {
    let spread = RandomState::new().hash_one(attempt) % 10;
    Duration::from_millis(spread + 1) * attempt
}

/// How long rows are kept one by one, until the rest is refused: their callers wait no longer.
const APART_AT_MOST: Duration = Duration::from_millis(1500);

/// How often a transaction is attempted.
const ATTEMPTS: u32 = 6;

/// How many jobs may wait before callers wait to hand in.
const QUEUE: usize = 4096;

/// How many rows share a commit at most: more gain nothing and make everyone wait longer.
const SHARED_ROWS: usize = 256;
