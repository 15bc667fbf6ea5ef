// SPDX-License-Identifier: Apache-2.0
//! One writer, one connection: whatever waits when the writer is free goes into its next commit. No timer.

use std::path::Path;

use anyhow::{Context, Result};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

/// A statement, or several in one text, with the values it binds.
pub(super) type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// Something to be kept.
pub(super) struct Waiting {
    query: Query,
    kept: oneshot::Sender<()>,
}

/// The near end of the writer.
pub(super) struct GroupCommit(mpsc::Sender<Waiting>);

/// Rows that share a commit at most, and rows that may wait: as in the product.
const SHARED: usize = 256;
const QUEUE: usize = 4096;

impl GroupCommit {
    /// Starts the writer on this connection.
    pub(super) fn start(connection: SqliteConnection) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        tokio::spawn(write(connection, queue));
        Self(sender)
    }

    /// Returns when the statement is done and its commit is on disk.
    pub(super) async fn keep(&self, query: Query) -> Result<()> {
        let (kept, answered) = oneshot::channel();
        let waiting = Waiting { query, kept };
        self.0.send(waiting).await.context("the writer has ended")?;
        answered.await.context("the writer failed")
    }
}

/// Opens a database the way the product does: every commit on disk before it is told, foreign keys checked.
pub(super) async fn connect(path: &Path) -> Result<SqliteConnection> {
    Ok(SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", "-32768")
        .disable_statement_logging()
        .connect()
        .await?)
}

async fn write(mut connection: SqliteConnection, mut queue: mpsc::Receiver<Waiting>) -> Result<()> {
    let mut batch = Vec::with_capacity(SHARED);
    let mut kept = Vec::with_capacity(SHARED);
    while queue.recv_many(&mut batch, SHARED).await > 0 {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        for waiting in batch.drain(..) {
            // A fault ends the writer, and with it the run: a yardstick recovers nothing.
            waiting.query.execute(&mut *transaction).await?;
            kept.push(waiting.kept);
        }
        transaction.commit().await?;
        for kept in kept.drain(..) {
            kept.send(()).ok();
        }
    }
    Ok(())
}
