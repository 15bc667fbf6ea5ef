// SPDX-License-Identifier: Apache-2.0
//! Looks at everything an installation stands on, and says of each part how it is and what mends it. It changes nothing.
//!
//! - [`keys`]: the root sealing keys: there, private, of the right kind, and those that sealed what is kept;
//! - [`memory`]: the database: its schema, its clock, its rights, who reported last;
//! - [`authorities`]: the certificates of issuers, and the revocation lists in force;
//! - [`planes`]: who answers at the addresses, and what they show.

pub mod authorities;
pub mod keys;
pub mod memory;
pub mod planes;

use serde::Serialize;

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Well.
    Ok,
    /// It could not be looked at; something else says why.
    Skipped,
    /// It works, and will not for long, or not as it should.
    Warning,
    /// It does not work.
    Failed,
}

/// What was found out about one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The part; a word.
    pub check: &'static str,
    /// How it is.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// What mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// All that was found out, in the order it was looked at.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// It is well.
    pub fn ok(&mut self, check: &'static str, seen: impl Into<String>) {
        self.add(check, State::Ok, seen.into(), None);
    }

    /// It could not be looked at.
    pub fn skipped(&mut self, check: &'static str, seen: impl Into<String>) {
        self.add(check, State::Skipped, seen.into(), None);
    }

    /// It is not as it should be.
    pub fn warning(&mut self, check: &'static str, seen: impl Into<String>, fix: impl Into<String>) {
        self.add(check, State::Warning, seen.into(), Some(fix.into()));
    }

    /// It does not work.
    pub fn failed(&mut self, check: &'static str, seen: impl Into<String>, fix: impl Into<String>) {
        self.add(check, State::Failed, seen.into(), Some(fix.into()));
    }

    fn add(&mut self, check: &'static str, state: State, seen: String, fix: Option<String>) {
        self.0.push(Finding {
            check,
            state,
            seen,
            fix,
        });
    }

    /// Every one.
    #[must_use]
    pub fn all(&self) -> &[Finding] {
        &self.0
    }

    /// How many are in a state.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.0.iter().filter(|finding| finding.state == state).count()
    }
}
