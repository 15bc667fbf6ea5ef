// SPDX-License-Identifier: Apache-2.0
//! What the door asks: policy of a scope, who a registration id is, where its line stands, what an operation became.

use async_trait::async_trait;
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use super::issuance::NewDevice;
use super::{Expected, IntentVerdict, StoreFault};
use crate::certificate::CertificateRecord;
use crate::device::{Device, RegistrationId};
use crate::enrollment::{Group, IndividualEnrollment};
use crate::id::{DeviceId, OrganizationId, ProfileId};
use crate::issuer::Issuer;
use crate::journal::{JournalRow, RefusalTally};
use crate::lineage::Line;
use crate::order::{OperationId, Order};
use crate::organization::{IdScope, Organization};
use crate::profile::ProfileRevision;
use crate::secret::WrappedDataKey;

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
    /// Its data keys for device secrets.
    pub data_keys: Vec<WrappedDataKey>,
}

/// Who a registration id is.
#[derive(Debug, Clone, Default)]
pub struct Enrollee {
    /// The individual enrollment that names it.
    pub individual: Option<IndividualEnrollment>,
    /// The device, once admitted.
    pub device: Option<Device>,
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

    /// Who a registration id is.
    async fn enrollee(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Enrollee, StoreFault>;

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
