// SPDX-License-Identifier: Apache-2.0
//! Reads a process's settings file and reports every fault in it at once.

pub mod approvals;
pub mod database;
mod place;
mod quantity;
pub mod reference;
mod remainder;
pub mod sealing;
mod secret_file;
pub mod submission;
pub mod token;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::DeTable;

use self::remainder::Remainder;
use crate::listener::{ListenerConfig, Plane};
use crate::telemetry::TelemetrySettings;
pub use approvals::ApprovalSettings;
pub use database::DatabaseSettings;
pub use quantity::{ByteSize, HumanDuration, QuantityRefusal};
pub use secret_file::{SecretFault, SecretFile, SecretFileRefusal};
pub use submission::SubmissionSettings;
pub use token::TokenSettings;

/// The settings of a process: what every process has, and whether the rest makes sense.
pub trait ProcessSettings: DeserializeOwned {
    /// How it logs.
    fn telemetry(&self) -> &TelemetrySettings;

    /// Where it listens.
    fn listeners(&self) -> &[ListenerConfig];

    /// What is well-formed and makes no sense, a sentence each, that names its key first.
    fn faults(&self) -> Vec<String>;
}

/// Reads the settings of a process, and asks them whether they make sense.
///
/// # Errors
/// As [`load`], and [`SettingsFault::Senseless`] with everything that makes no sense.
pub fn load_process<T: ProcessSettings>(path: &Path) -> Result<T, SettingsFault> {
    let settings: T = load(path)?;
    let faults = settings.faults();
    match faults.is_empty() {
        true => Ok(settings),
        false => Err(SettingsFault::Senseless {
            file: path.to_owned(),
            faults,
        }),
    }
}

/// What is wrong with listeners: limits that would refuse everybody, planes this process does not serve, and those it
/// needs and lacks.
#[must_use]
pub fn listener_faults(listeners: &[ListenerConfig], serves: &[Plane], needs: &[Plane]) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, listener) in listeners.iter().enumerate() {
        let place = format!("listener[{number}]");
        faults.extend(
            listener
                .limits
                .faults()
                .iter()
                .map(|fault| format!("{place}.{fault}")),
        );
        if listener.plane != Plane::Ops && !serves.contains(&listener.plane) {
            faults.push(format!(
                "{place}.plane: this process does not serve the plane {}",
                listener.plane
            ));
        }
    }
    let lacking = needs
        .iter()
        .filter(|plane| !listeners.iter().any(|listener| listener.plane == **plane));
    faults.extend(lacking.map(|plane| format!("listener: name at least one of plane {plane}")));
    faults
}

/// Reads `T` from the TOML file at `path`.
///
/// `T` and its parts are plain serde types with `deny_unknown_fields`.
///
/// # Errors
/// The file cannot be read, or [`SettingsFault::Content`] with everything that is wrong in it.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, SettingsFault> {
    let text = std::fs::read_to_string(path).map_err(|source| SettingsFault::Unreadable {
        file: path.to_owned(),
        source,
    })?;
    parse(&text, path)
}

/// Reads `T` from `text`, which came from `file`.
///
/// # Errors
/// [`SettingsFault::Content`] with everything that is wrong in the text.
pub fn parse<T: DeserializeOwned>(text: &str, file: &Path) -> Result<T, SettingsFault> {
    read(text).map_err(|faults| SettingsFault::Content {
        file: file.to_owned(),
        faults: Faults(faults),
    })
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsFault {
    /// The file is not there, not ours to read, or not text.
    #[error("cannot read the settings file {file}: {source}", file = file.display())]
    Unreadable {
        /// The file asked for.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file says things that make no sense.
    #[error("the settings file {file} is refused:\n  {}", faults.join("\n  "), file = file.display())]
    Senseless {
        /// The file read.
        file: PathBuf,
        /// Everything senseless in it.
        faults: Vec<String>,
    },
    /// The file says things we do not understand.
    #[error("the settings file {file} is refused:{faults}", file = file.display())]
    Content {
        /// The file read.
        file: PathBuf,
        /// Everything wrong in it, in the order of the file.
        faults: Faults,
    },
}

/// What is wrong in a settings file, shown one fault a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

/// One thing wrong in a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line it is on, counted from 1; of a key that is missing, the line of the table that lacks it.
    pub line: usize,
    /// The key, as `listener[0].limits.idle`; empty for the file as a whole.
    pub key: String,
    /// What is wrong and what is expected.
    pub complaint: String,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "line {}: {}", self.line, self.complaint),
            key => write!(f, "line {}: {key}: {}", self.line, self.complaint),
        }
    }
}

/// Serde stops at the first fault. So that the operator sees them all, each faulty value is noted and taken
/// out, and the rest is read again, until it is read or nothing is left to take out.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, Vec<Fault>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| syntax_fault(text, error)).collect());
    }
    let table: toml::Table = toml::from_str(text).map_err(|error| vec![syntax_fault(text, &error)])?;
    let mut remainder = Remainder::new(table);
    let mut faults: Vec<Fault> = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(remainder.value()) {
            Ok(settings) if faults.is_empty() => return Ok(settings),
            Ok(_) => break,
            Err(error) => error,
        };
        let complaint = error.inner().message().to_owned();
        let (found, place) = remainder.locate(error.path());
        if !remainder.misses_what_was_taken(&place, &complaint) {
            let (line, key) = (place::line(text, document.get_ref(), &place), place::show(&place));
            faults.push(Fault { line, key, complaint });
        }
        if !remainder.take_out(&found, place) {
            break;
        }
    }
    faults.sort_by_key(|fault| fault.line);
    Err(faults)
}

fn syntax_fault(text: &str, error: &toml::de::Error) -> Fault {
    let line = error.span().map_or(1, |span| place::line_at(text, span.start));
    Fault {
        line,
        key: String::new(),
        complaint: format!("not TOML: {}", error.message()),
    }
}

#[cfg(test)]
mod tests;
