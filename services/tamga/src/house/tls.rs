// SPDX-License-Identifier: Apache-2.0
//! What the device plane shows: nothing until the duty has a certificate, then always the newest.

use std::sync::{Arc, OnceLock};

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tamga_runtime::tls::ServerIdentity;
use tamga_signer::duties::service_certificate::Show;
use zeroize::Zeroizing;

/// The identity, once there is one. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Shown(Arc<OnceLock<Arc<ServerIdentity>>>);

impl Shown {
    /// The identity, for the TLS policy.
    pub(super) fn identity(&self) -> Option<Arc<ServerIdentity>> {
        self.0.get().cloned()
    }

    /// Where the duty hands its certificates to.
    pub(super) fn show(&self) -> Show {
        let shown = self.clone();
        Box::new(move |chain, key| shown.replace(chain, &key).map_err(|fault| fault.to_string()))
    }

    fn replace(
        &self,
        chain: &[Arc<[u8]>],
        key: &Zeroizing<Vec<u8>>,
    ) -> Result<(), tamga_runtime::tls::IdentityFault> {
        let chain: Vec<_> = chain
            .iter()
            .map(|der| CertificateDer::from(der.to_vec()))
            .collect();
        let key = PrivatePkcs8KeyDer::from(key.to_vec());
        if let Some(identity) = self.0.get() {
            return identity.replace(chain, key);
        }
        let identity = Arc::new(ServerIdentity::new(chain, key)?);
        // The duty is the only one that shows, and it runs one round at a time.
        self.0.get_or_init(|| identity);
        Ok(())
    }
}
