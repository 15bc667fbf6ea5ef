// SPDX-License-Identifier: Apache-2.0
//! The one seam between the engines: several statements over the same binds, in one round trip.
//!
//! SQLite's driver hands each call to a thread of its own, which costs more than most statements; it takes several
//! statements in one text, and each finds its binds by their number in the common list.

use data_encoding::HEXLOWER;
use tamga_registry::store::StoreFault;

use super::fault::fault;
use super::{Connection, Query};

/// Statements that run one after the other, over the same binds.
#[derive(Clone, Copy)]
pub(super) struct Script {
    text: &'static str,
}

impl Script {
    /// What it says besides is for engines with more than one writer.
    pub(super) const fn new(text: &'static str, _besides: &[&str]) -> Self {
        Self { text }
    }

    /// Its statements, one by one.
    #[cfg(test)]
    pub(super) fn statements(&self) -> impl Iterator<Item = &'static str> {
        self.text.split_terminator(";\n")
    }

    /// Starts to bind.
    pub(super) fn query(&self) -> Binds {
        sqlx::query(self.text)
    }
}

/// A script and its binds.
pub(super) type Binds = Query<'static>;

/// Joins statements to a script: `@order`, what rows of a batch are sorted by; `@lock`, statements that keep other writers
/// away from what the others read; statements.
macro_rules! script {
    ($(@$word:ident $said:expr;)* $($statement:expr),+ $(,)?) => {
        $crate::sqlite::batch::Script::new(concat!($($statement, ";\n"),+), &[$($said),*])
    };
}
pub(super) use script;

/// Whether a column of ids is one of those bound as [`Among`].
macro_rules! among {
    ($bind:literal) => {
        concat!("(SELECT unhex(value) FROM json_each(", $bind, "))")
    };
}
pub(super) use among;

/// A list of ids as one bind: SQLite takes no lists, but reads JSON.
pub(super) struct Among(String);

impl Among {
    pub(super) fn of(ids: impl Iterator<Item = [u8; 16]>) -> Self {
        let quoted: Vec<String> = ids.map(|id| format!("\"{}\"", HEXLOWER.encode(&id))).collect();
        Self(format!("[{}]", quoted.join(",")))
    }

    pub(super) fn into_bind(self) -> String {
        self.0
    }
}

/// What a connection has been taught for the scripts it runs: SQLite needs to be taught nothing.
pub(super) struct Taught;

impl Taught {
    /// A new connection.
    pub(super) fn nothing() -> Self {
        Self
    }

    /// Prepares a connection for these scripts, outside of a transaction.
    pub(super) async fn prepare(
        &mut self,
        _scripts: impl Iterator<Item = &Binds> + Send,
        _connection: &mut Connection,
    ) -> Result<(), StoreFault> {
        Ok(())
    }
}

/// Runs a script whose binds are complete. How many rows its statements wrote together.
pub(super) async fn run(
    _script: &Script,
    query: Binds,
    during: &'static str,
    connection: &mut Connection,
) -> Result<u64, StoreFault> {
    Ok(query
        .execute(connection)
        .await
        .map_err(fault(during))?
        .rows_affected())
}

/// Runs scripts, one after the other. How many rows each of them wrote.
pub(super) async fn run_all(
    scripts: Vec<Binds>,
    connection: &mut Connection,
) -> Result<Vec<u64>, StoreFault> {
    let mut written = Vec::with_capacity(scripts.len());
    for script in scripts {
        let done = script
            .execute(&mut *connection)
            .await
            .map_err(fault("keeping rows"))?;
        written.push(done.rows_affected());
    }
    Ok(written)
}
