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
pub(super) struct Script {
    text: &'static str,
}

impl Script {
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text }
    }

    /// Its statements, one by one.
    #[cfg(test)]
    pub(super) fn statements(&self) -> impl Iterator<Item = &'static str> {
        self.text.split_terminator(";\n")
    }

    /// Starts to bind.
    pub(super) fn query(&self) -> Query<'static> {
        sqlx::query(self.text)
    }
}

/// Joins statements to a script.
macro_rules! script {
    ($($statement:expr),+ $(,)?) => {
        $crate::sqlite::batch::Script::new(concat!($($statement, ";\n"),+))
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

/// Runs a script whose binds are complete. How many rows its statements wrote together.
pub(super) async fn run(
    _script: &Script,
    query: Query<'static>,
    during: &'static str,
    connection: &mut Connection,
) -> Result<u64, StoreFault> {
    Ok(query
        .execute(connection)
        .await
        .map_err(fault(during))?
        .rows_affected())
}
