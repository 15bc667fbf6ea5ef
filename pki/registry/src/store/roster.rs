// SPDX-License-Identifier: Apache-2.0
//! What operators ask of groups and individual enrollments.

use async_trait::async_trait;

use super::StoreFault;
use crate::device::RegistrationId;
use crate::enrollment::{EnrollmentFilter, Group, IndividualEnrollment};
use crate::id::OrganizationId;
use crate::page::Page;

/// Groups and individual enrollments, to be looked at.
#[async_trait]
pub trait Rosters: Send + Sync {
    /// The groups of an organization that a filter leaves: a page, and one more where there is one.
    async fn groups(
        &self,
        organization: OrganizationId,
        filter: &EnrollmentFilter,
        page: &Page,
    ) -> Result<Vec<Group>, StoreFault>;

    /// A group of an organization.
    async fn group(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Group>, StoreFault>;

    /// The individual enrollments of an organization that a filter leaves: a page, and one more where there is one.
    async fn individuals(
        &self,
        organization: OrganizationId,
        filter: &EnrollmentFilter,
        page: &Page,
    ) -> Result<Vec<IndividualEnrollment>, StoreFault>;

    /// An individual enrollment of an organization.
    async fn individual(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<IndividualEnrollment>, StoreFault>;
}
