// SPDX-License-Identifier: Apache-2.0
//! Opens the embedded database to be inspected: read-only, and beside the process that has it open.
//!
//! Safe there: a reader of the write-ahead log takes no lock that a writer waits for, and sees one instant. It must be
//! this machine, since readers and writer share memory. Where nobody has the database open, SQLite makes the two files
//! beside it anew, so its directory must be writable, or the files be there.

use std::path::Path;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::DEADLINE;
use super::memory::inspection::Archive;
use super::open::{OpenFault, refuse_exposed_files};
use crate::migrations::compare;

/// Opens the database at this path for inspection. It must be there, and of the schema this program knows.
///
/// # Errors
/// [`OpenFault`], whose sentence tells the operator what to do.
pub async fn inspect(path: impl AsRef<Path>) -> Result<Archive, OpenFault> {
    let path = path.as_ref();
    // Found before SQLite is asked, whose own sentence does not name the file.
    std::fs::metadata(path).map_err(|source| OpenFault::Missing {
        path: path.to_owned(),
        source,
    })?;
    refuse_exposed_files(path)?;
    let refused = |source| OpenFault::Database {
        path: path.to_owned(),
        source,
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .pragma("query_only", "ON")
        // In KiB: joins of a million rows look up their keys in no order.
        .pragma("cache_size", "-131072")
        .busy_timeout(DEADLINE)
        .disable_statement_logging();
    let readers = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(DEADLINE)
        .connect_with(options)
        .await
        .map_err(refused)?;
    let steps: Result<Vec<(i64,)>, _> = sqlx::query_as("SELECT version FROM _sqlx_migrations WHERE success")
        .fetch_all(&readers)
        .await;
    let steps = match steps {
        Ok(steps) => steps,
        // Nobody founded anything here.
        Err(error) if is_without_table(&error) => Vec::new(),
        Err(error) => return Err(refused(error)),
    };
    compare(&steps.iter().map(|(version,)| *version).collect::<Vec<_>>())?;
    Ok(Archive::new(readers))
}

fn is_without_table(error: &sqlx::Error) -> bool {
    let told = error.as_database_error();
    told.is_some_and(|error| error.message().contains("no such table"))
}
