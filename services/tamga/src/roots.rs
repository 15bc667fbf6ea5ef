// SPDX-License-Identifier: Apache-2.0
//! The root sealing keys, one a purpose: made while there is no installation, and never again.

use std::path::Path;
use std::sync::Arc;

use tamga_authority::secrets::{RootedVault, Vault};
use tamga_keys::seal::{Purpose, RootKey, RootKeyFault};
use tamga_runtime::settings::SecretFile;
use tamga_x509::chance::Chance;

use crate::house::StartFault;

/// Two vaults over different roots: what serves strangers cannot unseal what signs, not even in one process.
pub struct Vaults {
    /// Unseals the secrets of devices. For the planes.
    pub device_secrets: Arc<dyn Vault>,
    /// Unseals issuer and TLS keys. For the signer.
    pub own_keys: Arc<dyn Vault>,
}

/// Where each root is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Seals what devices prove themselves with.
    pub device_secrets: SecretFile,
    /// Seals issuers' private keys.
    pub issuer_keys: SecretFile,
    /// Seals the keys of TLS certificates.
    pub service_keys: SecretFile,
}

/// Whether there is an installation whose secrets the roots seal already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// There is none: a root that is missing is made. One that is there has sealed nothing yet, and serves.
    Founding,
    /// There is one: a lost root is never silently replaced.
    Founded,
}

impl Places {
    /// A file a purpose in one directory.
    #[must_use]
    pub fn within(directory: &Path) -> Self {
        let file = |purpose: Purpose| SecretFile::Path(directory.join(format!("{purpose}.key")));
        Self {
            device_secrets: file(Purpose::DeviceSecrets),
            issuer_keys: file(Purpose::IssuerKeys),
            service_keys: file(Purpose::ServiceKeys),
        }
    }

    /// Opens every root.
    ///
    /// # Errors
    /// [`StartFault`] names the file at fault and what to do.
    pub fn open(&self, stage: Stage, chance: &Arc<dyn Chance>) -> Result<Vaults, StartFault> {
        let open = |file, purpose| open(file, purpose, stage, &**chance);
        let device = vec![open(&self.device_secrets, Purpose::DeviceSecrets)?];
        let own = vec![
            open(&self.issuer_keys, Purpose::IssuerKeys)?,
            open(&self.service_keys, Purpose::ServiceKeys)?,
        ];
        Ok(Vaults {
            device_secrets: Arc::new(RootedVault::new(device, chance.clone())),
            own_keys: Arc::new(RootedVault::new(own, chance.clone())),
        })
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> [&SecretFile; 3] {
        [&self.device_secrets, &self.issuer_keys, &self.service_keys]
    }
}

fn open(
    file: &SecretFile,
    purpose: Purpose,
    stage: Stage,
    chance: &dyn Chance,
) -> Result<RootKey, StartFault> {
    let path = match file {
        SecretFile::Path(path) => path,
        SecretFile::Credential(_) => return Ok(RootKey::parse(&file.read()?, purpose)?),
    };
    match RootKey::load(path, purpose) {
        Err(RootKeyFault::Missing { .. }) if stage == Stage::Founding => {
            Ok(RootKey::create(path, purpose, chance)?)
        }
        found => Ok(found?),
    }
}
