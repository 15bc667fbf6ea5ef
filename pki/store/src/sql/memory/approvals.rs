// SPDX-License-Identifier: Apache-2.0
//! What approvals ask, and the steps of a change that concern them.

use async_trait::async_trait;
use tamga_registry::approval::{Approval, Fate, Standing};
use tamga_registry::id::{ApprovalId, IssuerId, OrganizationId};
use tamga_registry::issuer::IssuerState;
use tamga_registry::journal::JournalRow;
use tamga_registry::page::Page;
use tamga_registry::store::{ApprovalChange, Approvals, PersonWithRole, StoreFault};
use tamga_x509::time::Timestamp;

use super::super::approval;
use super::change::OpenChange;
use super::{Memory, within};

#[async_trait]
impl Approvals for Memory {
    async fn approval(
        &self,
        organization: OrganizationId,
        id: ApprovalId,
    ) -> Result<Option<Approval>, StoreFault> {
        within(async { approval::find(organization, id, &mut *self.reader().await?).await }).await
    }

    async fn approvals(
        &self,
        organization: OrganizationId,
        standing: (Option<Standing>, Timestamp),
        page: &Page,
    ) -> Result<Vec<Approval>, StoreFault> {
        within(async { approval::page(organization, standing, page, &mut *self.reader().await?).await }).await
    }

    async fn persons_with_roles(
        &self,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<PersonWithRole>, StoreFault> {
        within(async { approval::persons(organization, now, &mut *self.reader().await?).await }).await
    }
}

#[async_trait]
impl ApprovalChange for OpenChange {
    async fn add_approval(&mut self, row: &Approval) -> Result<(), StoreFault> {
        let row = row.clone();
        self.step(move |connection| Box::pin(async move { approval::add(&row, connection).await }))
            .await
    }

    async fn settle_approval(
        &mut self,
        organization: OrganizationId,
        id: ApprovalId,
        fate: &Fate,
    ) -> Result<bool, StoreFault> {
        let fate = fate.clone();
        self.step(move |connection| {
            Box::pin(async move { approval::settle(organization, id, &fate, connection).await })
        })
        .await
    }

    async fn set_issuer_state(
        &mut self,
        issuer: (IssuerId, i64),
        state: IssuerState,
    ) -> Result<bool, StoreFault> {
        self.step_of_policy(move |connection| {
            Box::pin(async move { approval::set_issuer_state(issuer, state, connection).await })
        })
        .await
    }

    fn journal_also(&mut self, row: JournalRow) {
        self.also(row);
    }
}
