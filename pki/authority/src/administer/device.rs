// SPDX-License-Identifier: Apache-2.0
//! What operators do with a device that stays: keep it out and let it in, restore it, bind it to another credential.

use tamga_registry::admission::Denial;
use tamga_registry::device::{BoundCredential, RegistrationId};
use tamga_registry::enrollment::{EnrollmentRef, EnrollmentState};
use tamga_registry::id::{DeviceId, OrganizationId};
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::role::Permission;
use tamga_registry::store::{DeviceAt, Moved, Rekey, Rekeyed};

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

/// Which enrollment a device is to prove itself by.
#[derive(Debug)]
pub enum RekeyTo {
    /// The group of this name.
    Group(RegistrationId),
    /// The individual enrollment that names it.
    Individual(RegistrationId),
}

impl Administration {
    /// Keeps a device out, or lets it in again. Its certificates stay good; what it asked for and has not got waits.
    ///
    /// Idempotent.
    pub async fn set_device_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::DeviceUpdate, id.to_string(), async {
            let (organization, permit) = self.enter(caller, Permission::DeviceUpdate, organization).await?;
            let which = self.device_at(organization.id, id).await?;
            let detail = (which.device.to_string(), Some(state.word().to_owned()));
            let act = self.act_that(caller, &permit, &organization, detail)?;
            let mut change = self.means.store.change(act).await?;
            if moved(change.switch_device(which, state).await?)? {
                change.keep().await?;
            }
            Ok(())
        })
        .await
    }

    /// Lets a revoked device enroll again, or gives a name free that a revoked or released device took into its grave.
    /// Whatever was revoked stays revoked; the device's next order raises the epoch.
    ///
    /// Idempotent.
    pub async fn restore_device(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::DeviceRestore, id.to_string(), async {
            let (organization, permit) = self
                .enter(caller, Permission::DeviceRestore, organization)
                .await?;
            let known = self.known_device(organization.id, id).await?;
            let object = known.map_or_else(|| id.to_string(), |which| which.device.to_string());
            let act = self.act(caller, &permit, &organization, object)?;
            let mut change = self.means.store.change(act).await?;
            let restored = match known {
                Some(which) => moved(change.restore_device(which).await?)?,
                None if change.restore_name(organization.id, id).await? => true,
                None => return Err(Refusal::NotFound("device").into()),
            };
            if restored {
                change.keep().await?;
            }
            Ok(())
        })
        .await
    }

    /// Binds a device to another credential: the only act that does. What it proved itself with before proves it no
    /// longer, and what it asked for by that and has not got, it does not get. Its certificates stay good.
    pub async fn rekey_device(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
        to: RekeyTo,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::DeviceRekey, id.to_string(), async {
            let (organization, permit) = self.enter(caller, Permission::DeviceRekey, organization).await?;
            let which = self.device_at(organization.id, id).await?;
            let to = self.credential(organization.id, id, to).await?;
            let detail = (which.device.to_string(), Some(to.enrollment.to_string()));
            let act = self.act_that(caller, &permit, &organization, detail)?;
            let mut change = self.means.store.change(act).await?;
            match change.rekey_device(Rekey { which, to }).await? {
                Rekeyed::Bound => {}
                Rekeyed::NoEnrollment => return Err(Refusal::NotFound("enrollment").into()),
                Rekeyed::NamedInAdvance => return Err(named_in_advance().into()),
                Rekeyed::Nothing => return Err(Refusal::NotFound("device").into()),
            }
            Ok(change.keep().await?)
        })
        .await
    }

    /// What an enrollment proves a device by.
    async fn credential(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
        to: RekeyTo,
    ) -> Result<BoundCredential, Failure> {
        let store = &self.means.store;
        match to {
            RekeyTo::Group(name) => {
                let group = store.group(organization, &name).await?;
                let group = group.ok_or(Refusal::NotFound("enrollment group"))?;
                Ok(BoundCredential {
                    method: group.terms.attestation.method(),
                    enrollment: EnrollmentRef::Group(group.id),
                })
            }
            RekeyTo::Individual(name) if name != *id => Err(Refusal::Invalid {
                field: "enrollment",
                reason: "an individual enrollment is of the device it names: name the device's own"
                    .to_owned(),
            }
            .into()),
            RekeyTo::Individual(name) => {
                let individual = store.individual(organization, &name).await?;
                let individual = individual.ok_or(Refusal::NotFound("individual enrollment"))?;
                Ok(BoundCredential {
                    method: individual.terms.attestation.method(),
                    enrollment: EnrollmentRef::Individual(individual.id),
                })
            }
        }
    }

    /// A device of an organization, as of now.
    pub(super) async fn device_at(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<DeviceAt, Failure> {
        let known = self.known_device(organization, id).await?;
        known.ok_or_else(|| Refusal::NotFound("device").into())
    }

    async fn known_device(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
    ) -> Result<Option<DeviceAt>, Failure> {
        let view = self.means.store.device(organization, id).await?;
        let device = view.map(|view| -> DeviceId { view.device.id });
        Ok(device.map(|device| DeviceAt {
            organization,
            device,
            at: self.means.now(),
        }))
    }
}

/// Whether a device has moved.
pub(super) fn moved(moved: Moved) -> Result<bool, Refusal> {
    match moved {
        Moved::Now => Ok(true),
        Moved::Already => Ok(false),
        Moved::Revoked => Err(Denial::DeviceRevoked.into()),
        Moved::Nothing => Err(Refusal::NotFound("device")),
    }
}

fn named_in_advance() -> Refusal {
    Refusal::Invalid {
        field: "group",
        reason: "an individual enrollment names this device and goes before every group, so the device could not enroll: \
                 disable the device, rekey it, remove that enrollment, and enable the device again"
            .to_owned(),
    }
}
