// SPDX-License-Identifier: Apache-2.0
//! The duty `tls_certificate`: the door shows the newest certificate that a signer keeps for it, without a restart.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tamga_authority::Means;
use tamga_authority::secrets::{Vault, open_software_key};
use tamga_authority::service::{ServiceIdentity, current};
use tamga_runtime::duty::{Ailment, Duty};
use tamga_runtime::tls::ServerIdentity;

/// What is shown.
pub struct Shown {
    means: Means,
    vault: Arc<dyn Vault>,
    identity: Arc<ServerIdentity>,
    kept: Mutex<ServiceIdentity>,
}

impl Shown {
    /// Shows the certificate in force. One serves every plane of a process.
    ///
    /// # Errors
    /// A sentence while there is none: a signer makes it; or when it cannot be shown.
    pub async fn new(means: &Means, vault: Arc<dyn Vault>) -> Result<Arc<Self>, Ailment> {
        let kept = current(&*means.store).await?.ok_or(NONE)?;
        let (chain, key) = unsealed(&kept, means, &*vault).await?;
        Ok(Arc::new(Self {
            means: means.clone(),
            vault,
            identity: Arc::new(ServerIdentity::new(chain, key)?),
            kept: Mutex::new(kept),
        }))
    }

    /// What TLS shows; it changes while connections live.
    #[must_use]
    pub fn identity(&self) -> Arc<ServerIdentity> {
        Arc::clone(&self.identity)
    }

    fn shows(&self, chain: &[Arc<[u8]>]) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.chain == chain
    }

    fn is_valid(&self) -> Result<(), Ailment> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let until = kept.window.closes;
        match until < self.means.clock.now() {
            true => Err(format!("the TLS certificate expired at {until}, and no signer renewed it").into()),
            false => Ok(()),
        }
    }
}

/// That the key belongs to the certificate is proven when the two are put together.
async fn unsealed(
    kept: &ServiceIdentity,
    means: &Means,
    vault: &dyn Vault,
) -> Result<(Vec<CertificateDer<'static>>, PrivatePkcs8KeyDer<'static>), Ailment> {
    let key = open_software_key(&kept.key, vault, &*means.store).await?;
    let chain = kept.chain.iter().map(|der| CertificateDer::from(der.to_vec()));
    Ok((chain.collect(), PrivatePkcs8KeyDer::from(key.to_vec())))
}

#[async_trait]
impl Duty for Shown {
    fn name(&self) -> &'static str {
        "tls_certificate"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn perform(&self) -> Result<(), Ailment> {
        if let Some(kept) = current(&*self.means.store).await?
            && !self.shows(&kept.chain)
        {
            let (chain, key) = unsealed(&kept, &self.means, &*self.vault).await?;
            self.identity.replace(chain, key)?;
            tracing::info!(valid_until = %kept.window.closes, "shows another TLS certificate");
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        }
        self.is_valid()
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Shown").finish_non_exhaustive()
    }
}

const NONE: &str = "there is no TLS certificate to show yet: a signer makes it; does one run?";
const PERIOD: Duration = Duration::from_secs(1);
