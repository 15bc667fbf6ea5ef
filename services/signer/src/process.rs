// SPDX-License-Identifier: Apache-2.0
//! What a signer brings into a process: the hand and the duties behind the planes. It listens at no network address.

pub mod clerk;
pub mod presence;
pub mod start;

use std::sync::Arc;
use std::time::Duration;

use tamga_authority::Means;
use tamga_authority::clock::ClockWatch;
use tamga_authority::fulfil::{Hand, HandRules};
use tamga_authority::publish::{PublishRules, Publisher};
use tamga_authority::secrets::Vault;
use tamga_authority::service::ServiceCertificates;
use tamga_authority::signers::Signers;
use tamga_runtime::duty::{Ailment, Duties, Duty, every};
use tamga_runtime::process::Part;
use tamga_x509::name::ServerNames;

use crate::duties::publish::Publish;
use crate::duties::recovery::Recovery;
use crate::duties::service_certificate::ServiceCertificate;
use crate::duties::watch::{Keys, Lists};
use crate::issuer_keys::IssuerKeys;

/// What a signer is told.
#[derive(Clone, Debug)]
pub struct SignerRules {
    /// What Tamga's own TLS certificate is for.
    pub server_names: ServerNames,
    /// How the hand works.
    pub hand: HandRules,
    /// How lists are planned.
    pub lists: PublishRules,
}

/// What a signer signs with.
#[derive(Clone)]
pub struct Keyring {
    /// Issuers' keys, as they were loaded.
    pub keys: Arc<IssuerKeys>,
    /// The same, or what stands before them.
    pub signers: Arc<dyn Signers>,
    /// Unseals what the house itself owns.
    pub own_keys: Arc<dyn Vault>,
}

impl Keyring {
    /// Every issuer's key, unsealed.
    ///
    /// # Errors
    /// A sentence that names the first key that is not usable.
    pub async fn load(means: &Means, own_keys: Arc<dyn Vault>) -> Result<Self, Ailment> {
        let keys = Arc::new(IssuerKeys::load(&*means.store, &*own_keys).await?);
        Ok(Self {
            signers: keys.clone(),
            keys,
            own_keys,
        })
    }
}

/// The signer, and the near end of its hand for a door in the same process.
///
/// Does once what nobody should have to wait for: the TLS certificate, and the lists that are due.
///
/// # Errors
/// A sentence while there can be no TLS certificate.
pub async fn signer(means: &Means, ring: Keyring, rules: SignerRules) -> Result<(Part, Hand), Ailment> {
    let (hand, work) = Hand::new(means.clone(), ring.signers.clone(), rules.hand);
    let certificates = ServiceCertificates::new(means.clone(), ring.signers.clone());
    let certificate = ServiceCertificate::new(certificates, means.clone(), ring.own_keys, rules.server_names);
    certificate.perform().await?;
    let publish = Publish {
        publisher: Publisher::new(means.clone(), ring.signers, rules.lists),
        store: means.store.clone(),
    };
    // A list that cannot be published now must not keep anybody from serving: readiness says so, and it is tried again
    // every second.
    if let Err(fault) = publish.perform().await {
        tracing::error!(%fault, "not every list could be published at start");
    }
    let store = means.store.clone();
    let database = every("database", DATABASE_PERIOD, move || {
        let store = store.clone();
        async move { Ok(store.ping().await?) }
    });
    let keys = Keys {
        means: means.clone(),
        keys: ring.keys,
    };
    let mut duties = Duties::default()
        .round(Recovery(work.finisher()))
        .round(publish)
        .round(certificate)
        .round(database)
        .round(keys)
        .round(Lists::new(means.clone(), VISIBLE_WITHIN));
    if let Some(tolerance) = rules.hand.clock_tolerance {
        let watch = Arc::new(ClockWatch::new(means.clone(), work.clocks(), tolerance));
        duties = duties.round(every("clock", CLOCK_PERIOD, move || {
            let watch = watch.clone();
            async move { Ok(watch.compare().await?) }
        }));
    }
    let duties = duties.work("hand", |stop| work.run(stop));
    let part = Part {
        duties,
        ..Part::default()
    };
    Ok((part, hand))
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Keyring")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// The promise to operators: one period of the publisher, building a long list, and room to spare.
const VISIBLE_WITHIN: Duration = Duration::from_secs(5);
const CLOCK_PERIOD: Duration = Duration::from_secs(5);
const DATABASE_PERIOD: Duration = Duration::from_secs(2);
