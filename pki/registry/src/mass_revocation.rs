// SPDX-License-Identifier: Apache-2.0
//! Revocations of many certificates at once: which, why, and how far one has come.

use tamga_x509::time::Timestamp;

use crate::id::{ApprovalId, CertificateId, GroupId, IssuerId, MassRevocationId, OrganizationId, ProfileId};
use crate::page::{By, Listed, Mark, NamePrefix};
use crate::words;

/// Which certificates of devices of an organization: those that fit everything that is said, are not revoked and have
/// not expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Of devices that are bound to this group.
    pub group: Option<GroupId>,
    /// Issued by this one.
    pub issuer: Option<IssuerId>,
    /// Issued by this profile.
    pub profile: Option<ProfileId>,
    /// Of devices whose registration id begins so.
    pub prefix: Option<NamePrefix>,
    /// Intended at this instant or later.
    pub from: Option<Timestamp>,
    /// Intended at this instant or earlier: at the latest, when it was asked.
    pub until: Timestamp,
}

/// A certificate that a query finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocable {
    /// It.
    pub certificate: CertificateId,
    /// The list it would be revoked on.
    pub shard: (IssuerId, u32),
}

/// Devices one after the other, and what a query finds of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// How many devices were looked at.
    pub devices: u64,
    /// The last of them, by its canonical registration id; none when there was none left.
    pub last: Option<String>,
    /// What was found.
    pub found: Vec<Revocable>,
}

/// A revocation of many certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MassRevocation {
    /// Its id.
    pub id: MassRevocationId,
    /// Whose certificates.
    pub organization: OrganizationId,
    /// Exactly what is asked: what is done is read from here.
    pub request: String,
    /// Who asked, as the journal writes principals.
    pub author: String,
    /// Who approved it, where somebody had to.
    pub approval: Option<ApprovalId>,
    /// How many certificates it was about when it was asked.
    pub expected: u64,
    /// How far it has come.
    pub course: Course,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
}

/// How far a revocation has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Course {
    /// How many certificates it has revoked.
    pub revoked: u64,
    /// How many devices it has looked at.
    pub devices: u64,
    /// How many steps were done.
    pub steps: i64,
    /// The last device it has looked at, by its canonical registration id.
    pub after: Option<String>,
}

words! {
    /// Whether a revocation is done.
    CourseState {
        /// It goes on.
        Running = "running",
        /// It is done.
        Done = "done",
    }
}

impl MassRevocation {
    /// Whether it is done.
    pub fn state(&self) -> CourseState {
        match self.finished_at {
            Some(_) => CourseState::Done,
            None => CourseState::Running,
        }
    }
}

impl Listed for MassRevocation {
    fn mark(&self, _: By) -> Mark {
        Mark::Time(self.created_at, *self.id.octets())
    }
}
