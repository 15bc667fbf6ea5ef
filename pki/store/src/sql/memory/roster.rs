// SPDX-License-Identifier: Apache-2.0
//! What operators ask of groups and individual enrollments.

use async_trait::async_trait;
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentFilter, Group, IndividualEnrollment};
use tamga_registry::id::OrganizationId;
use tamga_registry::page::Page;
use tamga_registry::store::{Rosters, StoreFault};

use super::super::{group, individual};
use super::{Memory, within};

#[async_trait]
impl Rosters for Memory {
    async fn groups(
        &self,
        organization: OrganizationId,
        filter: &EnrollmentFilter,
        page: &Page,
    ) -> Result<Vec<Group>, StoreFault> {
        within(async { group::list(organization, filter, page, &mut *self.reader().await?).await }).await
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
    ) -> Result<Vec<IndividualEnrollment>, StoreFault> {
        within(async { individual::list(organization, filter, page, &mut *self.reader().await?).await }).await
    }

    async fn individual(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<IndividualEnrollment>, StoreFault> {
        within(async { individual::find(organization, id, &mut *self.reader().await?).await }).await
    }
}
