// SPDX-License-Identifier: Apache-2.0
//! The root sealing keys: a file per purpose under `secrets/`, made at the first start and never again.

use std::path::Path;
use std::sync::Arc;

use tamga_authority::secrets::{RootedVault, Vault};
use tamga_keys::seal::{Purpose, RootKey, RootKeyFault};
use tamga_registry::store::Store;
use tamga_x509::chance::Chance;

use crate::files::private_directory;
use crate::house::StartFault;

/// Two vaults over different roots: what serves strangers cannot unseal what signs, not even in one process.
pub struct Vaults {
    /// Unseals the secrets of devices. For the planes.
    pub device_secrets: Arc<dyn Vault>,
    /// Unseals issuer and TLS keys. For the signer.
    pub own_keys: Arc<dyn Vault>,
}

/// Loads the root keys. They are made only while there is no installation: a lost one is never silently replaced.
///
/// # Errors
/// [`StartFault`] names the file at fault and what to do.
pub async fn vaults(data: &Path, store: &dyn Store, chance: &Arc<dyn Chance>) -> Result<Vaults, StartFault> {
    let directory = data.join(DIRECTORY);
    let new = store.installation().await?.is_none();
    private_directory(&directory)?;
    let root = |purpose: Purpose| {
        let path = directory.join(format!("{purpose}.key"));
        match RootKey::load(&path, purpose) {
            // A start that ended before the installation was kept has left keys that sealed nothing: they serve.
            Err(RootKeyFault::Missing { .. }) if new => RootKey::create(&path, purpose, &**chance),
            found => found,
        }
    };
    let device = vec![root(Purpose::DeviceSecrets)?];
    let own = vec![root(Purpose::IssuerKeys)?, root(Purpose::ServiceKeys)?];
    Ok(Vaults {
        device_secrets: Arc::new(RootedVault::new(device, chance.clone())),
        own_keys: Arc::new(RootedVault::new(own, chance.clone())),
    })
}

const DIRECTORY: &str = "secrets";
