// SPDX-License-Identifier: Apache-2.0
//! Connects to the database file, with settings that are read back: what was asked for is not always what is given.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::{Connection, DEADLINE};

/// Makes connections. Holds the lock that keeps other processes out.
pub(super) struct Connector {
    options: SqliteConnectOptions,
    _lock: File,
}

impl Connector {
    pub(super) fn new(path: &Path, lock: File) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit that returned survives a power cut. `fullfsync` is for systems whose fsync stops at the disk's
            // cache, and ignored elsewhere.
            .synchronous(SqliteSynchronous::Full)
            .pragma("fullfsync", "ON")
            .foreign_keys(true)
            .busy_timeout(BUSY)
            // In KiB: enough for the inner pages of the hot indexes.
            .pragma("cache_size", "-32768")
            .pragma("journal_size_limit", "67108864")
            .statement_cache_capacity(256)
            .disable_statement_logging();
        Self { options, _lock: lock }
    }

    /// A connection that writes.
    pub(super) async fn connect(&self) -> Result<Connection, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        for (pragma, wanted) in SETTINGS {
            let (given,): (String,) = sqlx::query_as(pragma).fetch_one(&mut connection).await?;
            if given != wanted {
                let what = format!("SQLite answered {given} to `{pragma}`, and Tamga needs {wanted}");
                return Err(sqlx::Error::Configuration(what.into()));
            }
        }
        Ok(connection)
    }

    /// Connections that only read.
    pub(super) async fn readers(&self) -> Result<SqlitePool, sqlx::Error> {
        SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(DEADLINE)
            // A file does not hang up: nothing is gained by asking before each use whether it is there.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(self.options.clone().read_only(true))
            .await
    }
}

const SETTINGS: [(&str, &str); 4] = [
    (
        "SELECT CAST(journal_mode AS TEXT) FROM pragma_journal_mode",
        "wal",
    ),
    ("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous", "2"),
    ("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys", "1"),
    ("SELECT CAST(timeout AS TEXT) FROM pragma_busy_timeout", "5000"),
];

/// How long the engine itself waits for a lock; only a backup program can hold one.
const BUSY: Duration = Duration::from_secs(5);

/// Readers do not wait for the writer, only for each other's turn at the processor.
const READERS: u32 = 4;

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;
    use tamga_registry::store::StoreFault;

    use super::super::fault::fault;
    use super::*;

    fn connector(path: &Path) -> Connector {
        Connector::new(path, tempfile::tempfile().unwrap())
    }

    #[tokio::test]
    async fn a_setting_that_was_not_given_is_refused() {
        // A database in memory has no log to write ahead.
        let Err(error) = connector(Path::new(":memory:")).connect().await else {
            panic!("it is given")
        };
        assert!(error.to_string().contains("SQLite answered memory to"), "{error}");
    }

    #[tokio::test]
    async fn a_lock_passes_and_a_contradiction_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tamga.db");
        File::create(&path).unwrap();
        let mut connector = connector(&path);
        let mut holder = connector.connect().await.unwrap();
        sqlx::raw_sql("CREATE TABLE pump (id BYTEA PRIMARY KEY)")
            .execute(&mut holder)
            .await
            .unwrap();
        connector.options = connector.options.busy_timeout(Duration::ZERO);
        let mut other = connector.options.connect().await.unwrap();

        let held = holder.begin_with(begin!()).await.unwrap();
        let error = other.begin_with(begin!()).await.err().unwrap();
        assert!(matches!(fault("waiting")(error), StoreFault::Unavailable(_)));
        held.rollback().await.unwrap();

        let twice = "INSERT INTO pump (id) VALUES (X'01'), (X'01')";
        let error = sqlx::raw_sql(twice).execute(&mut other).await.err().unwrap();
        assert!(matches!(
            fault("adding")(error),
            StoreFault::Broken { during: "adding", .. }
        ));
    }
}
