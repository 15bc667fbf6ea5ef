// SPDX-License-Identifier: Apache-2.0
//! Approvals: acts that wait for a second person, each bound to exactly what was asked.

use tamga_x509::certificate::Fingerprint;
use tamga_x509::time::Timestamp;

use crate::id::{ApprovalId, OrganizationId};
use crate::page::{By, Listed, Mark};
use crate::words;

/// An act that waits, or waited, for somebody to approve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Where the act would be done.
    pub organization: OrganizationId,
    /// What is asked.
    pub asked: AskedAct,
    /// Who asked, as the journal writes principals.
    pub author: String,
    /// What became of it.
    pub fate: Fate,
    /// When it was asked.
    pub created_at: Timestamp,
    /// Its last instant.
    pub expires_at: Timestamp,
}

/// Exactly what is asked. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAct {
    /// The act, as the journal names acts.
    pub act: String,
    /// The act with everything that matters for it, a line a part: what is done is read from here.
    pub request: String,
    /// SHA-256 of the request: whoever approves says by it what they saw.
    pub digest: Fingerprint,
    /// What would be changed.
    pub object: String,
    /// The generation of that, when it was asked.
    pub generation: i64,
}

/// What became of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet.
    Waiting,
    /// It was approved, and done.
    Approved(Decision),
    /// It was refused.
    Refused {
        /// By whom and when.
        decision: Decision,
        /// Why.
        reason: String,
    },
    /// Its author did not want it any more.
    Withdrawn(Decision),
}

/// Who settled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// By whom, as the journal writes principals.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Fate {
    /// The stored word.
    pub fn word(&self) -> FateWord {
        match self {
            Self::Waiting => FateWord::Waiting,
            Self::Approved(_) => FateWord::Approved,
            Self::Refused { .. } => FateWord::Refused,
            Self::Withdrawn(_) => FateWord::Withdrawn,
        }
    }

    /// Who settled it, if somebody did.
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Waiting => None,
            Self::Approved(decision) | Self::Refused { decision, .. } | Self::Withdrawn(decision) => {
                Some(decision)
            }
        }
    }

    /// Why it was refused.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused { reason, .. } => Some(reason),
            Self::Waiting | Self::Approved(_) | Self::Withdrawn(_) => None,
        }
    }
}

words! {
    /// How a fate is stored.
    FateWord {
        /// Nothing yet.
        Waiting = "waiting",
        /// Approved, and done.
        Approved = "approved",
        /// Refused.
        Refused = "refused",
        /// Taken back by its author.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// How an approval stands at a moment.
    Standing {
        /// Somebody may decide it.
        Waiting = "waiting",
        /// Nobody decided it in time.
        Expired = "expired",
        /// Approved, and done.
        Approved = "approved",
        /// Refused.
        Refused = "refused",
        /// Taken back by its author.
        Withdrawn = "withdrawn",
    }
}

impl Approval {
    /// How it stands now.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match self.fate {
            Fate::Waiting if self.expires_at < now => Standing::Expired,
            Fate::Waiting => Standing::Waiting,
            Fate::Approved(_) => Standing::Approved,
            Fate::Refused { .. } => Standing::Refused,
            Fate::Withdrawn(_) => Standing::Withdrawn,
        }
    }
}

impl Listed for Approval {
    fn mark(&self, _: By) -> Mark {
        Mark::Time(self.created_at, *self.id.octets())
    }
}
