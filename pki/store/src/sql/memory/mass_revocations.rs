// SPDX-License-Identifier: Apache-2.0
//! What revocations of many certificates ask, and the steps of a change that concern them.

use async_trait::async_trait;
use tamga_registry::id::{CertificateId, MassRevocationId, OrganizationId};
use tamga_registry::mass_revocation::{Course, MassRevocation, Query, Stretch};
use tamga_registry::page::Page;
use tamga_registry::store::{MassRevocationChange, MassRevocations, StoreFault};
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::super::{locks, mass_revocation};
use super::change::OpenChange;
use super::{Memory, within};

#[async_trait]
impl MassRevocations for Memory {
    async fn revocable(
        &self,
        asked: (OrganizationId, &Query, RevocationReason),
        stretch: (Option<String>, u32),
        now: Timestamp,
    ) -> Result<Stretch, StoreFault> {
        within(async { mass_revocation::revocable(asked, stretch, now, &mut *self.reader().await?).await })
            .await
    }

    async fn mass_revocation(
        &self,
        organization: OrganizationId,
        id: MassRevocationId,
    ) -> Result<Option<MassRevocation>, StoreFault> {
        within(async { mass_revocation::find(organization, id, &mut *self.reader().await?).await }).await
    }

    async fn mass_revocations(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<MassRevocation>, StoreFault> {
        within(async { mass_revocation::page(organization, page, &mut *self.reader().await?).await }).await
    }

    async fn running_revocations(
        &self,
        after: Option<&MassRevocation>,
        limit: u32,
    ) -> Result<Vec<MassRevocation>, StoreFault> {
        within(async { mass_revocation::running(after, limit, &mut *self.reader().await?).await }).await
    }
}

#[async_trait]
impl MassRevocationChange for OpenChange {
    async fn add_mass_revocation(&mut self, revocation: &MassRevocation) -> Result<(), StoreFault> {
        let row = revocation.clone();
        self.step(move |connection| Box::pin(async move { mass_revocation::add(&row, connection).await }))
            .await
    }

    async fn move_mass_revocation(
        &mut self,
        id: MassRevocationId,
        to: (i64, Course),
        finished_at: Option<Timestamp>,
    ) -> Result<bool, StoreFault> {
        self.step(move |connection| Box::pin(mass_revocation::advance(id, to, finished_at, connection)))
            .await
    }

    async fn hold_devices_of(&mut self, certificates: Vec<CertificateId>) -> Result<(), StoreFault> {
        self.step(move |connection| {
            Box::pin(async move { locks::devices_of(&certificates, connection).await })
        })
        .await
    }
}
