// SPDX-License-Identifier: Apache-2.0
//! What revocations of many certificates ask of memory.

use async_trait::async_trait;
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::id::{CertificateId, MassRevocationId, OrganizationId};
use crate::mass_revocation::{Course, MassRevocation, Query, Stretch};
use crate::page::Page;

/// What is read of them.
#[async_trait]
pub trait MassRevocations: Send + Sync {
    /// What a query finds of the next devices of an organization, by their registration ids, and now; and what else would
    /// be struck for this reason.
    async fn revocable(
        &self,
        (organization, query, reason): (OrganizationId, &Query, RevocationReason),
        (after, devices): (Option<String>, u32),
        now: Timestamp,
    ) -> Result<Stretch, StoreFault>;

    /// One of an organization.
    async fn mass_revocation(
        &self,
        organization: OrganizationId,
        id: MassRevocationId,
    ) -> Result<Option<MassRevocation>, StoreFault>;

    /// A page of those of an organization.
    async fn mass_revocations(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<MassRevocation>, StoreFault>;

    /// Those that are not done, wherever: the oldest, or the next after one.
    async fn running_revocations(
        &self,
        after: Option<&MassRevocation>,
        limit: u32,
    ) -> Result<Vec<MassRevocation>, StoreFault>;
}

/// What an open change does with them.
#[async_trait]
pub trait MassRevocationChange: Send {
    /// Writes one down.
    async fn add_mass_revocation(&mut self, revocation: &MassRevocation) -> Result<(), StoreFault>;

    /// Moves one on by one step, from the course that was read to another; with an instant, it is done. False when
    /// somebody else has done that step: then this change is not to be kept.
    async fn move_mass_revocation(
        &mut self,
        id: MassRevocationId,
        (steps, to): (i64, Course),
        finished_at: Option<Timestamp>,
    ) -> Result<bool, StoreFault>;

    /// From now on nothing happens to the devices of these certificates until the change ends. Excluded all at once and in
    /// the order in which a batch of intents excludes its own, before anything else of a step: else each could wait for the
    /// other.
    async fn hold_devices_of(&mut self, certificates: Vec<CertificateId>) -> Result<(), StoreFault>;
}
