// SPDX-License-Identifier: Apache-2.0
//! What the tree of organizations asks of memory.

use async_trait::async_trait;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::id::OrganizationId;
use crate::organization::{IdScope, Organization};
use crate::page::Page;

/// What became of a new organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganizationAdded {
    /// It is added.
    Added,
    /// Another organization of the installation has this slug.
    SlugTaken,
    /// The one above it is suspended.
    ParentSuspended,
}

/// What became of an organization that was to be suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspension {
    /// It is.
    Suspended,
    /// Nobody would be left of those who administer the installation by a role they were given. Not to be kept.
    LastAdministrator,
}

/// The tree. Organizations never move in it, and none is ever removed.
#[async_trait]
pub trait Organizations: Send + Sync {
    /// An organization by its id.
    async fn organization_by_id(&self, id: OrganizationId) -> Result<Option<Organization>, StoreFault>;

    /// Those above an organization, the nearest first.
    async fn organizations_above(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<OrganizationId>, StoreFault>;

    /// A page of an organization with everything below it; of all there are, where none is named.
    async fn organizations_within(
        &self,
        top: Option<OrganizationId>,
        page: &Page,
    ) -> Result<Vec<Organization>, StoreFault>;

    /// A page of those right below an organization.
    async fn organizations_below(
        &self,
        parent: OrganizationId,
        page: &Page,
    ) -> Result<Vec<Organization>, StoreFault>;
}

/// What an open change does with organizations.
#[async_trait]
pub trait OrganizationChange: Send {
    /// Adds an organization below another, with its first id scope; or says why not: then nothing is added.
    async fn add_organization(
        &mut self,
        organization: &Organization,
        scope: &IdScope,
    ) -> Result<OrganizationAdded, StoreFault>;

    /// Gives an organization one more id scope.
    async fn add_id_scope(
        &mut self,
        organization: OrganizationId,
        scope: &IdScope,
        at: Timestamp,
    ) -> Result<(), StoreFault>;

    /// Gives an organization another name for people.
    async fn rename_organization(
        &mut self,
        organization: OrganizationId,
        display_name: &str,
    ) -> Result<(), StoreFault>;

    /// Suspends an organization with everything below it: each that was active raises its generation, so that whatever
    /// was judged there and is not yet kept is judged again.
    async fn suspend_organization(
        &mut self,
        organization: OrganizationId,
        at: Timestamp,
    ) -> Result<Suspension, StoreFault>;

    /// Resumes an organization with everything below it but what is suspended by itself; nothing, while one above is
    /// suspended. Generations rise as by [`Self::suspend_organization`].
    async fn resume_organization(&mut self, organization: OrganizationId) -> Result<(), StoreFault>;
}
