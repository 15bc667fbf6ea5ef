// SPDX-License-Identifier: Apache-2.0
//! Whatever waits when a writer is free goes into its next commit. No timer.
//!
//! `SQLite` has one writer, for it writes one transaction at a time. Postgres has one for each statement, on a
//! connection of its own, so that the rows of a batch are one statement and need no other round trip than that.

use std::io::{Write as _, stderr};

use anyhow::{Context, Result};
use tokio::sync::{mpsc, oneshot};

use super::place::Place;
use super::row::{Row, Statement};
use super::{postgres, sqlite};

/// Something to be kept.
pub(super) struct Waiting {
    pub(super) statement: &'static Statement,
    pub(super) row: Row,
    pub(super) kept: oneshot::Sender<()>,
}

/// The near end of the writers, one for each statement.
pub(super) struct GroupCommit(Vec<(&'static Statement, mpsc::Sender<Waiting>)>);

/// Rows that share a commit at most, and rows that may wait: as in the product.
pub(super) const SHARED: usize = 256;
const QUEUE: usize = 4096;

impl GroupCommit {
    /// Starts the writers of these statements.
    pub(super) async fn start(place: &Place, statements: &[&'static Statement]) -> Result<Self> {
        let mut lanes = Vec::new();
        match place {
            Place::Sqlite(path) => {
                let (sender, queue) = mpsc::channel(QUEUE);
                work(sqlite::write(sqlite::connect(path).await?, queue));
                lanes.extend(statements.iter().map(|statement| (*statement, sender.clone())));
            }
            Place::Postgres(url) => {
                for statement in statements {
                    let (sender, queue) = mpsc::channel(QUEUE);
                    work(postgres::write(postgres::connect(url).await?, queue));
                    lanes.push((*statement, sender));
                }
            }
        }
        Ok(Self(lanes))
    }

    /// Returns when the row is written and its commit is on disk.
    pub(super) async fn keep(&self, statement: &'static Statement, row: Row) -> Result<()> {
        let (kept, answered) = oneshot::channel();
        let waiting = Waiting { statement, row, kept };
        let lane = self.0.iter().find(|(whose, _)| std::ptr::eq(*whose, statement));
        let (_, lane) = lane.context("a statement without a writer")?;
        lane.send(waiting).await.ok().context("the writer has ended")?;
        answered.await.context("the writer failed")
    }
}

/// A fault ends the writer, and with it the run: a yardstick recovers nothing.
fn work(writer: impl Future<Output = Result<()>> + Send + 'static) {
    tokio::spawn(async {
        if let Err(fault) = writer.await {
            drop(writeln!(stderr(), "a writer ended: {fault:#}"));
        }
    });
}
