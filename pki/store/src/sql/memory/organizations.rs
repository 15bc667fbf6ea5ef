// SPDX-License-Identifier: Apache-2.0
//! What the tree of organizations asks, and the steps of a change that concern it.

use async_trait::async_trait;
use tamga_registry::id::OrganizationId;
use tamga_registry::organization::{IdScope, Organization};
use tamga_registry::page::Page;
use tamga_registry::store::{OrganizationAdded, OrganizationChange, Organizations, StoreFault, Suspension};
use tamga_x509::time::Timestamp;

use super::super::{locks, organization, tree};
use super::change::OpenChange;
use super::{Memory, within};

#[async_trait]
impl Organizations for Memory {
    async fn organization_by_id(&self, id: OrganizationId) -> Result<Option<Organization>, StoreFault> {
        within(async { organization::by_id(id, &mut *self.reader().await?).await }).await
    }

    async fn organizations_above(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<OrganizationId>, StoreFault> {
        within(async { organization::above(organization, &mut *self.reader().await?).await }).await
    }

    async fn organizations_within(
        &self,
        top: Option<OrganizationId>,
        page: &Page,
    ) -> Result<Vec<Organization>, StoreFault> {
        within(async { tree::within(top, page, &mut *self.reader().await?).await }).await
    }

    async fn organizations_below(
        &self,
        parent: OrganizationId,
        page: &Page,
    ) -> Result<Vec<Organization>, StoreFault> {
        within(async { tree::below(parent, page, &mut *self.reader().await?).await }).await
    }
}

#[async_trait]
impl OrganizationChange for OpenChange {
    async fn add_organization(
        &mut self,
        organization: &Organization,
        scope: &IdScope,
    ) -> Result<OrganizationAdded, StoreFault> {
        let (row, scope) = (organization.clone(), scope.clone());
        self.step(move |connection| {
            Box::pin(async move {
                // Nobody suspends what is above meanwhile.
                locks::tree(connection).await?;
                let added = tree::add(&row, connection).await?;
                if added == OrganizationAdded::Added {
                    organization::add_scope(&scope, &row, connection).await?;
                }
                Ok(added)
            })
        })
        .await
    }

    async fn add_id_scope(
        &mut self,
        organization: OrganizationId,
        scope: &IdScope,
        at: Timestamp,
    ) -> Result<(), StoreFault> {
        let scope = scope.clone();
        self.step(move |connection| {
            Box::pin(async move { organization::add_scope_of(&scope, organization, at, connection).await })
        })
        .await
    }

    async fn rename_organization(
        &mut self,
        organization: OrganizationId,
        display_name: &str,
    ) -> Result<(), StoreFault> {
        let name = display_name.to_owned();
        self.step_of_policy(move |connection| {
            Box::pin(async move {
                locks::tree(connection).await?;
                locks::policy(organization, connection).await?;
                tree::rename(organization, &name, connection).await
            })
        })
        .await
    }

    async fn suspend_organization(
        &mut self,
        organization: OrganizationId,
        at: Timestamp,
    ) -> Result<Suspension, StoreFault> {
        self.step_of_policy(move |connection| {
            Box::pin(async move {
                tree::exclude(connection).await?;
                tree::suspend(organization, at, connection).await
            })
        })
        .await
    }

    async fn resume_organization(&mut self, organization: OrganizationId) -> Result<(), StoreFault> {
        self.step_of_policy(move |connection| {
            Box::pin(async move {
                tree::exclude(connection).await?;
                tree::resume(organization, connection).await
            })
        })
        .await
    }
}
