// SPDX-License-Identifier: Apache-2.0
//! What an open change does with devices, besides revoking them.

use async_trait::async_trait;
use tamga_x509::time::Timestamp;

use super::{StoreFault, Struck};
use crate::device::{BoundCredential, RegistrationId};
use crate::enrollment::EnrollmentState;
use crate::id::{DeviceId, OrganizationId};
use crate::journal::JournalRow;
use crate::organization::OrganizationSlug;

/// A device, and when something is done to it.
#[derive(Debug, Clone, Copy)]
pub struct DeviceAt {
    /// Whose.
    pub organization: OrganizationId,
    /// Which one.
    pub device: DeviceId,
    /// Now.
    pub at: Timestamp,
}

/// What became of a device that was to move to another state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It did.
    Now,
    /// It was there before; nothing changed.
    Already,
    /// It is revoked, and first has to be restored.
    Revoked,
    /// There is no such device in the organization.
    Nothing,
}

/// `device.rekey`.
#[derive(Debug, Clone, Copy)]
pub struct Rekey {
    /// Which device.
    pub which: DeviceAt,
    /// What it proves itself with from now on.
    pub to: BoundCredential,
}

/// What became of a device that was to be bound elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rekeyed {
    /// It is bound so now, or was before.
    Bound,
    /// There is no such enrollment in the organization.
    NoEnrollment,
    /// An individual enrollment names the device, and goes before every group; it is no obstacle to a disabled device.
    NamedInAdvance,
    /// There is no such device in the organization.
    Nothing,
}

/// `device.claim`.
#[derive(Debug, Clone)]
pub struct DeviceClaim {
    /// Who lets the device go.
    pub from: OrganizationSlug,
    /// What the device calls itself.
    pub registration_id: RegistrationId,
    /// Who takes it.
    pub to: (OrganizationId, OrganizationSlug),
    /// Now.
    pub at: Timestamp,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The device is gone from where it was.
    Now {
        /// Where that was.
        organization: OrganizationId,
        /// What it was there.
        device: DeviceId,
        /// What its going struck.
        struck: Struck,
    },
    /// The one who takes it has a device of this name.
    NameTaken,
    /// Nobody of that slug lets such a device go to this one.
    Nothing,
}

/// What an open change does with devices. Each raises the generation of the device it changes: what was judged before, and
/// is not yet kept, is judged again.
#[async_trait]
pub trait DeviceChange: Send {
    /// Enables or disables a device. Its certificates stay as they are.
    async fn switch_device(&mut self, which: DeviceAt, to: EnrollmentState) -> Result<Moved, StoreFault>;

    /// Lets a revoked device enroll again. Its certificates stay revoked, and its next order raises the epoch.
    async fn restore_device(&mut self, which: DeviceAt) -> Result<Moved, StoreFault>;

    /// Lets whoever comes under a name enroll that a revoked or released device has taken into its grave. False where no
    /// grave keeps the name.
    async fn restore_name(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<bool, StoreFault>;

    /// Binds a device to another credential. Its open orders fail with `device_rekeyed`, and its next one raises the epoch;
    /// its certificates stay as they are.
    async fn rekey_device(&mut self, rekey: Rekey) -> Result<Rekeyed, StoreFault>;

    /// Buries a device: every unexpired certificate is revoked (`cessation_of_operation`), its open orders fail with
    /// `device_deleted`, its birth keys and its name are free again, unless it was revoked.
    async fn delete_device(&mut self, which: DeviceAt) -> Result<Struck, StoreFault>;

    /// Lets a device go to another organization, whether there is one of that slug or not; a later call names another one.
    async fn release_device(&mut self, which: DeviceAt, to: &OrganizationSlug) -> Result<Moved, StoreFault>;

    /// Lets it go no longer. False where it was not let go.
    async fn withdraw_release(&mut self, which: DeviceAt) -> Result<bool, StoreFault>;

    /// Takes a device that another organization lets go: it is buried there as by [`Self::delete_device`], with the
    /// reason `affiliation_changed`, and its name stays in its grave.
    async fn claim_device(&mut self, claim: &DeviceClaim) -> Result<Claimed, StoreFault>;

    /// Adds a journal row to the one of the act, for another organization that the change is about.
    async fn tell(&mut self, row: JournalRow) -> Result<(), StoreFault>;
}
