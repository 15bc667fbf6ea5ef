// SPDX-License-Identifier: Apache-2.0
//! What administration asks, besides its changes.

use async_trait::async_trait;
use tamga_registry::anchor::{AnchorFilter, TrustAnchor};
use tamga_registry::device::RegistrationId;
use tamga_registry::id::OrganizationId;
use tamga_registry::organization::{IdScope, Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::secret::{SealingPurpose, WrappedDataKey};
use tamga_registry::store::{Act, Administration, Change, DeviceView, StoreFault};

use super::super::session::Steps;
use super::super::{anchor, certificate, departure, device, lineage, organization, repetition, secret};
use super::change::OpenChange;
use super::{Memory, within};

#[async_trait]
impl Administration for Memory {
    async fn change(&self, act: Act) -> Result<Box<dyn Change>, StoreFault> {
        let steps = Steps::open(&self.writer).await?;
        if let Some(spent) = act.spends.clone() {
            let fresh = steps
                .take(move |connection| Box::pin(async move { repetition::spend(&spent, connection).await }))
                .await?;
            if !fresh {
                return Err(StoreFault::Repeated);
            }
        }
        Ok(Box::new(OpenChange::new(steps, act, self.hints.clone())))
    }

    async fn organization(&self, slug: &OrganizationSlug) -> Result<Option<Organization>, StoreFault> {
        within(organization::find(slug, &self.questions)).await
    }

    async fn id_scopes(&self, organization: OrganizationId) -> Result<Vec<IdScope>, StoreFault> {
        within(async { organization::scopes(organization, &mut *self.reader().await?).await }).await
    }

    async fn id_scopes_by_text(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<IdScope>, StoreFault> {
        within(async { organization::scopes_by_text(organization, page, &mut *self.reader().await?).await })
            .await
    }

    async fn anchors(
        &self,
        organization: OrganizationId,
        filter: &AnchorFilter,
        page: &Page,
    ) -> Result<Vec<TrustAnchor>, StoreFault> {
        within(async { anchor::list(organization, filter, page, &mut *self.reader().await?).await }).await
    }

    async fn cursor_key(&self) -> Result<[u8; 32], StoreFault> {
        within(async { secret::cursor_key(&mut *self.reader().await?).await }).await
    }

    async fn anchor(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<TrustAnchor>, StoreFault> {
        within(async { anchor::find(organization, name, &mut *self.reader().await?).await }).await
    }

    async fn device(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<DeviceView>, StoreFault> {
        let asked = async {
            let reader = &mut *self.reader().await?;
            let Some(device) = device::find(organization, id, reader).await? else {
                return Ok(None);
            };
            let (current, provisional) = lineage::newest_of(device.id, reader).await?;
            let certificates = certificate::of_device(device.id, reader).await?;
            let released_to = departure::released_to(device.id, reader).await?;
            Ok(Some(DeviceView {
                device,
                certificates,
                current,
                provisional,
                released_to,
            }))
        };
        within(asked).await
    }

    async fn data_key(
        &self,
        purpose: SealingPurpose,
        organization: OrganizationId,
    ) -> Result<Option<WrappedDataKey>, StoreFault> {
        let asked = async { secret::data_keys(purpose, organization, &mut *self.reader().await?).await };
        let keys = within(asked).await?;
        Ok(keys.into_iter().next_back())
    }
}
