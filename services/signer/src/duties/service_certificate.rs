// SPDX-License-Identifier: Apache-2.0
//! The duty `service_certificate`: Tamga's own TLS certificate is issued, renewed in its window, and shown at once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::secrets::Vault;
use tamga_authority::service::{ServiceCertificates, ServiceIdentity};
use tamga_authority::{Fault, Means};
use tamga_registry::secret::SealingPurpose;
use tamga_x509::key::KeyAlgorithm;
use tamga_x509::name::ServerNames;
use tamga_x509::time::Timestamp;
use zeroize::Zeroizing;

use super::Duty;
use crate::software;

/// Shows a chain, leaf first, with its key (unencrypted PKCS #8) from the next handshake on.
pub type Show = Box<dyn Fn(&[Arc<[u8]>], Zeroizing<Vec<u8>>) -> Result<(), String> + Send + Sync>;

/// Keeps the TLS certificate.
pub struct ServiceCertificate {
    certificates: ServiceCertificates,
    means: Means,
    vault: Arc<dyn Vault>,
    names: ServerNames,
    show: Show,
    shown: Mutex<Option<ServiceIdentity>>,
}

impl ServiceCertificate {
    /// A certificate for these names, shown by `show`.
    pub fn new(
        certificates: ServiceCertificates,
        means: Means,
        vault: Arc<dyn Vault>,
        names: ServerNames,
        show: Show,
    ) -> Self {
        Self {
            certificates,
            means,
            vault,
            names,
            show,
            shown: Mutex::default(),
        }
    }

    /// Until when the certificate that is shown is valid.
    pub fn valid_until(&self) -> Option<Timestamp> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.as_ref().map(|identity| identity.window.closes)
    }

    /// Whether a certificate is shown that is valid now, for readiness.
    ///
    /// # Errors
    /// What is wrong, as one sentence.
    pub fn check(&self) -> Result<(), String> {
        match self.valid_until() {
            None => Err("there is no TLS certificate yet".to_owned()),
            Some(until) if until < self.means.clock.now() => {
                Err(format!("the TLS certificate expired at {until}"))
            }
            Some(_) => Ok(()),
        }
    }

    fn shows(&self, identity: &ServiceIdentity) -> bool {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.as_ref().is_some_and(|shown| shown.chain == identity.chain)
    }

    async fn issue(&self) -> Result<ServiceIdentity, Fault> {
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
        let identity = self.certificates.issue(sealed, &self.names).await?;
        tracing::info!(valid_until = %identity.window.closes, "issued a TLS certificate");
        Ok(identity)
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

    async fn perform(&self) -> Result<(), Fault> {
        // Asked anew each round: the one that is shown may have been revoked, or renewed by another process of the house.
        let kept = self.certificates.current().await?;
        let kept = kept.filter(|identity| identity.serves(&self.names, self.means.clock.now()));
        let identity = match kept {
            Some(identity) if self.shows(&identity) => return Ok(()),
            Some(identity) => identity,
            None => self.issue().await?,
        };
        let during = "showing a TLS certificate";
        let key = software::unseal(&identity.key, &*self.vault, &*self.means.store)
            .await
            .map_err(|fault| Fault::new(during, fault))?;
        (self.show)(&identity.chain, key).map_err(|what| Fault::new(during, what))?;
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(identity);
        Ok(())
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
