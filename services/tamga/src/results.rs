// SPDX-License-Identifier: Apache-2.0
//! What became of each row of a table, kept beside it, so that work that was cut goes on where it ended.
//!
//! The file has a JSON object a line: the row's name, a digest of what it asked for, and what came of it. A row is done
//! when its line says so under the same digest; everything else is asked for again, under the same idempotency key.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use serde_json::Value;

use crate::exit::{End, Failure};
use crate::files::require_own;

/// The results of one table.
pub struct Results {
    path: PathBuf,
    file: File,
    done: HashMap<String, String>,
}

impl Results {
    /// Opens the file, or makes it (mode 0600: a result may be a secret), and reads what is done.
    ///
    /// # Errors
    /// A failure when it cannot be opened, is open to others, or holds something else.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let fault = |source: std::io::Error| {
            Failure::new(
                End::Fault,
                format!("cannot keep results in {}: {source}", path.display()),
            )
        };
        let opened = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path);
        let mut file = opened.map_err(fault)?;
        require_own(path).map_err(|fault| Failure::new(End::Usage, fault))?;
        let mut done = HashMap::new();
        let mut whole = true;
        for line in BufReader::new(&file).split(b'\n') {
            let line = line.map_err(fault)?;
            // A line that was cut short is the last, and its row is asked for again.
            whole = match serde_json::from_slice::<Value>(&line) {
                Ok(kept) => {
                    let text = |member: &str| kept[member].as_str().unwrap_or_default().to_owned();
                    if text("outcome") == DONE {
                        done.insert(text("name"), text("digest"));
                    }
                    true
                }
                Err(_) => line.is_empty(),
            };
        }
        if !whole {
            file.write_all(b"\n").map_err(fault)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            done,
        })
    }

    /// Whether a row is done.
    #[must_use]
    pub fn is_done(&self, name: &str, digest: &str) -> bool {
        self.done.get(name).is_some_and(|kept| kept == digest)
    }

    /// Keeps what became of a row, before the next is told.
    ///
    /// # Errors
    /// A failure when the disk is full or gone.
    pub fn keep(&mut self, result: &Value) -> Result<(), Failure> {
        let line = format!("{result}\n");
        let written = self.file.write_all(line.as_bytes());
        written.map_err(|source| {
            let sentence = format!("cannot keep results in {}: {source}", self.path.display());
            Failure::new(End::Fault, sentence)
        })
    }
}

/// What stands for a row and everything it asks for.
#[must_use]
pub fn digest_of(parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        // Lengths keep two parts apart from one that looks like both.
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part);
    }
    HEXLOWER.encode(context.finish().as_ref())
}

/// The word of a row that is done.
pub const DONE: &str = "done";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_done_once_its_line_is_whole_and_asks_for_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        let mut results = Results::open(&path).unwrap();
        results
            .keep(&json!({ "name": "a", "digest": "1", "outcome": DONE }))
            .unwrap();
        results
            .keep(&json!({ "name": "b", "digest": "2", "outcome": "refused" }))
            .unwrap();
        results.file.write_all(b"{\"name\":\"c\",\"dig").unwrap();
        let mut results = Results::open(&path).unwrap();
        assert!(results.is_done("a", "1") && !results.is_done("a", "9"));
        assert!(!results.is_done("b", "2") && !results.is_done("c", "3"));
        results
            .keep(&json!({ "name": "c", "digest": "3", "outcome": DONE }))
            .unwrap();
        assert!(
            Results::open(&path).unwrap().is_done("c", "3"),
            "a cut line spoils no other"
        );
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(digest_of(&[b"ab", b"c"]), digest_of(&[b"a", b"bc"]));
    }
}
