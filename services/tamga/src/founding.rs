// SPDX-License-Identifier: Apache-2.0
//! The first start: keys are made and sealed, and authority founds the installation over them. Later starts check that
//! the settings still fit what certificates say.

use std::sync::Arc;

use tamga_authority::Fault;
use tamga_authority::establish::{AuthorityKeys, NewKey, Plan, establish};
use tamga_authority::secrets::Vault;
use tamga_registry::id::OrganizationId;
use tamga_registry::issuer::StatusUrl;
use tamga_registry::organization::{Organization, OrganizationSlug, OrganizationState};
use tamga_registry::secret::{SealingPurpose, WrappedDataKey};
use tamga_registry::store::Store;
use tamga_signer::software;
use tamga_x509::chance::Chance;
use tamga_x509::key::KeyAlgorithm;
use tamga_x509::time::{Clock, Timestamp};

use crate::house::StartFault;
use crate::roots::Vaults;

/// What is decided once, when an installation is founded.
#[derive(Clone, Debug)]
pub struct Foundation {
    /// The SPIFFE trust domain of device certificates; permanent.
    pub trust_domain: String,
    /// The permanent base of the status URLs.
    pub status_url: StatusUrl,
    /// The slug of the first organization.
    pub organization: OrganizationSlug,
}

/// What founding works with.
pub struct Founder<'a> {
    /// Memory.
    pub store: &'a dyn Store,
    /// Seal what is made.
    pub vaults: &'a Vaults,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Chance.
    pub chance: &'a dyn Chance,
}

impl Founder<'_> {
    /// Founds the installation unless there is one. True when it did.
    ///
    /// # Errors
    /// [`StartFault`] when it cannot, or when certificates say otherwise already.
    pub async fn ensure(&self, foundation: &Foundation) -> Result<bool, StartFault> {
        if let Some(installation) = self.store.installation().await? {
            if installation.trust_domain != foundation.trust_domain {
                return Err(StartFault::TrustDomain {
                    written: installation.trust_domain,
                    planned: foundation.trust_domain.clone(),
                });
            }
            self.refuse_orphaning(&foundation.status_url).await?;
            return Ok(false);
        }
        let plan = self.plan(foundation)?;
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

    fn plan(&self, foundation: &Foundation) -> Result<Plan, StartFault> {
        let now = self.clock.now();
        let organization = Organization {
            id: OrganizationId::fresh(now, self.chance).map_err(Fault::from)?,
            slug: foundation.organization.clone(),
            display_name: foundation.organization.to_string(),
            parent: None,
            state: OrganizationState::Active,
            suspended_at: None,
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
            trust_domain: foundation.trust_domain.clone(),
            organization,
            status_url: foundation.status_url.clone(),
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
