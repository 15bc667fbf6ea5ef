// SPDX-License-Identifier: Apache-2.0
//! Opens a database on a server to be inspected: one connection that only reads, beside all who use it.

use super::connector::Connector;
use super::memory::inspection::Archive;
use super::open::{PostgresFault, PostgresSettings, options};
use super::schema;

/// Opens the database for inspection. Its schema must be the one this program knows.
///
/// The login must be allowed to read every table: none of the roles of the processes is, on purpose. The owner of the
/// tables is.
///
/// # Errors
/// [`PostgresFault`], whose sentence tells the operator what to do.
pub async fn inspect(settings: &PostgresSettings) -> Result<Archive, PostgresFault> {
    let settings = PostgresSettings {
        readers: 1,
        ..settings.clone()
    };
    let connector = Connector::new(options(&settings.url)?, &settings);
    let mut connection = connector.connect().await.map_err(PostgresFault::Unreachable)?;
    schema::check(&mut connection).await?;
    Ok(Archive::new(connector.readers()))
}
