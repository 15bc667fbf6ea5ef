// SPDX-License-Identifier: Apache-2.0
//! Individual enrollments and enrollment groups: the policy a device enrolls under.

use std::fmt;
use std::str::FromStr;

use tamga_x509::time::Timestamp;

use crate::device::RegistrationId;
use crate::id::{AnchorId, EnrollmentId, GroupId, IssuerId, OrganizationId, ProfileId};
use crate::page::NamePrefix;
use crate::secret::SealedPair;
use crate::words;

/// Many devices under one attestation policy.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Its name, unique within the organization without regard to case.
    pub name: RegistrationId,
    /// What its devices get, and how.
    pub terms: Terms,
}

/// One device named in advance. It goes before any group; a disabled one never falls through to a group.
#[derive(Debug, Clone)]
pub struct IndividualEnrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// Its organization.
    pub organization: OrganizationId,
    /// The device it names.
    pub registration_id: RegistrationId,
    /// What the device gets, and how.
    pub terms: Terms,
}

/// What groups and individual enrollments have in common: how a device proves itself, and what it gets.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Whether it admits anyone.
    pub state: EnrollmentState,
    /// Raised by every change of what issuance depends on.
    pub generation: i64,
    /// How devices prove themselves.
    pub attestation: Attestation,
    /// The profile of their certificates; new orders use its current revision.
    pub profile: ProfileId,
    /// The issuer of their certificates.
    pub issuer: IssuerId,
    /// What becomes of a new key inside one epoch.
    pub rekey: RekeyPolicy,
    /// How many certificates a device may draw by changing its key, within 24 hours.
    pub rekeys_per_day: i64,
    /// Answered as `assignedHub`; absent = the installation's.
    pub assigned_hub: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How the devices of an enrollment prove themselves, with the reference values as they are kept.
#[derive(Debug, Clone)]
pub enum Attestation {
    /// By a symmetric key: own (individual) or derived from the group's.
    SymmetricKey(SealedPair),
    /// By one of these very certificates; for individual enrollments.
    Pinned(PinnedPair),
    /// By a certificate that one of these anchors vouches for; for groups.
    Anchors(AnchorPair),
}

impl Attestation {
    /// The method its devices prove themselves by.
    pub fn method(&self) -> Method {
        match self {
            Self::SymmetricKey(_) => Method::SymmetricKey,
            Self::Pinned(_) | Self::Anchors(_) => Method::CertificateChain,
        }
    }
}

words! {
    /// A method of attestation.
    Method {
        /// A token signed with a symmetric key.
        SymmetricKey = "symmetric_key",
        /// A certificate shown in the TLS handshake.
        CertificateChain = "certificate_chain",
    }
}

/// The certificates of one device, DER; self-signed ones too. The second lets the first be rolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedPair {
    /// The one in use.
    pub primary: Vec<u8>,
    /// The other.
    pub secondary: Option<Vec<u8>>,
}

/// The anchors of a group. The second lets the first be rolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorPair {
    /// The one in use.
    pub primary: AnchorId,
    /// The other.
    pub secondary: Option<AnchorId>,
}

words! {
    /// Whether an enrollment admits anyone.
    EnrollmentState {
        /// It admits devices that prove themselves.
        Enabled = "enabled",
        /// It refuses them all.
        Disabled = "disabled",
    }
}

words! {
    /// What becomes of a new key inside one epoch, when nothing asked for a renewal.
    RekeyPolicy {
        /// It gets a provisional certificate, within the daily limit.
        Allow = "allow",
        /// It is refused.
        Refuse = "refuse",
    }
}

/// Which enrollment admits a device: what its attestation credential belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EnrollmentRef {
    /// A group.
    Group(GroupId),
    /// An individual enrollment.
    Individual(EnrollmentId),
}

impl EnrollmentRef {
    /// The octets that are stored: ids are unique across both.
    pub fn octets(&self) -> &[u8; 16] {
        match self {
            Self::Group(id) => id.octets(),
            Self::Individual(id) => id.octets(),
        }
    }

    /// How the evidence of every order ends whose device proved itself by it. That stays written, whatever the device is
    /// bound to later: certificates are found by it.
    pub fn end_of_evidence(self) -> String {
        format!(" of {self}")
    }
}

impl fmt::Display for EnrollmentRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(id) => id.fmt(out),
            Self::Individual(id) => id.fmt(out),
        }
    }
}

impl FromStr for EnrollmentRef {
    type Err = NotAnEnrollment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let group = text.parse().map(Self::Group);
        group
            .or_else(|_| text.parse().map(Self::Individual))
            .map_err(|_| NotAnEnrollment)
    }
}

/// Text that names no enrollment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("give the id of a group, `grp_…`, or of an individual enrollment, `enr_…`")]
pub struct NotAnEnrollment;

/// Which groups or individual enrollments a list has.
#[derive(Debug, Clone, Default)]
pub struct EnrollmentFilter {
    /// Those in this state.
    pub state: Option<EnrollmentState>,
    /// Those whose devices prove themselves like this.
    pub method: Option<Method>,
    /// Those whose name begins so.
    pub prefix: Option<NamePrefix>,
}

/// The default of [`Terms::rekeys_per_day`].
pub const DEFAULT_REKEYS_PER_DAY: i64 = 10;
