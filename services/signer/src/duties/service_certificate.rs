// SPDX-License-Identifier: Apache-2.0
//! The duty `service_certificate`: Tamga's own TLS certificate is issued and renewed in its window. Gateways show it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::secrets::Vault;
use tamga_authority::service::{ServiceCertificates, current};
use tamga_authority::{Fault, Means};
use tamga_registry::id::CertificateId;
use tamga_registry::secret::SealingPurpose;
use tamga_runtime::duty::{Ailment, Duty};
use tamga_x509::key::KeyAlgorithm;
use tamga_x509::name::ServerNames;

use crate::software;

/// Keeps the TLS certificate.
pub struct ServiceCertificate {
    certificates: ServiceCertificates,
    means: Means,
    vault: Arc<dyn Vault>,
    names: ServerNames,
}

impl ServiceCertificate {
    /// A certificate for these names.
    pub fn new(
        certificates: ServiceCertificates,
        means: Means,
        vault: Arc<dyn Vault>,
        names: ServerNames,
    ) -> Self {
        Self {
            certificates,
            means,
            vault,
            names,
        }
    }

    async fn issue(&self, instead_of: Option<CertificateId>) -> Result<(), Fault> {
        let during = "making a TLS key";
        let store = &self.means.store;
        let organization = store.first_organization().await?;
        let organization = organization.ok_or_else(|| Fault::new(during, "there is no organization yet"))?;
        let data_keys = store
            .data_keys(SealingPurpose::ServiceKeys, organization.id)
            .await?;
        let newest = data_keys.iter().max_by_key(|key| key.version);
        let newest = newest.ok_or_else(|| Fault::new(during, "there is no data key for service keys"))?;
        let (now, chance) = (self.means.clock.now(), &*self.means.chance);
        let (_, sealed) = software::make(KEY_ALGORITHM, newest, &*self.vault, now, chance)
            .map_err(|fault| Fault::new(during, fault))?;
        // Nothing: another signer is at it, and is looked after in the next round.
        if let Some(identity) = self.certificates.issue(sealed, &self.names, instead_of).await? {
            tracing::info!(valid_until = %identity.window.closes, "issued a TLS certificate");
        }
        Ok(())
    }
}

#[async_trait]
impl Duty for ServiceCertificate {
    fn name(&self) -> &'static str {
        "service_certificate"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn perform(&self) -> Result<(), Ailment> {
        // Asked anew each round: the one in force may have been revoked, or renewed by another signer.
        let kept = current(&*self.means.store).await?;
        let now = self.means.clock.now();
        match kept {
            Some(identity) if identity.serves(&self.names, now) => Ok(()),
            unfit => Ok(self.issue(unfit.map(|identity| identity.id)).await?),
        }
    }
}

impl fmt::Debug for ServiceCertificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ServiceCertificate")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// Every TLS client in the field has it, and it is the fastest to sign with.
const KEY_ALGORITHM: KeyAlgorithm = KeyAlgorithm::EcP256;
const PERIOD: Duration = Duration::from_secs(1);
