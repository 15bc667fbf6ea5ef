// SPDX-License-Identifier: Apache-2.0
//! The two revocations: of a certificate, after which the device may enroll again; of a device, after which it may not.

use std::time::Duration;

use tamga_registry::device::RegistrationId;
use tamga_registry::id::CertificateId;
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::role::Permission;
use tamga_registry::store::{CertificateStrike, DeviceStrike, Struck};
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use crate::administer::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

/// How soon revocations become visible: the bound that is promised.
#[derive(Debug, Clone, Copy)]
pub struct Visibility {
    /// From the revocation to the list that names it.
    pub within: Duration,
}

/// What a revocation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Since when it is revoked.
    pub at: Timestamp,
    /// The certificates struck by this call.
    pub certificates: Vec<CertificateId>,
    /// It was revoked before, and this call changed nothing.
    pub already: bool,
    /// By when every list that names it is published.
    pub visible_by: Timestamp,
}

impl Administration {
    /// Revokes a certificate. Its device may enroll again; with key compromise its key is blocked for ever, everywhere.
    ///
    /// Idempotent: a certificate revoked before stays revoked as it was.
    pub async fn revoke_certificate(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        certificate: CertificateId,
        reason: RevocationReason,
    ) -> Result<Revoked, Failure> {
        let object = certificate.to_string();
        self.witnessed(caller, Permission::CertificateRevoke, object, async {
            let (organization, permit) = self
                .enter(caller, Permission::CertificateRevoke, organization)
                .await?;
            let detail = (certificate.to_string(), Some(reason.slug().to_owned()));
            let act = self.act_that(caller, &permit, &organization, detail)?;
            let at = self.means.now();
            let mut change = self.means.store.change(act).await?;
            let strike = CertificateStrike {
                organization: organization.id,
                certificate,
                reason,
                at,
            };
            let struck = change.strike_certificate(strike).await?;
            self.settle(change, struck, "certificate", at).await
        })
        .await
    }

    /// Revokes a device: its certificates, its open orders, and its right to enroll by any road.
    ///
    /// Idempotent, as [`Self::revoke_certificate`].
    pub async fn revoke_device(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
        reason: RevocationReason,
    ) -> Result<Revoked, Failure> {
        let object = id.to_string();
        self.witnessed(caller, Permission::DeviceRevoke, object, async {
            let (organization, permit) = self.enter(caller, Permission::DeviceRevoke, organization).await?;
            let view = self.means.store.device(organization.id, id).await?;
            let device = view.ok_or(Refusal::NotFound("device"))?.device.id;
            let detail = (device.to_string(), Some(reason.slug().to_owned()));
            let act = self.act_that(caller, &permit, &organization, detail)?;
            let at = self.means.now();
            let mut change = self.means.store.change(act).await?;
            let strike = DeviceStrike {
                organization: organization.id,
                device,
                reason,
                at,
            };
            let struck = change.strike_device(strike).await?;
            self.settle(change, struck, "device", at).await
        })
        .await
    }

    pub(crate) async fn settle(
        &self,
        change: Box<dyn tamga_registry::store::Change>,
        struck: Struck,
        noun: &'static str,
        at: Timestamp,
    ) -> Result<Revoked, Failure> {
        let visible_by = at.saturating_add(self.visibility.within);
        // What is revoked is revoked since its first revocation, whatever came to light since.
        let (at, certificates, already) = match struck {
            Struck::Nothing => return Err(Refusal::NotFound(noun).into()),
            Struck::Expired => return Err(Refusal::CertificateExpired.into()),
            Struck::Before(since) => (since, Vec::new(), true),
            Struck::Now(certificates) => (at, certificates, false),
            Struck::Late { since, certificates } => (since, certificates, false),
        };
        if !already {
            change.keep().await?;
            metrics::counter!("tamga_revocations_total", "noun" => noun).increment(1);
        }
        Ok(Revoked {
            at,
            certificates,
            already,
            visible_by,
        })
    }
}
