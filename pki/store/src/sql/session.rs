// SPDX-License-Identifier: Apache-2.0
//! An open change: steps sent to the writer and done inside one transaction, kept by the last one or never.
//!
//! The connection never leaves the writer: a change that is dropped, or open for too long, is rolled back there,
//! whatever its holder does. So an open change cannot stop the queue for longer than its limit.

use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::Transaction;
use tamga_registry::store::StoreFault;
use tokio::sync::{mpsc, oneshot};

use super::fault::{fault, unavailable};
use super::writer::Writer;
use super::{Connection, Db};

/// The writer's end of a change.
pub(super) struct Session {
    opened: oneshot::Sender<Result<(), StoreFault>>,
    steps: mpsc::Receiver<Step>,
}

/// The holder's end of a change.
pub(super) struct Steps(mpsc::Sender<Step>);

enum Step {
    Do(Work),
    Keep(Work, oneshot::Sender<Result<(), StoreFault>>),
}

/// Whether it went well; after a fault the change is lost.
type Work = Box<dyn for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<(), ()>> + Send>;

impl Steps {
    /// Opens a change, as soon as the writer is free.
    pub(super) async fn open(writer: &Writer) -> Result<Self, StoreFault> {
        let (opened, answer) = oneshot::channel();
        // One step at a time: the holder waits for each.
        let (sender, steps) = mpsc::channel(1);
        writer.begin(Session { opened, steps }, answer).await?;
        Ok(Self(sender))
    }

    /// Does one step.
    pub(super) async fn take<T, W>(&self, work: W) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, StoreFault>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            Box::pin(async move {
                let end = work(connection).await;
                let went = end.as_ref().map(|_| ()).map_err(|_| ());
                answer.send(end).ok();
                went
            })
        });
        self.0.send(Step::Do(work)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Does the last step and commits.
    pub(super) async fn keep<W>(self, work: W) -> Result<(), StoreFault>
    where
        W: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<(), StoreFault>> + Send + 'static,
    {
        let (refused, refusal) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            Box::pin(async move {
                let end = work(connection).await;
                let went = end.as_ref().copied().map_err(|_| ());
                if let Err(fault) = end {
                    refused.send(fault).ok();
                }
                went
            })
        });
        let (done, kept) = oneshot::channel();
        self.0.send(Step::Keep(work, done)).await.map_err(|_| gone())?;
        match kept.await {
            Ok(end) => end,
            Err(_) => Err(refusal.await.unwrap_or_else(|_| gone())),
        }
    }
}

impl Session {
    /// The writer could not begin.
    pub(super) fn refuse(self, fault: StoreFault) {
        self.opened.send(Err(fault)).ok();
    }

    /// Does the steps as they come. An error means that the connection cannot be used further.
    pub(super) async fn serve(mut self, mut transaction: Transaction<'_, Db>) -> Result<(), sqlx::Error> {
        if self.opened.send(Ok(())).is_err() {
            return in_time(transaction.rollback()).await?;
        }
        let mut limit = std::pin::pin!(tokio::time::sleep(OPEN_AT_MOST));
        loop {
            let step = tokio::select! {
                biased;
                () = &mut limit => None,
                step = self.steps.recv() => step,
            };
            match step {
                Some(Step::Do(work)) => {
                    if in_time(work(&mut transaction)).await?.is_err() {
                        return in_time(transaction.rollback()).await?;
                    }
                }
                Some(Step::Keep(work, done)) => {
                    if in_time(work(&mut transaction)).await?.is_err() {
                        return in_time(transaction.rollback()).await?;
                    }
                    return match in_time(transaction.commit()).await.and_then(|end| end) {
                        Ok(()) => {
                            done.send(Ok(())).ok();
                            Ok(())
                        }
                        Err(error) => {
                            done.send(Err(fault("commit")(error))).ok();
                            Err(sqlx::Error::WorkerCrashed)
                        }
                    };
                }
                None => return in_time(transaction.rollback()).await?,
            }
        }
    }
}

/// What the connection does not answer in time makes it one that is not used further.
async fn in_time<T>(asked: impl Future<Output = T>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(super::DEADLINE, asked)
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)
}

fn gone() -> StoreFault {
    unavailable(
        "the change was rolled back: it stayed open too long, the database did not answer, or an earlier step of it failed",
    )
}

/// How long a change may keep everybody else from writing.
const OPEN_AT_MOST: Duration = Duration::from_secs(2);
