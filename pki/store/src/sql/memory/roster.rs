// SPDX-License-Identifier: Apache-2.0
//! What operators ask of groups and individual enrollments, and the steps of a change that concern them.

use async_trait::async_trait;
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentFilter, EnrollmentRef, Group, IndividualEnrollment, Terms};
use tamga_registry::id::OrganizationId;
use tamga_registry::page::{Page, Portion};
use tamga_registry::secret::SealedPair;
use tamga_registry::store::{RosterChange, Rosters, StoreFault, TermsReplaced, Thing};
use tamga_registry::version::Version;
use tamga_x509::time::Timestamp;

use super::super::{enrollment_list, group, individual, locks, replacement, version};
use super::change::OpenChange;
use super::{Memory, within};

#[async_trait]
impl Rosters for Memory {
    async fn groups(
        &self,
        organization: OrganizationId,
        filter: &EnrollmentFilter,
        page: &Page,
    ) -> Result<Portion<Group>, StoreFault> {
        within(async { enrollment_list::list(organization, filter, page, &mut *self.reader().await?).await })
            .await
    }

    async fn group(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Group>, StoreFault> {
        within(async { group::find(organization, name, &mut *self.reader().await?).await }).await
    }

    async fn individuals(
        &self,
        organization: OrganizationId,
        filter: &EnrollmentFilter,
        page: &Page,
    ) -> Result<Portion<IndividualEnrollment>, StoreFault> {
        within(async { enrollment_list::list(organization, filter, page, &mut *self.reader().await?).await })
            .await
    }

    async fn individual(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<IndividualEnrollment>, StoreFault> {
        within(async { individual::find(organization, id, &mut *self.reader().await?).await }).await
    }
}

#[async_trait]
impl RosterChange for OpenChange {
    async fn version(
        &mut self,
        organization: OrganizationId,
        thing: &Thing,
    ) -> Result<Option<Version>, StoreFault> {
        let thing = thing.clone();
        self.step(move |connection| {
            Box::pin(async move { version::of(organization, &thing, connection).await })
        })
        .await
    }

    async fn group(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Group>, StoreFault> {
        let name = name.clone();
        self.step(move |connection| {
            Box::pin(async move {
                locks::policy(organization, connection).await?;
                group::find(organization, &name, connection).await
            })
        })
        .await
    }

    async fn individual(
        &mut self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<IndividualEnrollment>, StoreFault> {
        let id = id.clone();
        self.step(move |connection| {
            Box::pin(async move {
                locks::policy(organization, connection).await?;
                individual::find(organization, &id, connection).await
            })
        })
        .await
    }

    async fn replace_terms(
        &mut self,
        organization: OrganizationId,
        of: EnrollmentRef,
        terms: &Terms,
    ) -> Result<TermsReplaced, StoreFault> {
        let terms = terms.clone();
        self.change_policy(organization, move |connection| {
            Box::pin(async move { replacement::terms(organization, of, &terms, connection).await })
        })
        .await
    }

    async fn replace_keys(
        &mut self,
        organization: OrganizationId,
        of: EnrollmentRef,
        keys: &SealedPair,
    ) -> Result<(), StoreFault> {
        let keys = keys.clone();
        self.change_policy(organization, move |connection| {
            Box::pin(async move { replacement::keys(organization, of, &keys, connection).await })
        })
        .await
    }

    async fn remove_enrollment(
        &mut self,
        organization: OrganizationId,
        of: EnrollmentRef,
        at: Timestamp,
    ) -> Result<Option<Vec<RegistrationId>>, StoreFault> {
        self.change_policy(organization, move |connection| {
            Box::pin(replacement::remove(organization, of, at, connection))
        })
        .await
    }
}
