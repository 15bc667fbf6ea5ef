// SPDX-License-Identifier: Apache-2.0
//! The first start: keys are made and sealed, and authority founds the installation over them. Later starts check that
//! the settings still fit what certificates say.

use std::sync::Arc;

use tamga_authority::Fault;
use tamga_authority::establish::{AuthorityKeys, NewKey, Plan, establish};
use tamga_authority::secrets::Vault;
use tamga_registry::id::OrganizationId;
use tamga_registry::issuer::StatusUrl;
use tamga_registry::organization::{Organization, OrganizationState};
use tamga_registry::secret::{SealingPurpose, WrappedDataKey};
use tamga_registry::store::Store;
use tamga_signer::software;
use tamga_x509::chance::Chance;
use tamga_x509::key::KeyAlgorithm;
use tamga_x509::time::{Clock, Timestamp};

use super::fault::StartFault;
use super::roots::Vaults;
use super::settings::HouseSettings;

/// What founding works with.
pub(super) struct Founder<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) vaults: &'a Vaults,
    pub(super) clock: &'a dyn Clock,
    pub(super) chance: &'a dyn Chance,
}

impl Founder<'_> {
    /// Founds the installation unless there is one. True when it did.
    pub(super) async fn ensure(
        &self,
        settings: &HouseSettings,
        status_url: &StatusUrl,
    ) -> Result<bool, StartFault> {
        if let Some(installation) = self.store.installation().await? {
            if installation.trust_domain != settings.trust_domain {
                return Err(StartFault::TrustDomain {
                    written: installation.trust_domain,
                    planned: settings.trust_domain.clone(),
                });
            }
            self.refuse_orphaning(status_url).await?;
            return Ok(false);
        }
        let plan = self.plan(settings, status_url)?;
        Ok(establish(self.store, self.clock, self.chance, plan).await?)
    }

    async fn refuse_orphaning(&self, planned: &StatusUrl) -> Result<(), StartFault> {
        let issuers = self.store.issuers().await?;
        match issuers.into_iter().find(|issuer| issuer.status_url != *planned) {
            Some(issuer) => Err(StartFault::Orphaned {
                issuer: issuer.name,
                written: issuer.status_url.to_string(),
                planned: planned.to_string(),
            }),
            None => Ok(()),
        }
    }

    fn plan(&self, settings: &HouseSettings, status_url: &StatusUrl) -> Result<Plan, StartFault> {
        let now = self.clock.now();
        let organization = Organization {
            id: OrganizationId::fresh(now, self.chance).map_err(Fault::from)?,
            slug: settings.organization.clone(),
            display_name: settings.organization.to_string(),
            parent: None,
            state: OrganizationState::Active,
            generation: FIRST_GENERATION,
            created_at: now,
        };
        let device_secrets = data_key(
            &*self.vaults.device_secrets,
            SealingPurpose::DeviceSecrets,
            &organization,
            now,
        )?;
        let issuer_keys = data_key(
            &*self.vaults.own_keys,
            SealingPurpose::IssuerKeys,
            &organization,
            now,
        )?;
        let service_keys = data_key(
            &*self.vaults.own_keys,
            SealingPurpose::ServiceKeys,
            &organization,
            now,
        )?;
        Ok(Plan {
            trust_domain: settings.trust_domain.clone(),
            organization,
            status_url: status_url.clone(),
            device: self.authority_keys(&issuer_keys, now)?,
            server: self.authority_keys(&issuer_keys, now)?,
            data_keys: vec![device_secrets, issuer_keys, service_keys],
        })
    }

    fn authority_keys(&self, data_key: &WrappedDataKey, now: Timestamp) -> Result<AuthorityKeys, StartFault> {
        let new = |algorithm| {
            let (key, sealed) =
                software::make(algorithm, data_key, &*self.vaults.own_keys, now, self.chance)?;
            Ok::<_, StartFault>(NewKey {
                signer: Arc::new(key),
                sealed,
            })
        };
        Ok(AuthorityKeys {
            root: new(ROOT_KEY)?,
            issuer: new(ISSUER_KEY)?,
        })
    }
}

fn data_key(
    vault: &dyn Vault,
    purpose: SealingPurpose,
    organization: &Organization,
    now: Timestamp,
) -> Result<WrappedDataKey, StartFault> {
    let wrapped = vault.new_data_key(purpose, organization.id);
    Ok(WrappedDataKey {
        purpose,
        organization: organization.id,
        version: 1,
        wrapped: wrapped.map_err(|fault| Fault::new("making a data key", fault))?,
        created_at: now,
    })
}

/// Twenty years need more than the day's minimum; roots sign seldom.
const ROOT_KEY: KeyAlgorithm = KeyAlgorithm::EcP384;
/// Understood by every stack in the field, and fastest to sign with.
const ISSUER_KEY: KeyAlgorithm = KeyAlgorithm::EcP256;
const FIRST_GENERATION: i64 = 1;
