// SPDX-License-Identifier: Apache-2.0
//! Remembers: what the registry asks of memory, kept in a database.
//!
//! A tour:
//! - [`open_sqlite`] opens the embedded database: file modes, lock file, settings read back, migrations;
//! - [`open_postgres`] opens a database on a server, whose schema [`migrate_postgres`] has brought up to date, with the
//!   rights of [`ROLES`];
//! - `sqlite` and `postgres` name an engine and its few dialect words, and include the files of `sql`, each of which is
//!   written once and compiled per engine: one file per noun with its queries, `writer` with the queue all writes pass
//!   through, and `memory/…` with the traits of the registry, put together from the former;
//! - [`inspect_sqlite`] and [`inspect_postgres`] open one to be inspected, also beside those who use it; `laws` lists what
//!   holds in it;
//! - `migrations` lists the schema's files.
//!
//! Writes of different callers share commits: whoever waits while one commit is under way goes into the next together.
//! An administrative change excludes what it would pull the ground from under, for a bounded time.
#![expect(
    clippy::duplicate_mod,
    reason = "each query is written once and compiled for two engines"
)]

mod laws;
mod migrations;
mod postgres;
mod sqlite;

pub use laws::assertions;
pub use migrations::MigrationFault;
pub use postgres::inspect::inspect as inspect_postgres;
pub use postgres::memory::Memory as PostgresStore;
pub use postgres::memory::inspection::Archive as PostgresArchive;
pub use postgres::open::{PostgresFault, PostgresSettings, open as open_postgres};
pub use postgres::rights::stray_rights;
pub use postgres::roles::{COLUMNS, ColumnRights, ROLES, Role, TABLES, TableRights};
pub use postgres::schema::{
    SchemaFault, SchemaStep, migrate as migrate_postgres, migrate_telling as migrate_postgres_telling,
    pending as pending_postgres,
};
pub use sqlite::inspect::inspect as inspect_sqlite;
pub use sqlite::memory::Memory as SqliteStore;
pub use sqlite::memory::inspection::Archive as SqliteArchive;
pub use sqlite::open::{OpenFault, open as open_sqlite};
