// SPDX-License-Identifier: Apache-2.0
//! What is shown once goes to a file that was made before it was asked for, or is shown with a warning.

use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Secret, SecretForm};
use crate::command::show::{Output, warn};
use crate::exit::{End, Failure};
use crate::files::{Audience, put};

/// Where the secrets of an answer go.
pub(super) struct Kept {
    secret: Option<Secret>,
    file: Option<PathBuf>,
}

impl Kept {
    /// Makes sure that secrets can be kept before there are any: they are shown only once.
    pub(super) fn reserved(secret: Option<Secret>, matches: &ArgMatches) -> Result<Self, Failure> {
        let name = secret.and_then(|secret| matches.get_one::<String>(secret.option));
        let file = name.map(PathBuf::from);
        if let Some(file) = &file {
            if file.exists() {
                let sentence = format!(
                    "{} exists already and may hold keys: choose another file",
                    file.display()
                );
                return Err(Failure::new(End::Usage, sentence));
            }
            put(file, b"", Audience::Owner)?;
        }
        Ok(Self { secret, file })
    }

    /// Nothing came that could be kept.
    pub(super) fn released(&self) {
        if let Some(file) = &self.file {
            // Empty, and of no use; a leftover does no harm.
            let _ = std::fs::remove_file(file);
        }
    }

    /// Moves the secrets into the file and nowhere else, or warns that they are shown this once.
    pub(super) fn keep(&self, answer: &mut Value, output: Output) -> Result<(), Failure> {
        let Some(secret) = self.secret else { return Ok(()) };
        let shown = secret.members.iter().any(|place| {
            let member = answer.pointer(place);
            member.is_some_and(Value::is_string)
        });
        let Some(file) = &self.file else {
            if shown && output == Output::Table {
                warn(
                    "What is secret here is shown once and kept sealed or hashed: store it now, where only you can read it.",
                );
            }
            return Ok(());
        };
        let text = Zeroizing::new(match secret.form {
            SecretForm::Named => named(answer, secret.members),
            SecretForm::Bare => bare(answer, secret.members),
        });
        Ok(put(file, text.as_bytes(), Audience::Owner)?)
    }
}

fn named(answer: &mut Value, members: &[&str]) -> String {
    let mut kept = json!({ "name": answer.get("name").or(answer.get("registrationId")) });
    for place in members {
        let word = place.rsplit('/').next().unwrap_or_default();
        kept[word] = taken(answer, place);
    }
    serde_json::to_string_pretty(&kept).unwrap_or_default()
}

fn bare(answer: &mut Value, members: &[&str]) -> String {
    let taken = members.iter().map(|place| taken(answer, place));
    let texts: Vec<String> = taken
        .filter_map(|value| value.as_str().map(|text| format!("{text}\n")))
        .collect();
    texts.concat()
}

fn taken(answer: &mut Value, place: &str) -> Value {
    let (object, member) = place.rsplit_once('/').unwrap_or(("", place));
    let object = answer.pointer_mut(object).and_then(Value::as_object_mut);
    object
        .and_then(|object| object.remove(member))
        .unwrap_or_default()
}
