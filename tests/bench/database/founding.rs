// SPDX-License-Identifier: Apache-2.0
//! A new installation whose issuer's key we hold: founded by the product's own act, with keys nobody has to unseal.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use tamga_authority::establish::{AuthorityKeys, NewKey, Plan, establish};
use tamga_keys::software::SoftwareKey;
use tamga_registry::id::{OrganizationId, SoftwareKeyId};
use tamga_registry::issuer::{Issuer, IssuerRole};
use tamga_registry::organization::{Organization, OrganizationState};
use tamga_registry::secret::{SealedSoftwareKey, SealingPurpose};
use tamga_registry::store::Store;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_store::open_sqlite;
use tamga_x509::key::KeyAlgorithm;
use tamga_x509::signer::Signer;
use tamga_x509::time::{Clock, Timestamp};

/// The slug of the organization.
pub(crate) const ORGANIZATION: &str = "bench";
/// The trust domain of the installation.
pub(crate) const TRUST_DOMAIN: &str = "bench.example";

/// An installation and the issuer of its devices.
pub(crate) struct Founded {
    pub(crate) root: Issuer,
    pub(crate) issuer: Issuer,
    pub(crate) signer: Arc<dyn Signer>,
}

impl Founded {
    /// Founds an installation in a new database at `path`, and closes it.
    pub(crate) async fn fresh(path: &Path) -> Result<Self> {
        let store = open_sqlite(path).await?;
        let founded = Self::within(&store).await?;
        store.close().await;
        Ok(founded)
    }

    /// Founds an installation in an empty database.
    pub(crate) async fn within(store: &dyn Store) -> Result<Self> {
        let (chance, now) = (SystemChance::new(), SystemClock.now());
        let organization = OrganizationId::fresh(now, &chance)?;
        let key = || new_key(organization, now);
        let device = AuthorityKeys {
            root: key()?,
            issuer: key()?,
        };
        let signer = device.issuer.signer.clone();
        let plan = Plan {
            trust_domain: TRUST_DOMAIN.to_owned(),
            organization: Organization {
                id: organization,
                slug: ORGANIZATION.parse()?,
                display_name: "Bench".to_owned(),
                parent: None,
                state: OrganizationState::Active,
                suspended_at: None,
                generation: 1,
                created_at: now,
            },
            status_url: "http://status.bench.example".parse()?,
            data_keys: Vec::new(),
            device,
            server: AuthorityKeys {
                root: key()?,
                issuer: key()?,
            },
        };
        establish(store, &SystemClock, &chance, plan).await?;
        let issuers = store.issuers().await?;
        let issuer = issuers.iter().find(|issuer| issuer.role == IssuerRole::Device);
        let issuer = issuer.context("no issuer for devices")?.clone();
        let root = issuers.iter().find(|root| Some(root.id) == issuer.parent);
        let root = root.context("the issuer has no root")?.clone();
        Ok(Self { root, issuer, signer })
    }
}

/// A key that signs, and a row that keeps its place: nobody will open the seal.
fn new_key(organization: OrganizationId, at: Timestamp) -> Result<NewKey> {
    let key = SoftwareKey::generate(KeyAlgorithm::EcP256)?;
    let sealed = SealedSoftwareKey {
        id: SoftwareKeyId::fresh(at, &SystemChance::new())?,
        organization,
        purpose: SealingPurpose::IssuerKeys,
        spki: key.public_key().spki_der().to_vec(),
        sealed: vec![0; 64],
        data_key: 1,
        created_at: at,
    };
    Ok(NewKey {
        signer: Arc::new(key),
        sealed,
    })
}
