// SPDX-License-Identifier: Apache-2.0
//! What becomes of a unit that is no good: it is scrapped, or reworked and given another certificate.

use tamga_registry::admission::Denial;
use tamga_registry::device::{Device, RegistrationId};
use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::{CertificateId, OrganizationId};
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::role::{Permission, Principal};
use tamga_registry::station::{Station, admit_station};
use tamga_registry::store::{DeviceAt, DeviceStrike, DeviceView, Rework, ReworkOpened};
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::Factory;
use crate::guard::{Caller, Permit, permit};
use crate::refusal::{Failure, Fault, Refusal};
use crate::revoke::Revoked;

/// A unit that may have one more certificate, under a new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reworked {
    /// How often it might so far.
    pub count: i64,
    /// It might before, and was not counted again.
    pub already: bool,
    /// The certificates revoked by this call.
    pub revoked: Vec<CertificateId>,
    /// By when every list that names them is published.
    pub visible_by: Timestamp,
}

impl Factory {
    /// Scraps a unit: what it has is revoked, and it comes back by no road. Its name stays taken.
    ///
    /// Idempotent, as a revocation of a device is. A station, and whoever names one, scraps units of its group alone; to whoever
    /// names none a unit is a device like any other, which takes the right to revoke devices.
    pub async fn scrap(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (id, named): (&RegistrationId, Option<&RegistrationId>),
    ) -> Result<Revoked, Failure> {
        let administration = &self.administration;
        let scrap = Permission::UnitScrap;
        administration
            .witnessed(caller, scrap, id.to_string(), async {
                let (organization, permit) = administration.enter(caller, scrap, organization).await?;
                for _ in 0..ATTEMPTS {
                    let scrapped = self.scrapped(caller, (&organization, &permit), (id, named));
                    if let Some(revoked) = scrapped.await? {
                        return Ok(revoked);
                    }
                }
                Err(Fault::new("scrapping a unit", TOO_FAST).into())
            })
            .await
    }

    /// Nothing, where what it was judged by changed meanwhile.
    async fn scrapped(
        &self,
        caller: &Caller,
        (organization, permit): (&Organization, &Permit),
        (id, named): (&RegistrationId, Option<&RegistrationId>),
    ) -> Result<Option<Revoked>, Failure> {
        let administration = &self.administration;
        let at = administration.means.now();
        let station = self.scraps_at(caller, organization, (named, at)).await?;
        let device = self.unit_of(organization.id, id).await?.device;
        if let Some(station) = &station {
            is_of(&device, station)?;
        }
        let reason = RevocationReason::CessationOfOperation;
        let told = match &station {
            Some(station) => format!("{}, at {}", reason.slug(), station.id),
            None => reason.slug().to_owned(),
        };
        let detail = (device.id.to_string(), Some(told));
        let act = administration.act_that(caller, permit, organization, detail)?;
        let mut change = administration.means.store.change(act).await?;
        if let Some(station) = &station {
            let which = DeviceAt {
                organization: organization.id,
                device: device.id,
                at,
            };
            if !change.unit_is_at(which, station.judged()).await? {
                return Ok(None);
            }
        }
        let strike = DeviceStrike {
            organization: organization.id,
            device: device.id,
            reason,
            at,
        };
        let struck = change.strike_device(strike).await?;
        administration.settle(change, struck, "unit", at).await.map(Some)
    }

    /// The station whose units are meant; none where it is any device of the organization, which the guard is asked for.
    async fn scraps_at(
        &self,
        caller: &Caller,
        organization: &Organization,
        (named, at): (Option<&RegistrationId>, Timestamp),
    ) -> Result<Option<Station>, Failure> {
        if let (Principal::Account(_) | Principal::LocalUser { .. }, None) = (&caller.principal, named) {
            let line = self.administration.line_of(organization).await?;
            permit(caller, Permission::DeviceRevoke, &line)?;
            return Ok(None);
        }
        let word = self.word(caller, organization, named).await?;
        let station = self
            .administration
            .means
            .store
            .station_by_id(word.station())
            .await?;
        let station = station.ok_or(Refusal::NotFound("station"))?;
        admit_station(&station, at)?;
        Ok(Some(station))
    }

    /// Lets a unit have exactly one more certificate at a station, under a new key. By the station's policy what it has, or
    /// has under way, is revoked as superseded at once, or stays good beside the new one. At its own door it is a device
    /// like any other meanwhile.
    ///
    /// Idempotent: a unit that may already may still, and is not counted again. What is good of it then is revoked all the
    /// same where the station has it so: the rework may have been opened at one that has not.
    pub async fn rework(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (id, named): (&RegistrationId, Option<&RegistrationId>),
    ) -> Result<Reworked, Failure> {
        let administration = &self.administration;
        let rework = Permission::UnitRework;
        administration
            .witnessed(caller, rework, id.to_string(), async {
                let (organization, permit) = administration.enter(caller, rework, organization).await?;
                for _ in 0..ATTEMPTS {
                    let reworked = self.reworked(caller, (&organization, &permit), (id, named));
                    if let Some(reworked) = reworked.await? {
                        return Ok(reworked);
                    }
                }
                Err(Fault::new("reworking a unit", TOO_FAST).into())
            })
            .await
    }

    /// Nothing, where what it was judged by changed meanwhile.
    async fn reworked(
        &self,
        caller: &Caller,
        (organization, permit): (&Organization, &Permit),
        (id, named): (&RegistrationId, Option<&RegistrationId>),
    ) -> Result<Option<Reworked>, Failure> {
        let administration = &self.administration;
        let store = &administration.means.store;
        let word = self.word(caller, organization, named).await?;
        let station = store.station_by_id(word.station()).await?;
        let station = station.ok_or(Refusal::NotFound("station"))?;
        let at = administration.means.now();
        admit_station(&station, at)?;
        let unit = self.unit_of(organization.id, id).await?;
        may_rework(&unit, &station)?;
        let detail = (unit.device.id.to_string(), Some(format!("at {}", station.id)));
        let act = administration.act_that(caller, permit, organization, detail)?;
        let mut change = store.change(act).await?;
        let opened = change.open_rework(Rework {
            which: DeviceAt {
                organization: organization.id,
                device: unit.device.id,
                at,
            },
            station: station.judged(),
            most: station.rework.most,
            revokes: station.rework.revokes,
        });
        let (count, already, revoked) = match opened.await? {
            ReworkOpened::Now(count, revoked) => (count, false, revoked),
            ReworkOpened::Before(count, revoked) => (count, true, revoked),
            ReworkOpened::Stale => return Ok(None),
            ReworkOpened::Limit => return Err(Denial::ReworkLimit.into()),
            ReworkOpened::Disabled => return Err(Denial::DeviceDisabled.into()),
            ReworkOpened::Revoked => return Err(Denial::DeviceRevoked.into()),
            ReworkOpened::Nothing => return Err(Refusal::NotFound("unit").into()),
        };
        if !already || !revoked.is_empty() {
            change.keep().await?;
        }
        Ok(Some(Reworked {
            count,
            already,
            revoked,
            visible_by: at.saturating_add(administration.visibility.within),
        }))
    }

    async fn unit_of(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<DeviceView, Failure> {
        let found = self.administration.means.store.device(organization, id).await?;
        found.ok_or_else(|| Refusal::NotFound("unit").into())
    }
}

/// A unit of another group is none of a station's.
fn is_of(device: &Device, station: &Station) -> Result<(), Refusal> {
    match device.bound.enrollment {
        EnrollmentRef::Group(group) if group == station.group => Ok(()),
        EnrollmentRef::Group(_) | EnrollmentRef::Individual(_) => Err(Refusal::NotFound("unit")),
    }
}

/// One without a certificate has nothing to be reworked.
fn may_rework(unit: &DeviceView, station: &Station) -> Result<(), Failure> {
    is_of(&unit.device, station)?;
    if unit.certificates.is_empty() {
        return Err(Refusal::NotFound("certificate of the unit").into());
    }
    Ok(())
}

/// How often what an act is judged by may change before it is done.
const ATTEMPTS: usize = 5;
const TOO_FAST: &str =
    "the unit or its station changed faster than it could be judged: send the request again";
