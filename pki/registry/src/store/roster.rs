// SPDX-License-Identifier: Apache-2.0
//! What operators ask of groups and individual enrollments, and what they change of them.

use async_trait::async_trait;
use tamga_x509::certificate::Fingerprint;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::account::AccountName;
use crate::device::RegistrationId;
use crate::enrollment::{EnrollmentFilter, EnrollmentRef, Group, IndividualEnrollment, Terms};
use crate::id::{AssignmentId, OrganizationId, TokenId};
use crate::page::{Page, Portion};
use crate::secret::SealedPair;
use crate::version::Version;

/// Groups and individual enrollments, to be looked at.
#[async_trait]
pub trait Rosters: Send + Sync {
    /// The groups of an organization that a filter leaves: a part, as in [`Portion`].
    async fn groups(
        &self,
        organization: OrganizationId,
        filter: &EnrollmentFilter,
        page: &Page,
    ) -> Result<Portion<Group>, StoreFault>;

    /// A group of an organization.
    async fn group(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Group>, StoreFault>;

    /// The individual enrollments of an organization that a filter leaves: a part, as in [`Portion`].
    async fn individuals(
        &self,
        organization: OrganizationId,
        filter: &EnrollmentFilter,
        page: &Page,
    ) -> Result<Portion<IndividualEnrollment>, StoreFault>;

    /// An individual enrollment of an organization.
    async fn individual(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<IndividualEnrollment>, StoreFault>;
}

/// A thing of an organization, by what a call names it.
#[derive(Debug, Clone)]
pub enum Thing {
    /// The organization itself.
    Organization,
    /// An enrollment group.
    Group(RegistrationId),
    /// An individual enrollment.
    Individual(RegistrationId),
    /// A trust anchor.
    Anchor(RegistrationId),
    /// An account.
    Account(AccountName),
    /// A role that was given.
    Assignment(AssignmentId),
    /// An API token.
    Token(TokenId),
    /// A pinned client certificate.
    ClientCertificate(Fingerprint),
}

/// What became of terms that were to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermsReplaced {
    /// They are.
    Replaced,
    /// An anchor they refer to is not granted to the organization, or is gone.
    NoAnchor,
    /// One of the anchors admits by another group of the organization already.
    AnchorInUse,
    /// The profile or the issuer they name may not be used by the organization any more.
    NoGrant,
}

/// What an open change does with groups and individual enrollments, and how it looks at what it changes.
#[async_trait]
pub trait RosterChange: Send {
    /// The version of a thing as of this change: nobody else changes it until the change ends.
    async fn version(
        &mut self,
        organization: OrganizationId,
        thing: &Thing,
    ) -> Result<Option<Version>, StoreFault>;

    /// A group, as [`Self::version`] sees it.
    async fn group(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Group>, StoreFault>;

    /// An individual enrollment, as [`Self::version`] sees it.
    async fn individual(
        &mut self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<IndividualEnrollment>, StoreFault>;

    /// Gives one that is there other terms: profile, issuer, the rules of new keys, the hub, and a group its anchors. Its
    /// generation rises. Its state, its keys and its pinned certificates stay.
    async fn replace_terms(
        &mut self,
        organization: OrganizationId,
        of: EnrollmentRef,
        terms: &Terms,
    ) -> Result<TermsReplaced, StoreFault>;

    /// Gives one that has symmetric keys others. Its generation rises.
    async fn replace_keys(
        &mut self,
        organization: OrganizationId,
        of: EnrollmentRef,
        keys: &SealedPair,
    ) -> Result<(), StoreFault>;

    /// Removes one with its keys, pins and references, and leaves a tombstone: its id is never used again, and whoever is
    /// bound to it stays so. A group takes its stations with it, as [`super::StationChange::remove_station`] does; told are
    /// their names, in order. None when there is none of that id.
    async fn remove_enrollment(
        &mut self,
        organization: OrganizationId,
        of: EnrollmentRef,
        at: Timestamp,
    ) -> Result<Option<Vec<RegistrationId>>, StoreFault>;
}
