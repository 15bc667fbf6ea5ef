// SPDX-License-Identifier: Apache-2.0
//! The yardsticks' writer on Postgres: all rows of a batch by one statement, which is its own transaction.

use anyhow::{Context, Result};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, PgConnection};
use tokio::sync::{mpsc, oneshot};

use super::group_commit::{SHARED, Waiting};
use super::row::Cell;

/// Connects the way the product does: rows are found by their keys, by a plan that is made once.
pub(super) async fn connect(url: &str) -> Result<PgConnection> {
    let options: PgConnectOptions = url.parse()?;
    let mut connection = options.disable_statement_logging().connect().await?;
    connection
        .execute(
            "SET jit = off; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
             SET plan_cache_mode = force_generic_plan",
        )
        .await?;
    Ok(connection)
}

pub(super) async fn write(mut connection: PgConnection, mut queue: mpsc::Receiver<Waiting>) -> Result<()> {
    let mut batch = Vec::with_capacity(SHARED);
    while queue.recv_many(&mut batch, SHARED).await > 0 {
        for kept in keep(&mut connection, &mut batch).await? {
            kept.send(()).ok();
        }
    }
    Ok(())
}

/// Rows of one statement, column by column.
async fn keep(connection: &mut PgConnection, batch: &mut Vec<Waiting>) -> Result<Vec<oneshot::Sender<()>>> {
    let first = batch.first().context("an empty batch")?;
    let mut columns: Vec<Column> = first.row.iter().map(Column::of).collect();
    let kinds = columns.iter().zip(1..);
    let kinds: Vec<String> = kinds
        .map(|(column, bind)| format!("${bind}::{}[]", column.kind()))
        .collect();
    let rows = format!("unnest({})", kinds.join(", "));
    let text = first.statement.postgres.replace("{rows}", &rows);
    let mut kept = Vec::with_capacity(batch.len());
    for waiting in batch.drain(..) {
        for (column, cell) in columns.iter_mut().zip(waiting.row) {
            column.push(cell)?;
        }
        kept.push(waiting.kept);
    }
    let mut query = sqlx::query(AssertSqlSafe(text));
    for column in columns {
        query = match column {
            Column::Octets(column) => query.bind(column),
            Column::Text(column) => query.bind(column),
            Column::Integer(column) => query.bind(column),
        };
    }
    query.execute(connection).await?;
    Ok(kept)
}

enum Column {
    Octets(Vec<Vec<u8>>),
    Text(Vec<String>),
    Integer(Vec<i64>),
}

impl Column {
    fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Octets(_) => Self::Octets(Vec::with_capacity(SHARED)),
            Cell::Text(_) => Self::Text(Vec::with_capacity(SHARED)),
            Cell::Integer(_) => Self::Integer(Vec::with_capacity(SHARED)),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Octets(_) => "bytea",
            Self::Text(_) => "text",
            Self::Integer(_) => "bigint",
        }
    }

    fn push(&mut self, cell: Cell) -> Result<()> {
        match (self, cell) {
            (Self::Octets(column), Cell::Octets(octets)) => column.push(octets),
            (Self::Text(column), Cell::Text(text)) => column.push(text),
            (Self::Integer(column), Cell::Integer(integer)) => column.push(integer),
            (Self::Octets(_) | Self::Text(_) | Self::Integer(_), _) => anyhow::bail!("rows of two kinds"),
        }
        Ok(())
    }
}
