// SPDX-License-Identifier: Apache-2.0
//! The section `[submission]`: what a door hands to a signer that cannot answer in time. Doors have its first key, and
//! signers all of them.

use serde::{Deserialize, Serialize};

use super::reference::{Key, key};

/// The section `[submission]` of a door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubmissionSettings {
    /// Requests of one organization that may wait.
    pub most_waiting: u32,
}

impl Default for SubmissionSettings {
    fn default() -> Self {
        Self { most_waiting: 16_384 }
    }
}

impl SubmissionSettings {
    /// What is well-formed and makes no sense, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        most_waiting_fault(self.most_waiting).into_iter().collect()
    }
}

/// What is wrong with [`MOST_WAITING`], if anything is.
#[must_use]
pub fn most_waiting_fault(most_waiting: u32) -> Option<String> {
    (most_waiting == 0).then(|| "submission.most_waiting: nobody could ever wait; give at least 1".to_owned())
}

/// Documented once, for doors and signers.
pub const MOST_WAITING: Key = key(
    "submission.most_waiting",
    "number",
    "16384",
    "How many requests of one organization may wait to be signed; further ones are refused. The same for gateways and signers.",
);
