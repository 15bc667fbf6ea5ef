// SPDX-License-Identifier: Apache-2.0
//! What profiles, issuers and grants ask, and the steps of a change that concern them.

use std::sync::Arc;

use async_trait::async_trait;
use tamga_registry::device::RegistrationId;
use tamga_registry::grant::{Grant, GrantName};
use tamga_registry::id::{OrganizationId, ProfileId};
use tamga_registry::issuer::UsableIssuer;
use tamga_registry::page::Page;
use tamga_registry::profile::{DatedRevision, ProfileRevision, RevisionId, UsableProfile};
use tamga_registry::store::{GrantGiven, GrantOf, GrantTaken, Issuing, IssuingChange, StoreFault};
use tamga_x509::profile::Profile;
use tamga_x509::time::Timestamp;

use super::super::{grant, issuer, profile};
use super::change::OpenChange;
use super::{Memory, within};

#[async_trait]
impl Issuing for Memory {
    async fn usable_profiles(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<UsableProfile>, StoreFault> {
        within(async {
            profile::usable(organization, page, &self.revisions, &mut *self.reader().await?).await
        })
        .await
    }

    async fn usable_profile(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<UsableProfile>, StoreFault> {
        within(async {
            profile::usable_named(organization, name, &self.revisions, &mut *self.reader().await?).await
        })
        .await
    }

    async fn profile_revisions(&self, id: ProfileId, page: &Page) -> Result<Vec<DatedRevision>, StoreFault> {
        within(async { profile::all_revisions(id, page, &self.revisions, &mut *self.reader().await?).await })
            .await
    }

    async fn profile_revision(&self, id: RevisionId) -> Result<Option<DatedRevision>, StoreFault> {
        within(async { profile::dated(id, &self.revisions, &mut *self.reader().await?).await }).await
    }

    async fn usable_issuers(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<UsableIssuer>, StoreFault> {
        within(async { issuer::usable(organization, page, &mut *self.reader().await?).await }).await
    }

    async fn usable_issuer(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<UsableIssuer>, StoreFault> {
        within(async { issuer::usable_named(organization, name, &mut *self.reader().await?).await }).await
    }

    async fn grants(&self, owner: OrganizationId, page: &Page) -> Result<Vec<Grant>, StoreFault> {
        within(async { grant::page(owner, page, &mut *self.reader().await?).await }).await
    }

    async fn grant(&self, owner: OrganizationId, name: &GrantName) -> Result<Option<Grant>, StoreFault> {
        within(async { grant::find(owner, name, &mut *self.reader().await?).await }).await
    }
}

#[async_trait]
impl IssuingChange for OpenChange {
    async fn add_profile(&mut self, first: &ProfileRevision, at: Timestamp) -> Result<bool, StoreFault> {
        let row = first.clone();
        self.change_policy(first.owner, move |connection| {
            Box::pin(async move { profile::add(&row, at, connection).await })
        })
        .await
    }

    async fn revise_profile(
        &mut self,
        profile: ProfileId,
        rules: &Arc<Profile>,
        at: Timestamp,
    ) -> Result<i64, StoreFault> {
        let rules = rules.clone();
        // What is being judged keeps the revision it is judged by: nobody is excluded.
        self.step_of_policy(move |connection| {
            Box::pin(async move { profile::revise(profile, &rules, at, connection).await })
        })
        .await
    }

    async fn give_grant(&mut self, grant: &GrantOf, at: Timestamp) -> Result<GrantGiven, StoreFault> {
        let row = grant.clone();
        self.change_policy(grant.to, move |connection| {
            Box::pin(async move { grant::give(&row, at, connection).await })
        })
        .await
    }

    async fn take_grant(&mut self, grant: &GrantOf) -> Result<GrantTaken, StoreFault> {
        let row = grant.clone();
        self.change_policy(grant.to, move |connection| {
            Box::pin(async move { grant::take(&row, connection).await })
        })
        .await
    }
}
