// SPDX-License-Identifier: Apache-2.0
//! Profile revisions: which revision of which profile a certificate is judged by.

use std::sync::Arc;

use tamga_x509::profile::Profile;

use crate::id::ProfileId;

/// Names one immutable revision. Orders and intents pin it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RevisionId {
    /// The profile.
    pub profile: ProfileId,
    /// Counts from 1.
    pub revision: i64,
}

/// A revision with its rules.
#[derive(Debug, Clone)]
pub struct ProfileRevision {
    /// Which one.
    pub id: RevisionId,
    /// Its name within the organization.
    pub name: String,
    /// Its rules, parsed and valid.
    pub rules: Arc<Profile>,
}
