// SPDX-License-Identifier: Apache-2.0
//! Remembers: what the registry asks of memory, kept in a database.
//!
//! A tour:
//! - [`open_sqlite`] opens the embedded database: file modes, lock file, settings read back, migrations;
//! - `sqlite` names the engine and its few dialect words, and includes the files of `sql`, each of which is written once
//!   and compiled per engine: one file per noun with its queries, `writer` with the queue all writes pass through, and
//!   `memory/…` with the traits of the registry, put together from the former;
//! - `migrations` lists the schema's files.
//!
//! Writes of different callers share commits: whoever waits while one commit is under way goes into the next
//! together. An administrative change has the writer to itself, for a bounded time.

mod migrations;
mod sqlite;

pub use migrations::MigrationFault;
pub use sqlite::memory::Memory as SqliteStore;
pub use sqlite::open::{OpenFault, open as open_sqlite};
