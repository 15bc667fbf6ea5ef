// SPDX-License-Identifier: Apache-2.0
//! What administrative acts ask: a change that opens only with an act, writes the journal when kept, and else never was.

use async_trait::async_trait;
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::{
    AccessChange, ApprovalChange, DeviceChange, IssuingChange, Ledgers, MassRevocationChange,
    OrganizationChange, RosterChange, Rosters, StationChange, StoreFault,
};
use crate::anchor::{AnchorFilter, AnchorIntermediate, AnchorList, AnchorState, AnchorStatus, TrustAnchor};
use crate::certificate::CertificateRecord;
use crate::device::{Device, RegistrationId};
use crate::enrollment::{EnrollmentState, Group, IndividualEnrollment};
use crate::id::{CertificateId, DeviceId, OrganizationId};
use crate::journal::JournalRow;
use crate::organization::{IdScope, Organization, OrganizationSlug};
use crate::page::Page;
use crate::repetition::Spent;
use crate::secret::{SealingPurpose, WrappedDataKey};

/// What is being done, by whom, to what. No change opens without one.
#[derive(Debug, Clone)]
pub struct Act {
    /// Its journal row, written when the change is kept.
    pub journal: JournalRow,
    /// The key its request was sent with, spent in the same commit; absent where it had none.
    pub spends: Option<Spent>,
}

/// `certificate.revoke`.
#[derive(Debug, Clone, Copy)]
pub struct CertificateStrike {
    /// Whose certificate.
    pub organization: OrganizationId,
    /// Which one.
    pub certificate: CertificateId,
    /// Why; key compromise blocks the key for ever, everywhere.
    pub reason: RevocationReason,
    /// Now.
    pub at: Timestamp,
}

/// `device.revoke`.
#[derive(Debug, Clone, Copy)]
pub struct DeviceStrike {
    /// Whose device.
    pub organization: OrganizationId,
    /// Which one.
    pub device: DeviceId,
    /// Why.
    pub reason: RevocationReason,
    /// Now.
    pub at: Timestamp,
}

/// What a revocation struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Struck {
    /// These certificates and intents are revoked by this change, and their shards are marked. None, where a compromise
    /// of something expired only blocked keys: that is to be kept all the same.
    Now(Vec<CertificateId>),
    /// It was revoked before and keeps its date; a compromise found late became the reason, blocked keys, or struck
    /// others besides. To be kept.
    Late {
        /// Since when it is revoked.
        since: Timestamp,
        /// The certificates and intents that are revoked by this change.
        certificates: Vec<CertificateId>,
    },
    /// It was revoked before, and nothing changed; since when.
    Before(Timestamp),
    /// There is no such thing in the organization.
    Nothing,
    /// It has expired: there is nothing left to revoke.
    Expired,
}

/// What became of a new individual enrollment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrollmentAdded {
    /// It is added.
    Added,
    /// Another individual enrollment names this registration id.
    Taken,
    /// A device of this registration id is bound to another enrollment: named by this one it could never enroll again.
    BoundElsewhere,
    /// One of its certificates is pinned by another individual enrollment of the organization.
    CertificateInUse,
    /// The grant of its profile or its issuer was taken back meanwhile.
    NoGrant,
}

/// What became of a new group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupAdded {
    /// It is added.
    Added,
    /// Another group has this name.
    Taken,
    /// An anchor it refers to is not granted to its organization, or is gone.
    NoAnchor,
    /// One of its anchors admits by another group of the organization already.
    AnchorInUse,
    /// The grant of its profile or its issuer was taken back meanwhile.
    NoGrant,
}

/// What became of a new anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorAdded {
    /// It is added, and granted to its owner.
    Added,
    /// Another anchor of the organization has this name.
    Taken,
    /// Another anchor of the organization is this very certificate.
    CertificateTaken,
    /// The organization has as many as it may.
    Crowded,
}

/// What became of an anchor that was to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorRemoved {
    /// It is gone, with its grants, intermediates and lists.
    Removed,
    /// A group refers to it.
    InUse,
    /// There is none of that name.
    NoAnchor,
}

/// What became of a new intermediate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntermediateAdded {
    /// It is added.
    Added,
    /// The anchor had it.
    Known,
    /// There is no anchor of that name.
    NoAnchor,
}

/// What became of a list that was brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListBrought {
    /// It is kept, in the place of the one that covered the same.
    Kept,
    /// The one that is kept is as new, or newer.
    NotNewer,
    /// With it the lists of the organization's anchors would have more octets than they may. Not to be kept.
    Crowded,
    /// There is no anchor of that name.
    NoAnchor,
}

/// A device and its certificates, newest first.
#[derive(Debug, Clone)]
pub struct DeviceView {
    /// The device.
    pub device: Device,
    /// Its certificates and unfinished intents, newest first.
    pub certificates: Vec<CertificateRecord>,
    /// The current and provisional ones among them.
    pub current: Vec<CertificateId>,
    /// The provisional ones.
    pub provisional: Vec<CertificateId>,
    /// Which organization it is let go to, if it is: by its slug, whether there is one or not.
    pub released_to: Option<OrganizationSlug>,
}

/// What administration asks of memory.
#[async_trait]
pub trait Administration: Ledgers + Rosters {
    /// Opens a change. Until it is kept nobody sees it; dropped, it never was. Changes exclude each other and the
    /// bulk writes of issuance: keep them short.
    ///
    /// [`StoreFault::Repeated`] when the act's key is spent. Two changes that spend one key wait for each other, so that the
    /// second finds what became of the first.
    async fn change(&self, act: Act) -> Result<Box<dyn Change>, StoreFault>;

    /// An organization by its slug.
    async fn organization(&self, slug: &OrganizationSlug) -> Result<Option<Organization>, StoreFault>;

    /// The id scopes of an organization.
    async fn id_scopes(&self, organization: OrganizationId) -> Result<Vec<IdScope>, StoreFault>;

    /// The same by their text: a page, and one more where there is one.
    async fn id_scopes_by_text(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<IdScope>, StoreFault>;

    /// The anchors of an organization that a filter leaves: a page, and one more where there is one.
    async fn anchors(
        &self,
        organization: OrganizationId,
        filter: &AnchorFilter,
        page: &Page,
    ) -> Result<Vec<TrustAnchor>, StoreFault>;

    /// What proves that a cursor was given out by this installation: 32 octets drawn at random when its tables were made.
    async fn cursor_key(&self) -> Result<[u8; 32], StoreFault>;

    /// An anchor of an organization.
    async fn anchor(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<TrustAnchor>, StoreFault>;

    /// A device with its certificates.
    async fn device(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<DeviceView>, StoreFault>;

    /// Organization-wide data key for a purpose, newest version first to be used.
    async fn data_key(
        &self,
        purpose: SealingPurpose,
        organization: OrganizationId,
    ) -> Result<Option<WrappedDataKey>, StoreFault>;
}

/// An open administrative change.
#[async_trait]
pub trait Change:
    AccessChange
    + ApprovalChange
    + DeviceChange
    + IssuingChange
    + MassRevocationChange
    + OrganizationChange
    + RosterChange
    + StationChange
    + Send
{
    /// Adds a group, or says why not: then nothing is added.
    async fn add_group(&mut self, group: &Group) -> Result<GroupAdded, StoreFault>;

    /// Adds an individual enrollment, or says why not: then nothing is added.
    async fn add_enrollment(
        &mut self,
        enrollment: &IndividualEnrollment,
    ) -> Result<EnrollmentAdded, StoreFault>;

    /// Enables or disables a group. False when there is none of that name.
    async fn set_group_state(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<bool, StoreFault>;

    /// Enables or disables an individual enrollment. False when there is none of that name.
    async fn set_enrollment_state(
        &mut self,
        organization: OrganizationId,
        id: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<bool, StoreFault>;

    /// Adds an anchor with its intermediates and lists, and its owner's grant, where its owner has less than `most` of its
    /// own; or says why not: then nothing is added.
    async fn add_anchor(&mut self, anchor: &TrustAnchor, most: u32) -> Result<AnchorAdded, StoreFault>;

    /// Enables or disables an anchor. False when there is none of that name. This and every other change of an anchor
    /// raises the generation of the groups that refer to it, wherever they are.
    async fn set_anchor_state(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        state: AnchorState,
    ) -> Result<bool, StoreFault>;

    /// Says how the status below an anchor is learned. False when there is none of that name.
    async fn set_anchor_status(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        status: AnchorStatus,
    ) -> Result<bool, StoreFault>;

    /// Adds a certificate that completes chains below an anchor.
    async fn add_intermediate(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        intermediate: &AnchorIntermediate,
    ) -> Result<IntermediateAdded, StoreFault>;

    /// Keeps a list for an anchor, while those of all anchors of the organization have `most` octets at most.
    async fn bring_list(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        list: &AnchorList,
        most: u64,
    ) -> Result<ListBrought, StoreFault>;

    /// Removes an anchor that no group refers to.
    async fn remove_anchor(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<AnchorRemoved, StoreFault>;

    /// Adds a data key. False when the version exists.
    async fn add_data_key(&mut self, key: &WrappedDataKey) -> Result<bool, StoreFault>;

    /// Revokes a certificate: state, CRL entry, dirty mark. With key compromise, also of one that is revoked or expired,
    /// its key is blocked, every other unexpired certificate on it revoked, and where one was revoked before, the
    /// compromise becomes the reason; the date stays.
    async fn strike_certificate(&mut self, strike: CertificateStrike) -> Result<Struck, StoreFault>;

    /// Revokes a device: its right to enroll, every unexpired certificate, and its open orders: they fail with
    /// `device_revoked`, their serials are listed, and after a restore the next order raises the epoch. With key
    /// compromise, also of one that is revoked, its keys are blocked as by [`Self::strike_certificate`].
    async fn strike_device(&mut self, strike: DeviceStrike) -> Result<Struck, StoreFault>;

    /// Keeps the change and writes its journal row, in one commit.
    async fn keep(self: Box<Self>) -> Result<(), StoreFault>;
}
