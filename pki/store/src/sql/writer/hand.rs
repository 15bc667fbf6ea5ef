// SPDX-License-Identifier: Apache-2.0
//! A hand that writes: takes what waits, keeps it in one commit, and in parts where that fails.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use sqlx::{Connection as _, Transaction};
use tamga_registry::store::StoreFault;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use super::super::batch::{self, Binds, Taught};
use super::super::fault::{collided, fault, held_up, unavailable};
use super::super::session::Session;
use super::super::{Connection, Connector, DEADLINE, Db, STUCK};
use super::Job;
use super::rows::Batch;

/// A writing connection, and how to make it anew.
pub(super) struct Hand {
    connection: Option<(Connection, Taught)>,
    connector: Arc<Connector>,
}

pub(super) async fn work(mut hand: Hand, queue: Arc<Mutex<mpsc::Receiver<Job>>>) {
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
    /// Begins with this connection, if there is one.
    pub(super) fn of(connection: Option<Connection>, connector: Arc<Connector>) -> Self {
        let connection = connection.map(|connection| (connection, Taught::nothing()));
        Self {
            connection,
            connector,
        }
    }

    /// Keeps the batches in one commit; when that fails, in parts, so that a bad row fails alone.
    async fn keep(&mut self, mut batches: Vec<Box<dyn Batch>>) {
        let places = places_of(&batches);
        let end = self.commit(&mut batches, &places, begin_rows!()).await;
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
                if places.len() > 1 {
                    tracing::warn!(%fault, "a shared commit failed: its rows are kept in parts");
                }
                return self.keep_apart(batches, &places).await;
            }
        }
        for batch in &mut batches {
            batch.answer();
        }
    }

    /// In parts, each in a commit of its own; one that fails is halved, down to single rows. None waits for another
    /// transaction to speak of: who waits for something locked holds up nobody else. Each caller is told as soon as its
    /// rows are done, and nobody after the limit is waited for.
    async fn keep_apart(&mut self, mut batches: Vec<Box<dyn Batch>>, places: &[Place]) {
        let mut limit = std::pin::pin!(tokio::time::sleep(APART_AT_MOST));
        let mut parts = halves(0..places.len());
        let mut answered = 0;
        while let Some(part) = parts.pop() {
            let rows = places.get(part.clone()).unwrap_or_default();
            let late = (&mut limit).now_or_never().is_some();
            if late {
                for &(at, row) in rows {
                    let fault = unavailable("rows before it were held up by other transactions");
                    fail(&mut batches, (at, row), fault);
                }
            } else if let Err(fault) = self.commit(&mut batches, rows, begin_apart!()).await {
                if let &[alone] = rows {
                    fail(&mut batches, alone, fault);
                } else {
                    parts.extend(halves(part));
                    continue;
                }
            }
            let next = places.get(part.end).map_or(batches.len(), |(at, _)| *at);
            for batch in batches.get_mut(answered..next).unwrap_or_default() {
                batch.answer();
            }
            answered = next.max(answered);
        }
    }

    /// Writes these rows in one transaction. Begins anew where another writer's stood in its way so that one of the two had
    /// to end, or where the connection was lost before anything was written.
    async fn commit(
        &mut self,
        batches: &mut [Box<dyn Batch>],
        places: &[Place],
        how: &'static str,
    ) -> Result<(), StoreFault> {
        for attempt in 1.. {
            let used = self.connection.is_some();
            let Err(failed) = self.attempt(batches, places, how).await else {
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

    async fn attempt(
        &mut self,
        batches: &mut [Box<dyn Batch>],
        places: &[Place],
        how: &'static str,
    ) -> Result<(), Failed> {
        let (scripts, plain) = scripted(batches, places).map_err(Failed::early)?;
        let written = async {
            let binds = scripts.iter().map(|(_, script)| script);
            let transaction = self.begin(how, binds).await?;
            write(transaction, batches, scripts, plain).await
        };
        timeout(STUCK, written).await.unwrap_or_else(|_| {
            Err(Failed {
                fault: unavailable("the database did not answer within the deadline"),
                usable: false,
                begun: true,
            })
        })
    }

    async fn serve(&mut self, session: Session) {
        if let Some((connection, _)) = &mut self.connection
            && !matches!(timeout(DEADLINE, connection.ping()).await, Ok(Ok(())))
        {
            self.connection = None;
        }
        let usable = match timeout(DEADLINE, self.begin(begin!(), std::iter::empty())).await {
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

    async fn begin(
        &mut self,
        how: &'static str,
        scripts: impl Iterator<Item = &Binds> + Send,
    ) -> Result<Transaction<'_, Db>, Failed> {
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

/// Where a row stands: its batch, and its place there.
type Place = (usize, usize);

fn places_of(batches: &[Box<dyn Batch>]) -> Vec<Place> {
    let batches = batches.iter().enumerate();
    batches
        .flat_map(|(at, batch)| (0..batch.len()).map(move |row| (at, row)))
        .collect()
}

/// Two halves, the first one last; one row is one part.
fn halves(part: Range<usize>) -> Vec<Range<usize>> {
    let middle = part.start + part.len().div_ceil(2);
    let mut halves = vec![middle..part.end, part.start..middle];
    halves.retain(|half| !half.is_empty());
    halves
}

fn fail(batches: &mut [Box<dyn Batch>], (at, row): Place, fault: StoreFault) {
    if let Some(batch) = batches.get_mut(at) {
        batch.fail(Some(row), fault);
    }
}

/// The rows that have a script, with it, and those that have none.
type Scripted = (Vec<(Place, Binds)>, Vec<Place>);

fn scripted(batches: &[Box<dyn Batch>], places: &[Place]) -> Result<Scripted, StoreFault> {
    let (mut scripts, mut plain) = (Vec::new(), Vec::new());
    for &(at, row) in places {
        match batches.get(at).and_then(|batch| batch.script(row)) {
            Some(script) => scripts.push(((at, row), script?)),
            None => plain.push((at, row)),
        }
    }
    Ok((scripts, plain))
}

async fn write(
    mut transaction: Transaction<'_, Db>,
    batches: &mut [Box<dyn Batch>],
    scripts: Vec<(Place, Binds)>,
    plain: Vec<Place>,
) -> Result<(), Failed> {
    if let Err(fault) = write_rows(&mut transaction, batches, scripts, plain).await {
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
    scripts: Vec<(Place, Binds)>,
    plain: Vec<Place>,
) -> Result<(), StoreFault> {
    let (places, scripts): (Vec<Place>, Vec<Binds>) = scripts.into_iter().unzip();
    let written = batch::run_all(scripts, connection).await?;
    for ((at, row), written) in places.into_iter().zip(written) {
        if let Some(batch) = batches.get_mut(at) {
            batch.judge(row, written)?;
        }
    }
    for (at, row) in plain {
        if let Some(batch) = batches.get_mut(at) {
            batch.write(row, connection).await?;
        }
    }
    Ok(())
}

/// How long to wait before another attempt: longer each time, and never as long as whoever it collided with.
fn pause(attempt: u32) -> Duration {
    let spread = RandomState::new().hash_one(attempt) % 10;
    Duration::from_millis(spread + 1) * attempt
}

/// How long rows are kept in parts, until the rest is refused: their callers wait no longer.
const APART_AT_MOST: Duration = Duration::from_millis(1500);

/// How often a transaction is attempted.
const ATTEMPTS: u32 = 6;

/// How many rows share a commit at most: more gain nothing and make everyone wait longer.
const SHARED_ROWS: usize = 256;
