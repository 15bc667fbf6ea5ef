// SPDX-License-Identifier: Apache-2.0
//! The section `[token]`: how long the tokens of devices may live. Whoever judges a token has it: doors and signers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::HumanDuration;
use super::reference::{Key, key};

/// The section `[token]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenSettings {
    /// Tolerated difference of clocks.
    pub skew: HumanDuration,
    /// How far ahead a token may end.
    pub maximum_lifetime: HumanDuration,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            skew: HumanDuration(Duration::from_mins(5)),
            maximum_lifetime: HumanDuration(Duration::from_hours(24)),
        }
    }
}

impl TokenSettings {
    /// What is well-formed and makes no sense, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.maximum_lifetime.0.is_zero() {
            faults.push(
                "token.maximum_lifetime: every token would be refused; give a duration such as \"1d\""
                    .to_owned(),
            );
        }
        if self.skew.0 > LONGEST_SKEW {
            faults.push(
                "token.skew: give at most 1d; a longer one would make tokens live that much longer"
                    .to_owned(),
            );
        }
        faults
    }
}

const LONGEST_SKEW: Duration = Duration::from_hours(24);

/// The keys of the section, for the reference.
pub const KEYS: &[Key] = &[
    key(
        "token.skew",
        "duration",
        "\"5m\"",
        "How far the clocks of devices may differ from ours when a token is judged. The same for device gateways and signers.",
    ),
    key(
        "token.maximum_lifetime",
        "duration",
        "\"1d\"",
        "How far ahead a token may end. The same for device gateways and signers.",
    ),
];
