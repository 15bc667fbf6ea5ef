// SPDX-License-Identifier: Apache-2.0
//! The section `[approvals]`: which acts wait for a second person, and for how long.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::HumanDuration;
use super::reference::{Key, key};

/// The section `[approvals]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApprovalSettings {
    /// When a second person is wanted.
    pub required: Required,
    /// For how long one is waited for.
    pub lifetime: HumanDuration,
    /// A revocation of more certificates than this waits.
    pub revocations_above: u64,
}

/// When a second person is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// As soon as there is another one who could approve.
    WhenPossible,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Default for ApprovalSettings {
    fn default() -> Self {
        Self {
            required: Required::WhenPossible,
            lifetime: HumanDuration(Duration::from_hours(72)),
            revocations_above: 100,
        }
    }
}

impl ApprovalSettings {
    /// What is well-formed and makes no sense, a sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let fits = (SHORTEST..=LONGEST).contains(&self.lifetime.0);
        let fault = || "approvals.lifetime: give from \"1m\" to \"90d\"".to_owned();
        if fits { Vec::new() } else { vec![fault()] }
    }
}

const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(24 * 90);

/// The keys of the section, for the reference.
pub const KEYS: &[Key] = &[
    key(
        "approvals.required",
        "`when_possible`, `always` or `never`",
        "\"when_possible\"",
        "When an act that can do much harm waits for a second person: as soon as another one could approve it, always, or never.",
    ),
    key(
        "approvals.lifetime",
        "duration",
        "\"3d\"",
        "For how long somebody may approve what was asked; afterwards it has to be asked again.",
    ),
    key(
        "approvals.revocations_above",
        "number",
        "100",
        "A revocation of more certificates than this at once waits for a second person.",
    ),
];
