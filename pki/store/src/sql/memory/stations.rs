// SPDX-License-Identifier: Apache-2.0
//! What stations ask, and the steps of a change that concern them.

use async_trait::async_trait;
use tamga_registry::device::RegistrationId;
use tamga_registry::id::{DeviceId, OrganizationId, StationId};
use tamga_registry::page::Page;
use tamga_registry::station::{EarlierUnit, JudgedStation, Station, StationState};
use tamga_registry::store::{
    DeviceAt, Rework, ReworkOpened, StationAdded, StationChange, Stations, StoreFault,
};
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use super::super::{station, unit};
use super::change::OpenChange;
use super::{Memory, within};

#[async_trait]
impl Stations for Memory {
    async fn station(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Station>, StoreFault> {
        within(async { station::find(organization, name, &mut *self.reader().await?).await }).await
    }

    async fn station_by_id(&self, id: StationId) -> Result<Option<Station>, StoreFault> {
        within(async { station::by_id(id, &mut *self.reader().await?).await }).await
    }

    async fn stations(&self, organization: OrganizationId, page: &Page) -> Result<Vec<Station>, StoreFault> {
        within(async { station::page(organization, page, &mut *self.reader().await?).await }).await
    }

    async fn rework_is_open(&self, device: DeviceId) -> Result<bool, StoreFault> {
        let found = within(async { unit::rework(device, &mut *self.reader().await?).await }).await?;
        Ok(found.is_some_and(|(open, _)| open))
    }

    async fn unit_of_key(
        &self,
        organization: OrganizationId,
        key: &SpkiHash,
    ) -> Result<Option<EarlierUnit>, StoreFault> {
        within(async { unit::unit_of_key(organization, key, &mut *self.reader().await?).await }).await
    }

    async fn unit_of_name(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<EarlierUnit>, StoreFault> {
        within(async { unit::unit_of_name(organization, id, &mut *self.reader().await?).await }).await
    }
}

#[async_trait]
impl StationChange for OpenChange {
    async fn add_station(&mut self, station: &Station) -> Result<StationAdded, StoreFault> {
        let row = station.clone();
        self.change_policy(row.organization, move |connection| {
            Box::pin(async move { station::add(&row, connection).await })
        })
        .await
    }

    async fn set_station_state(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        state: StationState,
    ) -> Result<bool, StoreFault> {
        let name = name.clone();
        self.change_policy(organization, move |connection| {
            Box::pin(async move { station::set_state(organization, &name, state, connection).await })
        })
        .await
    }

    async fn open_rework(&mut self, rework: Rework) -> Result<ReworkOpened, StoreFault> {
        self.step(move |connection| Box::pin(unit::open_rework(rework, connection)))
            .await
    }

    async fn unit_is_at(&mut self, which: DeviceAt, station: JudgedStation) -> Result<bool, StoreFault> {
        self.step(move |connection| Box::pin(unit::is_at(which, station, connection)))
            .await
    }

    async fn remove_station(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        at: Timestamp,
    ) -> Result<bool, StoreFault> {
        let name = name.clone();
        self.change_policy(organization, move |connection| {
            Box::pin(async move { station::remove(organization, &name, at, connection).await })
        })
        .await
    }
}
