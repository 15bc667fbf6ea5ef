// SPDX-License-Identifier: Apache-2.0
//! Opens the embedded database: alone, private to its owner, and with the schema this program knows.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::connector::Connector;
use super::hints::Hints;
use super::memory::Memory;
use super::questions::Questions;
use super::writer::Writer;
use crate::migrations::{MigrationFault, migrate};

/// Opens the database at this path; makes it when there is none.
///
/// One process at a time: another one that opens it is refused. The lock is a file beside the database, and ends with
/// the process that holds it, however it ends.
///
/// # Errors
/// [`OpenFault`], whose sentence tells the operator what to do.
pub async fn open(path: impl AsRef<Path>) -> Result<Memory, OpenFault> {
    let path = path.as_ref();
    let lock = lock(path)?;
    refuse_exposed_files(path)?;
    // SQLite gives its other files the mode of the database file.
    private_file(path).map_err(|source| OpenFault::File {
        path: path.to_owned(),
        source,
    })?;
    let connector = Connector::new(path, lock);
    let refused = |source| OpenFault::Database {
        path: path.to_owned(),
        source,
    };
    let mut connection = connector.connect().await.map_err(refused)?;
    migrate(&mut connection).await?;
    let readers = connector.readers().await.map_err(refused)?;
    let writer = Writer::start(connection, connector);
    let questions = Questions::start(&readers);
    Ok(Memory::new((readers, questions), writer, Hints::default()))
}

fn lock(path: &Path) -> Result<File, OpenFault> {
    let beside = beside(path, ".lock");
    let file = private_file(&beside).map_err(|source| OpenFault::File {
        path: beside.clone(),
        source,
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenFault::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(OpenFault::File { path: beside, source }),
    }
}

/// Opens a file, making it readable and writable by its owner alone when it is new.
fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// The database and what SQLite keeps beside it are their owner's alone.
pub(super) fn refuse_exposed_files(path: &Path) -> Result<(), OpenFault> {
    for file in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
        refuse_exposed(&file)?;
    }
    Ok(())
}

fn refuse_exposed(path: &Path) -> Result<(), OpenFault> {
    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(OpenFault::File {
                path: path.to_owned(),
                source,
            });
        }
    };
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(OpenFault::Exposed {
            path: path.to_owned(),
            mode,
        })
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// The database could not be opened. Nothing was changed, but for steps of the schema that were completed.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// Another process has it open.
    #[error(
        "the database {path} is in use by another process: stop that one, or name another data directory"
    )]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// Others than its owner may read or write it.
    #[error("the file {path} is open to others (mode {mode:o}): run `chmod 600 {path}`")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// There is no database to inspect, or it cannot be seen.
    #[error(
        "there is no database at {path}: name the data directory of the service, as a user who may read it"
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// Why it was not seen.
        #[source]
        source: io::Error,
    },
    /// A file could not be opened.
    #[error("the file {path} could not be opened: its directory must exist, and be writable for this user")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// SQLite refused the file or a setting.
    #[error("the database {path} could not be opened")]
    Database {
        /// The database.
        path: PathBuf,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The schema is not one this program can work with.
    #[error(transparent)]
    Schema(#[from] MigrationFault),
}
