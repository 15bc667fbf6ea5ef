// SPDX-License-Identifier: Apache-2.0
//! Devices that go: deleted, or let go to another organization, which claims them.

use tamga_registry::device::RegistrationId;
use tamga_registry::id::{DeviceId, OrganizationId};
use tamga_registry::journal::{JournalRow, Outcome};
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::role::Permission;
use tamga_registry::store::{Claimed, DeviceClaim};

use super::Administration;
use super::device::moved;
use crate::guard::Caller;
use crate::journal::Happening;
use crate::refusal::{Failure, Fault, Refusal};
use crate::revoke::Revoked;

impl Administration {
    /// Deletes a device. A tombstone stays: its history, its revocation and its limits outlive it. Its certificates are
    /// revoked, so that its name can go to another key at once.
    pub async fn delete_device(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
    ) -> Result<Revoked, Failure> {
        self.witnessed(caller, Permission::DeviceDelete, id.to_string(), async {
            let (organization, permit) = self.enter(caller, Permission::DeviceDelete, organization).await?;
            let which = self.device_at(organization.id, id).await?;
            let act = self.act(caller, &permit, &organization, which.device.to_string())?;
            let mut change = self.means.store.change(act).await?;
            let struck = change.delete_device(which).await?;
            self.settle(change, struck, "device", which.at).await
        })
        .await
    }

    /// Lets a device go to another organization. Until that one claims it nothing changes, and this can be taken back.
    /// Whether there is such an organization is not told.
    pub async fn release_device(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
        to: &OrganizationSlug,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::DeviceRelease, id.to_string(), async {
            let (organization, permit) = self
                .enter(caller, Permission::DeviceRelease, organization)
                .await?;
            if *to == organization.slug {
                return Err(Refusal::Invalid {
                    field: "to",
                    reason: "the device is of this organization: name another one".to_owned(),
                }
                .into());
            }
            let which = self.device_at(organization.id, id).await?;
            let detail = (which.device.to_string(), Some(to.to_string()));
            let act = self.act_that(caller, &permit, &organization, detail)?;
            let mut change = self.means.store.change(act).await?;
            if moved(change.release_device(which, to).await?)? {
                change.keep().await?;
            }
            Ok(())
        })
        .await
    }

    /// Lets a device go no longer.
    pub async fn withdraw_release(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::DeviceRelease, id.to_string(), async {
            let (organization, permit) = self
                .enter(caller, Permission::DeviceRelease, organization)
                .await?;
            let which = self.device_at(organization.id, id).await?;
            let detail = (which.device.to_string(), Some("withdrawn".to_owned()));
            let act = self.act_that(caller, &permit, &organization, detail)?;
            let mut change = self.means.store.change(act).await?;
            if !change.withdraw_release(which).await? {
                return Err(Refusal::NotFound("release").into());
            }
            Ok(change.keep().await?)
        })
        .await
    }

    /// Takes a device that another organization lets go. There it becomes a tombstone and its certificates are revoked,
    /// for they name that organization; here it is a new device from its first admission on.
    ///
    /// Without a release to this very organization there is nothing to claim, whatever exists elsewhere.
    pub async fn claim_device(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
        from: &OrganizationSlug,
    ) -> Result<Revoked, Failure> {
        self.witnessed(caller, Permission::DeviceClaim, id.to_string(), async {
            let (organization, permit) = self.enter(caller, Permission::DeviceClaim, organization).await?;
            let detail = (id.to_string(), Some(from.to_string()));
            let act = self.act_that(caller, &permit, &organization, detail)?;
            let claim = DeviceClaim {
                from: from.clone(),
                registration_id: id.clone(),
                to: (organization.id, organization.slug.clone()),
                at: self.means.now(),
            };
            let mut change = self.means.store.change(act).await?;
            let (home, device, struck) = match change.claim_device(&claim).await? {
                Claimed::Now {
                    organization,
                    device,
                    struck,
                } => (organization, device, struck),
                Claimed::NameTaken => return Err(Refusal::NameTaken("device").into()),
                Claimed::Nothing => return Err(Refusal::NotFound("release").into()),
            };
            let row = self.claimed_row(caller, (home, device), &organization.slug)?;
            change.tell(row).await?;
            self.settle(change, struck, "device", claim.at).await
        })
        .await
    }

    /// What the journal of the organization says that let the device go.
    fn claimed_row(
        &self,
        caller: &Caller,
        (home, device): (OrganizationId, DeviceId),
        by: &OrganizationSlug,
    ) -> Result<JournalRow, Fault> {
        let happening = Happening {
            organization: Some(home),
            act: Permission::DeviceClaim.act(),
            actor: caller.principal.clone(),
            object: device.to_string(),
            context: caller.context,
            outcome: Outcome::Done(Some(format!("by {by}"))),
            digests: &[],
        };
        happening.row(self.means.now(), &*self.means.chance)
    }
}
