// SPDX-License-Identifier: Apache-2.0
//! The one seam between the engines: several statements over the same binds, for many rows in one round trip.
//!
//! A script becomes the body of a function of the session, its binds the parameters; a batch is one call of it over all
//! rows. So the statements are the same text as on the other engine, run next to the data, each seeing what those before
//! it wrote and what other writers committed meanwhile. A script that says what keeps its rows `@apart` runs each statement
//! once over all of them ([`set`]); any other runs row by row. The function lives in the session's temporary schema: a
//! program never meets a function of another version.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use sqlx::AssertSqlSafe;
use tamga_registry::store::StoreFault;

use super::fault::fault;
use super::{Connection, Query};

#[path = "batch/call.rs"]
mod call;
#[path = "batch/question.rs"]
pub(super) mod question;
#[path = "batch/set.rs"]
pub(super) mod set;
#[path = "batch/wave.rs"]
mod wave;

/// Statements that run one after the other, over the same binds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Script {
    /// The binds its rows are sorted by, so that two writers lock in the same order.
    pub(super) order: &'static str,
    /// What no two rows may have in common that are written side by side: binds, joined by `,` where only together they
    /// name something, parted by `|` where each of them alone may be what another row names.
    pub(super) apart: &'static [&'static str],
    pub(super) locks: &'static [&'static str],
    pub(super) statements: &'static [&'static str],
}

impl Script {
    /// Its statements, one by one.
    #[cfg(test)]
    pub(super) fn statements(&self) -> impl Iterator<Item = &'static str> {
        self.locks.iter().chain(self.statements).copied()
    }

    /// Starts to bind.
    pub(super) fn query(&self) -> Binds {
        Binds {
            script: *self,
            cells: Vec::new(),
        }
    }

    /// The name of its function: the same text has the same name.
    fn name(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        format!("pg_temp.script_{:016x}", hasher.finish())
    }

    /// Whether each of its statements runs over all rows at once.
    fn is_set(&self) -> bool {
        !self.apart.is_empty()
    }

    /// Makes its function.
    fn definition(&self, cells: &[Cell]) -> String {
        if self.is_set() {
            set::definition(self, cells)
        } else {
            self.definition_by_row(cells)
        }
    }

    /// A function of one row. The first statement writes only if the row may be kept, the others only if the first did.
    fn definition_by_row(&self, cells: &[Cell]) -> String {
        let parameters: Vec<&str> = cells.iter().map(Cell::kind).collect();
        let locks = self.locks.iter().map(|lock| {
            let question = lock.trim_start().trim_start_matches("SELECT");
            format!("PERFORM{question};\n")
        });
        let statements = self.statements.iter().enumerate().map(|(at, statement)| {
            let stop = if at == 0 {
                "IF counted = 0 THEN RETURN 0; END IF;\n"
            } else {
                ""
            };
            format!("{statement};\nGET DIAGNOSTICS counted = ROW_COUNT;\n{stop}total := total + counted;\n")
        });
        format!(
            "CREATE OR REPLACE FUNCTION {}({}) RETURNS bigint LANGUAGE plpgsql AS $script$
             #variable_conflict use_column
             DECLARE counted bigint; total bigint := 0;
             BEGIN\n{}{}RETURN total;\nEND $script$",
            self.name(),
            parameters.join(", "),
            locks.collect::<String>(),
            statements.collect::<String>(),
        )
    }
}

/// Joins statements to a script: `@order`, the binds rows of a batch are sorted by; `@apart`, what no two rows written side
/// by side may have in common; `@lock`, statements that keep other writers away from what the others read; statements.
///
/// Where a script says what keeps rows apart, each statement holds `/*rows*/` where rows may be joined to it, and each that
/// inserts names the key of its table first, with one bind. `0/*before*/` is how many rows of the batch come before this
/// one with the same `@order`, but for its last bind; `/*once $2*/` before a question in parentheses, that it asks for nothing
/// but what rows with the same second bind have in common.
macro_rules! script {
    ($(@order $order:expr;)? $(@apart $apart:expr;)* $(@lock $lock:expr;)* $($statement:expr),+ $(,)?) => {
        $crate::postgres::batch::Script {
            order: concat!($($order)?),
            apart: &[$($apart),*],
            locks: &[$($lock),*],
            statements: &[$($statement),+],
        }
    };
}
pub(super) use script;

/// Whether a column of ids is one of those bound as [`Among`].
macro_rules! among {
    ($bind:literal) => {
        concat!("(SELECT unnest(", $bind, "::bytea[]))")
    };
}
pub(super) use among;

/// A list of ids as one bind.
pub(super) struct Among(Vec<Vec<u8>>);

impl Among {
    pub(super) fn of(ids: impl Iterator<Item = [u8; 16]>) -> Self {
        Self(ids.map(|id| id.to_vec()).collect())
    }

    pub(super) fn into_bind(self) -> Vec<Vec<u8>> {
        self.0
    }
}

/// A script and its binds.
pub(super) struct Binds {
    script: Script,
    cells: Vec<Cell>,
}

impl Binds {
    /// Binds the next value.
    pub(super) fn bind(mut self, value: impl Into<Cell>) -> Self {
        self.cells.push(value.into());
        self
    }
}

/// One bound value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Cell {
    Octets(Option<Vec<u8>>),
    Text(Option<String>),
    Integer(Option<i64>),
}

impl Cell {
    fn kind(&self) -> &'static str {
        match self {
            Self::Octets(_) => "bytea",
            Self::Text(_) => "text",
            Self::Integer(_) => "bigint",
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Octets(None) | Self::Text(None) | Self::Integer(None))
    }

    fn bind_to(self, query: Query<'_>) -> Query<'_> {
        match self {
            Self::Octets(octets) => query.bind(octets),
            Self::Text(text) => query.bind(text),
            Self::Integer(integer) => query.bind(integer),
        }
    }
}

impl From<&[u8]> for Cell {
    fn from(octets: &[u8]) -> Self {
        Self::Octets(Some(octets.to_vec()))
    }
}

impl From<Option<&[u8]>> for Cell {
    fn from(octets: Option<&[u8]>) -> Self {
        Self::Octets(octets.map(<[u8]>::to_vec))
    }
}

impl From<Option<Vec<u8>>> for Cell {
    fn from(octets: Option<Vec<u8>>) -> Self {
        Self::Octets(octets)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<i64> for Cell {
    fn from(integer: i64) -> Self {
        Self::Integer(Some(integer))
    }
}

impl From<Option<i64>> for Cell {
    fn from(integer: Option<i64>) -> Self {
        Self::Integer(integer)
    }
}

/// The scripts whose functions a session has.
pub(super) struct Taught(HashSet<Script>);

impl Taught {
    /// A new session.
    pub(super) fn nothing() -> Self {
        Self(HashSet::new())
    }

    /// Makes the functions of these scripts, outside of a transaction: one that is rolled back takes nothing with it.
    pub(super) async fn prepare(
        &mut self,
        scripts: impl Iterator<Item = &Binds> + Send,
        connection: &mut Connection,
    ) -> Result<(), StoreFault> {
        // Rows come in runs of one script, whose long texts are not hashed for each of them.
        let mut last = None;
        for Binds { script, cells } in scripts {
            if last.replace(script) != Some(script) && !self.0.contains(script) {
                sqlx::raw_sql(AssertSqlSafe(script.definition(cells)))
                    .execute(&mut *connection)
                    .await
                    .map_err(fault("preparing a script"))?;
                self.0.insert(*script);
            }
        }
        Ok(())
    }
}

/// Runs a script whose binds are complete, statement by statement. How many rows they wrote together.
pub(super) async fn run(
    script: &Script,
    binds: Binds,
    during: &'static str,
    connection: &mut Connection,
) -> Result<u64, StoreFault> {
    let mut written = 0;
    let questions = script.locks.iter().map(|lock| (lock, 0));
    for (statement, counts) in questions.chain(script.statements.iter().map(|statement| (statement, 1))) {
        let mut query = sqlx::query(*statement);
        // A statement is prepared by its text: where two scripts share one, it takes as many binds in both.
        for cell in binds.cells.iter().take(highest_bind(statement)).cloned() {
            query = cell.bind_to(query);
        }
        let done = query.execute(&mut *connection).await.map_err(fault(during))?;
        written += done.rows_affected() * counts;
    }
    Ok(written)
}

/// The highest number behind a `$`.
pub(super) fn highest_bind(statement: &str) -> usize {
    binds_of(statement).max().unwrap_or(0)
}

/// The numbers behind each `$`.
fn binds_of(text: &str) -> impl Iterator<Item = usize> {
    text.split('$').skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    })
}

/// Runs scripts: all rows of the same one that may be written side by side by one call. How many rows each of them wrote.
pub(super) async fn run_all(
    scripts: Vec<Binds>,
    connection: &mut Connection,
) -> Result<Vec<u64>, StoreFault> {
    let mut written = vec![0; scripts.len()];
    for call in wave::calls(scripts) {
        call.run(&mut written, connection).await?;
    }
    Ok(written)
}
