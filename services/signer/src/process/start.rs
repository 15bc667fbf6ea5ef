// SPDX-License-Identifier: Apache-2.0
//! Starts a signer as a process of its own: over memory and keys that may be out of reach.

use std::sync::Arc;
use std::time::Duration;

use tamga_authority::clerk::ClerkRules;
use tamga_authority::enroll::DoorRules;
use tamga_authority::means::Origin;
use tamga_authority::policy::Policies;
use tamga_authority::secrets::{RootedVault, Vault};
use tamga_authority::signers::Signers;
use tamga_authority::{Denials, Means};
use tamga_registry::process::ProcessRole;
use tamga_registry::secret::SealingPurpose;
use tamga_registry::store::Hint;
use tamga_runtime::drain::Drain;
use tamga_runtime::duty::{Ailment, Duties, every};
use tamga_runtime::exit::Failure;
use tamga_runtime::listener::ListenerConfig;
use tamga_runtime::ops::Readiness;
use tamga_runtime::process::{Part, Process, Waking};
use tamga_runtime::settings::SecretFile;
use tamga_x509::chance::Chance;

use super::clerk::{Bureau, clerk};
use super::presence::presence;
use super::{Keyring, SignerRules, signer};
use crate::settings::Sealing;

/// A signer. It holds the issuers' keys and listens at no network address.
#[derive(Clone)]
pub struct SignerProcess {
    /// Where the monitoring comes in: Unix sockets.
    pub listeners: Vec<ListenerConfig>,
    /// Its root keys.
    pub sealing: Sealing,
    /// How it signs.
    pub rules: SignerRules,
    /// How evidence is judged: as the doors judge it.
    pub door: DoorRules,
    /// How submissions are taken.
    pub clerk: ClerkRules,
    /// Stands between it and its keys: whoever counts what keys are asked, or lets them fail.
    pub between: Option<Between>,
}

/// What stands before keys.
pub type Between = Arc<dyn Fn(Arc<dyn Signers>) -> Arc<dyn Signers> + Send + Sync>;

impl SignerProcess {
    /// Starts it.
    ///
    /// # Errors
    /// A failure when a place cannot be taken; everything else is waited for.
    pub async fn start(self, origin: Origin, drain: Drain) -> Result<Waking, Failure> {
        let process = Process::new(drain, origin.clock.clone(), origin.chance.clone());
        let process = process.map_err(|fault| Failure::fault(&fault))?;
        let (listeners, readiness) = (self.listeners.clone(), process.readiness().clone());
        let awaken = move || {
            let (own, origin, readiness) = (self.clone(), origin.clone(), readiness.clone());
            async move { own.awaken(&origin, &readiness).await }
        };
        Ok(process.wake(listeners, awaken).await?)
    }

    async fn awaken(self, origin: &Origin, readiness: &Readiness) -> Result<Part, Ailment> {
        let vaults = Vaults::open(&self.sealing, &origin.chance)?;
        let means = origin.means().await?;
        let part = self.part(&means, vaults, readiness).await;
        if part.is_err() {
            means.store.close().await;
        }
        part
    }

    async fn part(self, means: &Means, vaults: Vaults, readiness: &Readiness) -> Result<Part, Ailment> {
        let mut ring = Keyring::load(means, vaults.own_keys).await?;
        if let Some(between) = self.between {
            ring.signers = between(ring.signers);
        }
        let (signer, hand) = signer(means, ring, self.rules).await?;
        let policies = Arc::new(Policies::new(means.store.clone(), vaults.device_secrets));
        let noted = policies.clone();
        readiness.note("policy", move || vec![format!("version {}", noted.known())]);
        let (denials, keeper) = Denials::new(means.clone());
        let bureau = Bureau {
            policies: policies.clone(),
            denials,
            door: self.door,
            rules: self.clerk,
        };
        let store = means.store.clone();
        let own = Part {
            duties: presence(means, ProcessRole::Signer, readiness)?
                .and(watching(means, policies))
                .and(clerk(means, hand, bureau)?)
                .work("denials", |stop| keeper.run(stop)),
            farewell: Some(Box::pin(async move { store.close().await })),
            ..Part::default()
        };
        // Works end in this order: refusals are journalled before the hand goes.
        Ok(own.and(signer))
    }
}

/// The duty `policy`: the clerk learns of administrative changes, whoever made them.
fn watching(means: &Means, policies: Arc<Policies>) -> Duties {
    let policy = every("policy", POLICY_PERIOD, move || {
        let policies = policies.clone();
        async move { Ok(policies.refresh().await?) }
    });
    let hints = means.store.clone();
    Duties::default().round(policy.woken_by(move || hints.hint(Hint::PolicyChanged)))
}

/// Two vaults over different roots: what judges devices cannot unseal what signs.
struct Vaults {
    device_secrets: Arc<dyn Vault>,
    own_keys: Arc<dyn Vault>,
}

impl Vaults {
    fn open(sealing: &Sealing, chance: &Arc<dyn Chance>) -> Result<Self, Ailment> {
        let device = [read(
            SealingPurpose::DeviceSecrets,
            sealing.device_secrets.as_ref(),
        )?];
        let own = [
            read(SealingPurpose::IssuerKeys, sealing.issuer_keys.as_ref())?,
            read(SealingPurpose::ServiceKeys, sealing.service_keys.as_ref())?,
        ];
        Ok(Self {
            device_secrets: Arc::new(RootedVault::from_texts(device, chance.clone())?),
            own_keys: Arc::new(RootedVault::from_texts(own, chance.clone())?),
        })
    }
}

fn read(
    purpose: SealingPurpose,
    file: Option<&SecretFile>,
) -> Result<(SealingPurpose, zeroize::Zeroizing<String>), Ailment> {
    let file = file.ok_or_else(|| format!("sealing.{}: name the file of the root key", purpose.word()))?;
    Ok((purpose, file.read()?))
}

impl std::fmt::Debug for SignerProcess {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SignerProcess")
            .field("listeners", &self.listeners)
            .finish_non_exhaustive()
    }
}

/// A change takes effect on every replica within a second: four looks a second leave room for a slow one.
const POLICY_PERIOD: Duration = Duration::from_millis(250);
