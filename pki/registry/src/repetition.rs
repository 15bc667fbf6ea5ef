// SPDX-License-Identifier: Apache-2.0
//! Repetitions: how a request that is sent again is told from a new one, and what is kept so that it is answered alike.
//!
//! The change that does the act keeps the key in its own transaction. So whatever ends in between, an act is done once;
//! its answer may be lost, and then that is what a repetition is told.

use std::time::Duration;

use tamga_x509::time::Timestamp;

use crate::id::{OrganizationId, RequestId};

/// What a request says of itself, so that it can be told when it comes again. Digests: what a caller sent is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    /// SHA-256 of the place it was sent to and the key its sender chose.
    pub key: [u8; 32],
    /// SHA-256 of all that makes it the same request.
    pub request: [u8; 32],
}

/// A key as the change of its act keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// Who sent it. Everybody has keys of their own.
    pub principal: String,
    /// The key, and what was sent with it.
    pub once: Once,
    /// By which request it was spent: the act is journalled under it.
    pub by: RequestId,
    /// Whose the answer is; absent for acts on the installation.
    pub organization: Option<OrganizationId>,
    /// What the act needed, as `noun:verb`: whoever is told its answer again needs it still.
    pub permission: String,
    /// What the act was done to, as the journal names it.
    pub object: String,
    /// When.
    pub at: Timestamp,
}

impl Spent {
    /// From when on the key is as good as new.
    pub fn expires_at(&self) -> Timestamp {
        self.at.saturating_add(KEPT_FOR)
    }
}

/// What is known of a key that was spent and has not expired.
#[derive(Debug, Clone)]
pub struct Known {
    /// By whom, on what.
    pub spent: Spent,
    /// The answer, sealed; absent while it is on its way, and for ever where the process ended before it was kept.
    pub answer: Option<SealedAnswer>,
}

/// An answer as it is kept: it may show secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAnswer {
    /// Sealed under a data key for device secrets of the organization.
    pub sealed: Vec<u8>,
    /// Whose data key.
    pub organization: OrganizationId,
    /// Its version.
    pub data_key: i64,
}

/// How long a key is remembered.
pub const KEPT_FOR: Duration = Duration::from_hours(24);
