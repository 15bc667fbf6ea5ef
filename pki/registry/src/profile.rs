// SPDX-License-Identifier: Apache-2.0
//! Profile revisions: which revision of which profile a certificate is judged by.

use std::sync::Arc;

use tamga_x509::profile::Profile;
use tamga_x509::time::Timestamp;

use crate::id::{OrganizationId, ProfileId};
use crate::organization::OrganizationSlug;
use crate::page::{By, Listed, Mark};

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
    /// The owner of the profile. Others use it through a grant.
    pub owner: OrganizationId,
    /// Its name within the owner.
    pub name: String,
    /// Its rules, parsed and valid.
    pub rules: Arc<Profile>,
}

/// A revision, and when it was made.
#[derive(Debug, Clone)]
pub struct DatedRevision {
    /// It.
    pub revision: ProfileRevision,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A profile an organization may use: its own, or one that was granted to it.
#[derive(Debug, Clone)]
pub struct UsableProfile {
    /// The owner's slug.
    pub owner: OrganizationSlug,
    /// The revision that new orders use.
    pub current: ProfileRevision,
    /// Since when it may be used.
    pub usable_since: Timestamp,
}

/// By since when they may be used: their names are their owners' to give, and may be alike.
impl Listed for UsableProfile {
    fn mark(&self, _: By) -> Mark {
        Mark::Time(self.usable_since, *self.current.id.profile.octets())
    }
}

/// By their number, which stands in the place of an id.
impl Listed for DatedRevision {
    fn mark(&self, _: By) -> Mark {
        let number = u128::try_from(self.revision.id.revision).unwrap_or_default();
        Mark::Time(self.created_at, number.to_be_bytes())
    }
}
