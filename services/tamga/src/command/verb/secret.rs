// SPDX-License-Identifier: Apache-2.0
//! What is shown once goes to a file that was made before it was asked for, or is shown with a warning.

use std::path::Path;

use clap::ArgMatches;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Secret, SecretForm};
use crate::command::show::{Output, warn};
use crate::exit::{End, Failure};
use crate::files::Reserved;

/// Where the secrets of an answer go.
pub(super) struct Kept {
    secret: Option<Secret>,
    file: Option<Reserved>,
}

impl Kept {
    /// Makes sure that secrets can be kept before there are any: they are shown only once.
    pub(super) fn reserved(secret: Option<Secret>, matches: &ArgMatches) -> Result<Self, Failure> {
        let name = secret.and_then(|secret| matches.get_one::<String>(secret.option));
        let file = match name {
            Some(name) => Some(Reserved::new(Path::new(name))?.ok_or_else(|| {
                let sentence = format!("{name} exists already and may hold keys: choose another file");
                Failure::new(End::Usage, sentence)
            })?),
            None => None,
        };
        Ok(Self { secret, file })
    }

    /// Nothing came that could be kept.
    pub(super) fn released(self) {
        if let Some(file) = self.file {
            file.release();
        }
    }

    /// Moves the secrets into the file and nowhere else, or warns that they are shown this once.
    ///
    /// # Errors
    /// Where they could not be kept: then it says how there will be others.
    pub(super) fn keep(self, answer: &mut Value, output: Output) -> Result<(), Failure> {
        let Some(secret) = self.secret else { return Ok(()) };
        let shown = secret.members.iter().any(|place| {
            let member = answer.pointer(place);
            member.is_some_and(Value::is_string)
        });
        let Some(mut file) = self.file else {
            if shown && output == Output::Table {
                warn(
                    "What is secret here is shown once and kept sealed or hashed: store it now, where only you can read it.",
                );
            }
            return Ok(());
        };
        if !shown {
            file.release();
            return Ok(());
        }
        let text = Zeroizing::new(match secret.form {
            SecretForm::Named => named(answer, secret.members),
            SecretForm::Bare => bare(answer, secret.members),
        });
        file.fill(text.as_bytes()).map_err(|wrong| {
            let place = file.path().display();
            let sentence = format!(
                "{wrong}. What was asked for is done, but what is shown once is not in {place} and nowhere else: {}",
                secret.otherwise
            );
            Failure::new(End::Fault, sentence)
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Secret = Secret {
        option: "token-out",
        members: &["/token"],
        form: SecretForm::Bare,
        otherwise: "revoke this token",
    };

    fn kept(file: Option<Reserved>) -> Kept {
        Kept {
            secret: Some(TOKEN),
            file,
        }
    }

    #[test]
    fn what_cannot_be_kept_is_told_with_how_there_is_another_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.token");
        drop(Reserved::new(&path).unwrap());
        let mut answer = json!({ "id": "tok_a", "token": "tmg_secret" });
        let full = kept(Some(Reserved::that_is_full(&path)));
        let told = full.keep(&mut answer, Output::Table).unwrap_err().to_string();
        assert!(
            told.contains("my.token") && told.contains("revoke this token"),
            "{told}"
        );
        assert!(!told.contains("tmg_secret"));
        assert_eq!(answer, json!({ "id": "tok_a" }), "what was made is still named");
    }

    #[test]
    fn a_file_is_left_where_there_was_something_to_keep() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.token");
        let file = || Some(Reserved::new(&path).unwrap().unwrap());
        let mut nothing = json!({ "id": "tok_a" });
        kept(file()).keep(&mut nothing, Output::Table).unwrap();
        assert!(!path.exists(), "nothing was shown");
        kept(file()).released();
        assert!(!path.exists(), "nothing was done");
        let mut answer = json!({ "id": "tok_a", "token": "tmg_secret" });
        kept(file()).keep(&mut answer, Output::Table).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "tmg_secret\n");
        assert_eq!(answer, json!({ "id": "tok_a" }));
    }
}
