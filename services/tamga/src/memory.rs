// SPDX-License-Identifier: Apache-2.0
//! Opens the Postgres of an installation from settings: for processes of the whole, for setup, and for migrations.

use secrecy::SecretString;
use tamga_runtime::settings::DatabaseSettings;
use tamga_store::{
    PostgresArchive, PostgresFault, PostgresSettings, PostgresStore, inspect_postgres, open_postgres,
};

use crate::exit::{End, Failure, chain};

/// The URL with its password, read now.
///
/// # Errors
/// A failure when the password cannot be read.
pub fn url(database: &DatabaseSettings) -> Result<SecretString, Failure> {
    let connection = database.connection().map_err(|fault| Failure::fault(&fault))?;
    Ok(SecretString::from(connection.as_str()))
}

/// Opens it.
///
/// # Errors
/// A failure that says what to do: start the server, migrate, another version.
pub async fn open(database: &DatabaseSettings) -> Result<PostgresStore, Failure> {
    let opened = open_postgres(&settings(database)?).await;
    opened.map_err(|fault| failure(&fault))
}

/// Opens it to be inspected, while it is in use.
///
/// # Errors
/// As [`open`].
pub async fn inspect(database: &DatabaseSettings) -> Result<PostgresArchive, Failure> {
    let opened = inspect_postgres(&settings(database)?).await;
    opened.map_err(|fault| failure(&fault))
}

fn settings(database: &DatabaseSettings) -> Result<PostgresSettings, Failure> {
    Ok(PostgresSettings {
        readers: database.readers,
        acquire_timeout: database.acquire_timeout.0,
        statement_timeout: database.statement_timeout.0,
        lock_timeout: database.lock_timeout.0,
        ..PostgresSettings::new(url(database)?)
    })
}

/// Why it cannot be used, as a command ends.
pub fn failure(fault: &PostgresFault) -> Failure {
    let end = match fault {
        PostgresFault::Url => End::Usage,
        PostgresFault::Unreachable(_) => End::Unreachable,
        PostgresFault::Schema(_) => End::Fault,
    };
    Failure::new(end, chain(fault))
}
