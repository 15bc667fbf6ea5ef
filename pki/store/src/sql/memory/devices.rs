// SPDX-License-Identifier: Apache-2.0
//! What an open change does with devices, besides revoking them.

use async_trait::async_trait;
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::EnrollmentState;
use tamga_registry::id::OrganizationId;
use tamga_registry::journal::JournalRow;
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::store::{
    Claimed, DeviceAt, DeviceChange, DeviceClaim, Moved, Rekey, Rekeyed, StoreFault, Struck,
};

use super::super::{departure, device_act, journal};
use super::change::OpenChange;

#[async_trait]
impl DeviceChange for OpenChange {
    async fn switch_device(&mut self, which: DeviceAt, to: EnrollmentState) -> Result<Moved, StoreFault> {
        self.step(move |connection| Box::pin(device_act::switch(which, to, connection)))
            .await
    }

    async fn restore_device(&mut self, which: DeviceAt) -> Result<Moved, StoreFault> {
        self.step(move |connection| Box::pin(device_act::restore(which, connection)))
            .await
    }

    async fn restore_name(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<bool, StoreFault> {
        let name = name.clone();
        self.step(move |connection| {
            Box::pin(async move { departure::restore_name(organization, &name, connection).await })
        })
        .await
    }

    async fn rekey_device(&mut self, rekey: Rekey) -> Result<Rekeyed, StoreFault> {
        self.step(move |connection| Box::pin(device_act::rekey(rekey, connection)))
            .await
    }

    async fn delete_device(&mut self, which: DeviceAt) -> Result<Struck, StoreFault> {
        self.step(move |connection| Box::pin(departure::delete(which, connection)))
            .await
    }

    async fn release_device(&mut self, which: DeviceAt, to: &OrganizationSlug) -> Result<Moved, StoreFault> {
        let to = to.clone();
        self.step(move |connection| Box::pin(async move { departure::release(which, &to, connection).await }))
            .await
    }

    async fn withdraw_release(&mut self, which: DeviceAt) -> Result<bool, StoreFault> {
        self.step(move |connection| Box::pin(departure::withdraw(which, connection)))
            .await
    }

    async fn claim_device(&mut self, claim: &DeviceClaim) -> Result<Claimed, StoreFault> {
        let claim = claim.clone();
        self.step(move |connection| Box::pin(async move { departure::claim(&claim, connection).await }))
            .await
    }

    async fn tell(&mut self, row: JournalRow) -> Result<(), StoreFault> {
        self.step(move |connection| Box::pin(async move { journal::add(&row, connection).await }))
            .await
    }
}
