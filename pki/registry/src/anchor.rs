// SPDX-License-Identifier: Apache-2.0
//! Trust anchors: certificates of strangers' authorities whose word about a device an organization takes.

use tamga_x509::certificate::Fingerprint;
use tamga_x509::time::Timestamp;

use crate::device::RegistrationId;
use crate::id::{AnchorId, OrganizationId};
use crate::page::NamePrefix;
use crate::words;

/// A root or intermediate of somebody else that vouches for devices. Groups refer to it through a grant.
#[derive(Debug, Clone)]
pub struct TrustAnchor {
    /// Its id.
    pub id: AnchorId,
    /// Its owner. Others use it through a grant.
    pub organization: OrganizationId,
    /// Unique within the owner without regard to case.
    pub name: RegistrationId,
    /// The authority's certificate, DER.
    pub certificate: Vec<u8>,
    /// How the status of the certificates below it is learned.
    pub status: AnchorStatus,
    /// Whether it vouches for anyone.
    pub state: AnchorState,
    /// Certificates that complete chains of devices which present their leaf alone, oldest first.
    pub intermediates: Vec<AnchorIntermediate>,
    /// The lists its operator brought, at most one for each place that publishes.
    pub lists: Vec<AnchorList>,
    /// Raised by every change of it.
    pub generation: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl TrustAnchor {
    /// Tells it from every other.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }
}

/// What policy knows of every anchor: without its certificates and lists, which are read once for each generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorHead {
    /// Its id.
    pub id: AnchorId,
    /// Its owner.
    pub organization: OrganizationId,
    /// Unique within the owner without regard to case.
    pub name: RegistrationId,
    /// Whether it vouches for anyone.
    pub state: AnchorState,
    /// Raised by every change of it.
    pub generation: i64,
}

/// An authority's certificate below an anchor, known in advance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorIntermediate {
    /// DER.
    pub certificate: Vec<u8>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A stranger's CRL, as its operator brought it: it is never fetched from where a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorList {
    /// What it tells of: its issuer, and which part of that issuer's certificates. One that covers the same takes its place.
    pub covers: Fingerprint,
    /// DER.
    pub der: Vec<u8>,
    /// Its `thisUpdate`: a list never gives way to an older one.
    pub this_update: Timestamp,
    /// Its `nextUpdate`: from then on it says nothing.
    pub next_update: Timestamp,
    /// When it was brought.
    pub created_at: Timestamp,
}

/// Which anchors a list has.
#[derive(Debug, Clone, Default)]
pub struct AnchorFilter {
    /// Those in this state.
    pub state: Option<AnchorState>,
    /// Those whose name begins so.
    pub prefix: Option<NamePrefix>,
}

words! {
    /// How the status of the certificates below an anchor is learned.
    AnchorStatus {
        /// It is not asked: devices are turned away by their enrollment.
        None = "none",
        /// By fresh lists: what none covers is refused.
        Crl = "crl",
    }
}

words! {
    /// Whether an anchor vouches for anyone.
    AnchorState {
        /// It does.
        Enabled = "enabled",
        /// It does not, and what chains through it is refused.
        Disabled = "disabled",
    }
}
