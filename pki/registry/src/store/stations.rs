// SPDX-License-Identifier: Apache-2.0
//! What stations ask of memory: to be kept, to be counted, and what an earlier unit was.

use async_trait::async_trait;
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use super::{DeviceAt, StoreFault};
use crate::device::RegistrationId;
use crate::id::{CertificateId, DeviceId, OrganizationId, StationId};
use crate::page::Page;
use crate::station::{EarlierUnit, JudgedStation, Station, StationState};

/// What became of a new station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StationAdded {
    /// It is added.
    Added,
    /// Another station of the organization has this name.
    Taken,
    /// Its group is none of its organization.
    NoGroup,
}

/// A rework to be opened.
#[derive(Debug, Clone, Copy)]
pub struct Rework {
    /// Whose unit, which one, and now.
    pub which: DeviceAt,
    /// Where, as it was judged.
    pub station: JudgedStation,
    /// How often one may be. Those of its name that are gone count along.
    pub most: i64,
    /// Everything good that it has, or has under way, is revoked as superseded.
    pub revokes: bool,
}

/// What became of a rework that was to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReworkOpened {
    /// It is open now, the unit's so manieth; these certificates and intents were revoked with it.
    Now(i64, Vec<CertificateId>),
    /// It was open, the unit's so manieth, and is not counted again; these certificates and intents, good until now, were
    /// revoked. To be kept where there are any.
    Before(i64, Vec<CertificateId>),
    /// The unit or the station is not as judged any more: nothing was done, and it is to be judged again.
    Stale,
    /// The unit was reworked as often as it may be.
    Limit,
    /// The unit is kept out for now.
    Disabled,
    /// The unit is revoked.
    Revoked,
    /// There is no such unit any more.
    Nothing,
}

/// What is read of stations.
#[async_trait]
pub trait Stations: Send + Sync {
    /// A station of an organization.
    async fn station(
        &self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Station>, StoreFault>;

    /// A station, wherever it is.
    async fn station_by_id(&self, id: StationId) -> Result<Option<Station>, StoreFault>;

    /// A page of the stations of an organization.
    async fn stations(&self, organization: OrganizationId, page: &Page) -> Result<Vec<Station>, StoreFault>;

    /// Whether a unit may have one more certificate under a new key, at a station.
    async fn rework_is_open(&self, device: DeviceId) -> Result<bool, StoreFault>;

    /// The unit of an organization that has this key.
    async fn unit_of_key(
        &self,
        organization: OrganizationId,
        key: &SpkiHash,
    ) -> Result<Option<EarlierUnit>, StoreFault>;

    /// The unit of an organization that has this registration id.
    async fn unit_of_name(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<EarlierUnit>, StoreFault>;
}

/// What an open change does with stations.
#[async_trait]
pub trait StationChange: Send {
    /// Adds a station, or says why not: then nothing is added.
    async fn add_station(&mut self, station: &Station) -> Result<StationAdded, StoreFault>;

    /// Enables or disables a station. False when there is none of that name.
    async fn set_station_state(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        state: StationState,
    ) -> Result<bool, StoreFault>;

    /// Lets a unit have one more certificate under a new key, at a station. What is under way then fails with `unit_reworked`
    /// where it is to be revoked. A unit that may already may still, and is not counted again; what it has is revoked all the
    /// same where that is asked for.
    ///
    /// The unit is bound to the station's group and the station is as judged, until the change ends: else it is
    /// [`ReworkOpened::Stale`].
    async fn open_rework(&mut self, rework: Rework) -> Result<ReworkOpened, StoreFault>;

    /// Whether a device is bound to the group of a station, and the station is as judged. Where it is so, it stays so
    /// until the change ends.
    async fn unit_is_at(&mut self, which: DeviceAt, station: JudgedStation) -> Result<bool, StoreFault>;

    /// Removes a station; its tokens are revoked and its certificates prove nobody. False when there is none of that
    /// name. What was made at it stays, and names it by its id.
    async fn remove_station(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        at: Timestamp,
    ) -> Result<bool, StoreFault>;
}
