// SPDX-License-Identifier: Apache-2.0
//! Opens a database on a Postgres server: under a login of the process's own, with a schema this program knows.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnectOptions;

use super::connector::Connector;
use super::hints::Hints;
use super::memory::Memory;
use super::questions::Questions;
use super::schema::{self, SchemaFault};
use super::writer::Writer;

/// How a process reaches its database.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// `postgres://login:password@host:port/database?sslmode=verify-full&sslrootcert=…`, or with `host=/socket/directory`.
    /// The session must stay on one server process: no pooler that gives it another one between transactions.
    pub url: SecretString,
    /// A role the login is a member of, whose rights it takes on. Nothing: its own.
    pub role: Option<String>,
    /// How many connections read what is rarely asked, at most. Ten more read what every request asks, write, and carry
    /// hints.
    pub readers: u32,
    /// How long a connection is waited for: at most four and a half seconds, however long this is.
    pub acquire_timeout: Duration,
    /// After how long the server ends a statement: six seconds at the latest.
    pub statement_timeout: Duration,
    /// How long a statement may wait for another transaction. Rows wait two and a half seconds, whatever this is, as an open
    /// change may last two.
    pub lock_timeout: Duration,
    /// After how long the server ends a session whose transaction stands idle.
    pub idle_in_transaction_timeout: Duration,
}

impl PostgresSettings {
    /// The limits that suit most.
    pub fn new(url: SecretString) -> Self {
        Self {
            url,
            role: None,
            readers: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(8),
            lock_timeout: Duration::from_secs(5),
            idle_in_transaction_timeout: Duration::from_secs(10),
        }
    }
}

/// Opens the database. Its schema is only looked at: [`super::schema::migrate`] brings it up to date.
///
/// Many processes may have it open at once.
///
/// # Errors
/// [`PostgresFault`], whose sentence tells the operator what to do.
pub async fn open(settings: &PostgresSettings) -> Result<Memory, PostgresFault> {
    let connector = Connector::new(options(&settings.url)?, settings);
    let mut connection = connector.connect().await.map_err(PostgresFault::Unreachable)?;
    schema::check(&mut connection).await?;
    let readers = (connector.readers(), Questions::start(&connector));
    let hints = Hints::start(&connector);
    Ok(Memory::new(readers, Writer::start(connection, connector), hints))
}

/// Reads a URL. The driver's own words are not passed on: they may repeat the password.
pub(super) fn options(url: &SecretString) -> Result<PgConnectOptions, PostgresFault> {
    let url = url.expose_secret();
    let ours = ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    url.parse().ok().filter(|_| ours).ok_or(PostgresFault::Url)
}

/// The database could not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PostgresFault {
    /// The URL is none.
    #[error(
        "the database URL must be of the form postgres://login@host:port/database, with its parts percent-encoded"
    )]
    Url,
    /// The server could not be reached, or refused the login.
    #[error(
        "the database server could not be reached, or did not accept the login: check that it runs, the URL, and the login's password and rights"
    )]
    Unreachable(#[source] sqlx::Error),
    /// The schema is not one this program can work with.
    #[error(transparent)]
    Schema(#[from] SchemaFault),
}
