// SPDX-License-Identifier: Apache-2.0
//! What the door asks: policy of a scope, who a registration id is, where its line stands, what an operation became.

use async_trait::async_trait;
use tamga_x509::key::SpkiHash;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::issuance::NewDevice;
use super::{Expected, IntentVerdict, StoreFault};
use crate::anchor::{AnchorHead, TrustAnchor};
use crate::certificate::CertificateRecord;
use crate::device::{Device, RegistrationId, Tombstone};
use crate::enrollment::{Group, IndividualEnrollment};
use crate::id::{AnchorId, DeviceId, OrganizationId, ProfileId};
use crate::issuer::Issuer;
use crate::journal::{JournalRow, RefusalTally};
use crate::lineage::{KeyFacts, Line, Place};
use crate::order::{OperationId, Order};
use crate::organization::{IdScope, Organization};
use crate::profile::ProfileRevision;
use crate::secret::WrappedDataKey;
use crate::station::Station;

/// Raised by every administrative change of policy: whoever caches policy compares it. Revocations change none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyVersion(pub i64);

/// All the door needs of one organization, as of one version.
#[derive(Debug, Clone)]
pub struct ScopePolicy {
    /// The version it was read at; read before the rest, so that a change in between makes it stale, never wrong.
    pub version: PolicyVersion,
    /// The organization.
    pub organization: Organization,
    /// Its enrollment groups, disabled ones too, oldest first.
    pub groups: Vec<Group>,
    /// The current revisions of the profiles granted to it.
    pub profiles: Vec<ProfileRevision>,
    /// The issuers granted to it.
    pub issuers: Vec<Issuer>,
    /// The trust anchors granted to it, disabled ones too, oldest first.
    pub anchors: Vec<AnchorHead>,
    /// Its stations, disabled ones too. What they have had made is as of the reading.
    pub stations: Vec<Station>,
    /// Its data keys for device secrets.
    pub data_keys: Vec<WrappedDataKey>,
}

/// Asks who a registration id is, and what is known of the certificate it presented.
#[derive(Debug, Clone, Copy)]
pub struct EnrolleeQuestion<'a> {
    /// Where.
    pub organization: OrganizationId,
    /// Who it says it is.
    pub registration_id: &'a RegistrationId,
    /// The key of the certificate it presented.
    pub key: Option<SpkiHash>,
    /// The serial of the certificate it presented, where it could be one of ours.
    pub serial: Option<Serial>,
}

impl<'a> EnrolleeQuestion<'a> {
    /// Of one who presented no certificate.
    pub fn of(organization: OrganizationId, registration_id: &'a RegistrationId) -> Self {
        Self {
            organization,
            registration_id,
            key: None,
            serial: None,
        }
    }
}

/// Who a registration id is: one instant's answer.
#[derive(Debug, Clone, Default)]
pub struct Enrollee {
    /// The individual enrollment that names it.
    pub individual: Option<IndividualEnrollment>,
    /// The device, once admitted.
    pub device: Option<Device>,
    /// What is left of the last device of this name that is gone.
    pub tombstone: Option<Tombstone>,
    /// What the house knows of the key asked about.
    pub key: Option<KeyFacts>,
    /// The certificate of the serial asked about, and where it stands in its line, if it does.
    pub certificate: Option<(CertificateRecord, Option<Place>)>,
}

/// Asks for a device's line under a profile, as far as one key is concerned.
#[derive(Debug, Clone, Copy)]
pub struct LineQuestion {
    /// The device, once admitted.
    pub device: Option<DeviceId>,
    /// The profile.
    pub profile: ProfileId,
    /// The key asked for.
    pub spki: SpkiHash,
    /// Orders made after this instant count as recent.
    pub recent: Timestamp,
}

/// What an operation id stands for.
#[derive(Debug, Clone)]
pub enum OperationAnswer {
    /// A registration without a CSR.
    Registration(Device),
    /// An order, and its certificate row.
    Order(Box<(Device, Order, CertificateRecord)>),
}

/// A first registration without a CSR: the device and its journal row.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The device.
    pub device: NewDevice,
    /// The birth key it proved itself with, if it did: from now on the device's.
    pub birth: Option<SpkiHash>,
    /// The state it was judged in.
    pub expected: Expected,
    /// What the journal says.
    pub journal: JournalRow,
}

/// What the door asks of memory. Reads see every write that returned before they began.
#[async_trait]
pub trait Enrollments: Send + Sync {
    /// The current policy version.
    async fn policy_version(&self) -> Result<PolicyVersion, StoreFault>;

    /// The policy of the organization that owns a scope; `None` for a scope nobody owns.
    async fn scope_policy(&self, scope: &IdScope) -> Result<Option<ScopePolicy>, StoreFault>;

    /// A trust anchor with its certificates and lists, which may be large.
    async fn trust_anchor(&self, id: AnchorId) -> Result<Option<TrustAnchor>, StoreFault>;

    /// Who a registration id is.
    async fn enrollee(&self, question: &EnrolleeQuestion<'_>) -> Result<Enrollee, StoreFault>;

    /// Where a device's line stands.
    async fn line(&self, question: &LineQuestion) -> Result<Line, StoreFault>;

    /// What an operation of this registration id stands for; `None` when it has no such operation.
    async fn operation(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
        operation: OperationId,
    ) -> Result<Option<OperationAnswer>, StoreFault>;

    /// Keeps first registrations, each with its journal row, in one commit. A verdict per row, in order.
    async fn keep_registrations(&self, rows: Vec<Registration>) -> Result<Vec<IntentVerdict>, StoreFault>;

    /// Keeps refusals of callers who proved who they are, a journal row each, in one commit.
    async fn keep_refusals(&self, rows: Vec<JournalRow>) -> Result<(), StoreFault>;

    /// Adds to the counts of anonymous refusals.
    async fn keep_tallies(&self, tallies: Vec<RefusalTally>) -> Result<(), StoreFault>;
}
