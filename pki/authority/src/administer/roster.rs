// SPDX-License-Identifier: Apache-2.0
//! What operators look at: groups and individual enrollments, one or a page of them.

use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentFilter, Group, IndividualEnrollment};
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::page::{Page, Portion};
use tamga_registry::role::Permission;

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

impl Administration {
    /// The groups of an organization that a filter leaves: a part.
    pub async fn groups(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        filter: &EnrollmentFilter,
        page: &Page,
    ) -> Result<Portion<Group>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::GroupRead, object, async {
            let (organization, _) = self.enter(caller, Permission::GroupRead, organization).await?;
            Ok(self.means.store.groups(organization.id, filter, page).await?)
        })
        .await
    }

    /// A group.
    pub async fn group(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<Group, Failure> {
        let object = name.to_string();
        self.witnessed(caller, Permission::GroupRead, object, async {
            let (organization, _) = self.enter(caller, Permission::GroupRead, organization).await?;
            let group = self.means.store.group(organization.id, name).await?;
            group.ok_or_else(|| NO_GROUP.into())
        })
        .await
    }

    /// The individual enrollments of an organization that a filter leaves: a part.
    pub async fn enrollments(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        filter: &EnrollmentFilter,
        page: &Page,
    ) -> Result<Portion<IndividualEnrollment>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::EnrollmentRead, object, async {
            let (organization, _) = self
                .enter(caller, Permission::EnrollmentRead, organization)
                .await?;
            let store = &self.means.store;
            Ok(store.individuals(organization.id, filter, page).await?)
        })
        .await
    }

    /// An individual enrollment.
    pub async fn enrollment(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
    ) -> Result<IndividualEnrollment, Failure> {
        let object = id.to_string();
        self.witnessed(caller, Permission::EnrollmentRead, object, async {
            let (organization, _) = self
                .enter(caller, Permission::EnrollmentRead, organization)
                .await?;
            let enrollment = self.means.store.individual(organization.id, id).await?;
            enrollment.ok_or_else(|| NO_ENROLLMENT.into())
        })
        .await
    }
}

pub(super) const NO_GROUP: Refusal = Refusal::NotFound("enrollment group");
pub(super) const NO_ENROLLMENT: Refusal = Refusal::NotFound("individual enrollment");
