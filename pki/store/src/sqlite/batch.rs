// SPDX-License-Identifier: Apache-2.0
//! The one seam between the engines: several statements over the same binds, in one round trip.
//!
//! SQLite's driver hands each call to a thread of its own, which costs more than most statements; it takes several
//! statements in one text, and each finds its binds by their number in the common list.

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
