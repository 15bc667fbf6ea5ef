// SPDX-License-Identifier: Apache-2.0
//! The yardsticks' writer on `SQLite`: one connection, the rows of a batch one after the other in one transaction.

use std::path::Path;

use anyhow::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::mpsc;

use super::group_commit::{SHARED, Waiting};
use super::row::Cell;

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

pub(super) async fn write(
    mut connection: SqliteConnection,
    mut queue: mpsc::Receiver<Waiting>,
) -> Result<()> {
    let mut batch = Vec::with_capacity(SHARED);
    let mut kept = Vec::with_capacity(SHARED);
    while queue.recv_many(&mut batch, SHARED).await > 0 {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        for waiting in batch.drain(..) {
            let mut query = sqlx::query(waiting.statement.sqlite);
            for cell in waiting.row {
                query = match cell {
                    Cell::Octets(octets) => query.bind(octets),
                    Cell::Text(text) => query.bind(text),
                    Cell::Integer(integer) => query.bind(integer),
                };
            }
            query.execute(&mut *transaction).await?;
            kept.push(waiting.kept);
        }
        transaction.commit().await?;
        for kept in kept.drain(..) {
            kept.send(()).ok();
        }
    }
    Ok(())
}
