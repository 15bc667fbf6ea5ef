// SPDX-License-Identifier: Apache-2.0
//! What profiles, issuers and grants ask of memory.

use std::sync::Arc;

use async_trait::async_trait;
use tamga_x509::profile::Profile;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::device::RegistrationId;
use crate::grant::{Grant, GrantKind, GrantName};
use crate::id::{OrganizationId, ProfileId};
use crate::issuer::UsableIssuer;
use crate::page::Page;
use crate::profile::{DatedRevision, ProfileRevision, RevisionId, UsableProfile};

/// What became of a grant that was to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantGiven {
    /// It is given.
    Given,
    /// It was given before.
    Held,
    /// The giver owns no such thing.
    NothingThere,
}

/// What became of a grant that was to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantTaken {
    /// It is taken back.
    Taken,
    /// There is none.
    NoGrant,
    /// Something of the grantee refers to it: this, among others.
    InUse(GrantUse),
}

/// What refers to a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantUse {
    /// What kind of thing.
    pub noun: &'static str,
    /// Its name.
    pub name: String,
}

/// A grant that is given or taken back.
#[derive(Debug, Clone)]
pub struct GrantOf {
    /// The owner of what is granted.
    pub owner: OrganizationId,
    /// What kind of thing.
    pub kind: GrantKind,
    /// Its name.
    pub thing: RegistrationId,
    /// To whom.
    pub to: OrganizationId,
}

/// What is read of profiles, issuers and grants.
#[async_trait]
pub trait Issuing: Send + Sync {
    /// A page of the profiles an organization may use.
    async fn usable_profiles(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<UsableProfile>, StoreFault>;

    /// A profile an organization may use: its own of this name before one that was granted to it.
    async fn usable_profile(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<UsableProfile>, StoreFault>;

    /// A page of the revisions of a profile, by their numbers.
    async fn profile_revisions(
        &self,
        profile: ProfileId,
        page: &Page,
    ) -> Result<Vec<DatedRevision>, StoreFault>;

    /// A revision of a profile.
    async fn profile_revision(&self, id: RevisionId) -> Result<Option<DatedRevision>, StoreFault>;

    /// A page of the issuers an organization may use.
    async fn usable_issuers(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<UsableIssuer>, StoreFault>;

    /// An issuer an organization may use: its own of this name before one that was granted to it.
    async fn usable_issuer(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<UsableIssuer>, StoreFault>;

    /// A page of the grants an organization gave, by their names.
    async fn grants(&self, owner: OrganizationId, page: &Page) -> Result<Vec<Grant>, StoreFault>;

    /// A grant an organization gave.
    async fn grant(&self, owner: OrganizationId, name: &GrantName) -> Result<Option<Grant>, StoreFault>;
}

/// What an open change does with profiles and grants.
#[async_trait]
pub trait IssuingChange: Send {
    /// Adds a profile with its first revision and its owner's grant. False when the name is taken.
    async fn add_profile(&mut self, first: &ProfileRevision, at: Timestamp) -> Result<bool, StoreFault>;

    /// Gives a profile another revision, which new orders use from now on; its number. What was judged by another and is
    /// not yet kept keeps that one.
    async fn revise_profile(
        &mut self,
        profile: ProfileId,
        rules: &Arc<Profile>,
        at: Timestamp,
    ) -> Result<i64, StoreFault>;

    /// Gives a grant.
    async fn give_grant(&mut self, grant: &GrantOf, at: Timestamp) -> Result<GrantGiven, StoreFault>;

    /// Takes a grant back that nothing refers to. Certificates that were issued by it stay.
    async fn take_grant(&mut self, grant: &GrantOf) -> Result<GrantTaken, StoreFault>;
}
