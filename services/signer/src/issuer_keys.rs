// SPDX-License-Identifier: Apache-2.0
//! The keys of all issuers, unsealed once at start, each proven to be the key in its issuer's certificate.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use tamga_authority::secrets::Vault;
use tamga_authority::signers::Signers;
use tamga_registry::id::IssuerId;
use tamga_registry::issuer::{Issuer, IssuerState, KeyUri};
use tamga_registry::store::{Store, StoreFault};
use tamga_x509::signer::Signer;

use crate::software::{self, KeyFault};

/// Signers by issuer. Retired issuers have none: they sign nothing.
#[derive(Default)]
pub struct IssuerKeys(HashMap<IssuerId, Arc<dyn Signer>>);

/// Why the issuers' keys are not in reach.
#[derive(Debug, thiserror::Error)]
pub enum IssuerKeyFault {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The row of a key is gone.
    #[error("the key {key} of issuer {issuer} is not in the database: restore it from a backup")]
    Missing {
        /// The issuer's name.
        issuer: String,
        /// Its key's name.
        key: KeyUri,
    },
    /// A key cannot be used.
    #[error("the key of issuer {issuer} cannot be used: {fault}")]
    Key {
        /// The issuer's name.
        issuer: String,
        /// Why.
        #[source]
        fault: KeyFault,
    },
    /// Signing with it would make certificates that nobody can verify.
    #[error(
        "the key {key} is not the one in the certificate of issuer {issuer}: nothing is signed; restore the issuer's row and its key from the same backup"
    )]
    NotItsCertificates {
        /// The issuer's name.
        issuer: String,
        /// Its key's name.
        key: KeyUri,
    },
}

impl IssuerKeys {
    /// Unseals the key of every issuer that still signs.
    ///
    /// # Errors
    /// [`IssuerKeyFault`] names the first issuer whose key is not usable; then none is.
    pub async fn load(store: &dyn Store, vault: &dyn Vault) -> Result<Self, IssuerKeyFault> {
        let mut keys = HashMap::new();
        for issuer in store.issuers().await? {
            if issuer.state != IssuerState::Retired {
                keys.insert(issuer.id, load_one(&issuer, store, vault).await?);
            }
        }
        Ok(Self(keys))
    }

    /// The issuers among these that sign and whose key is not in reach, by name.
    pub fn out_of_reach<'a>(&self, issuers: &'a [Issuer]) -> Vec<&'a str> {
        let signing = issuers
            .iter()
            .filter(|issuer| issuer.state != IssuerState::Retired);
        signing
            .filter(|issuer| !self.0.contains_key(&issuer.id))
            .map(|issuer| issuer.name.as_str())
            .collect()
    }
}

async fn load_one(
    issuer: &Issuer,
    store: &dyn Store,
    vault: &dyn Vault,
) -> Result<Arc<dyn Signer>, IssuerKeyFault> {
    let KeyUri::Software(id) = &issuer.key;
    let kept = store.software_key(*id).await?;
    let kept = kept.ok_or_else(|| IssuerKeyFault::Missing {
        issuer: issuer.name.clone(),
        key: issuer.key.clone(),
    })?;
    let key = software::load(&kept, vault, store)
        .await
        .map_err(|fault| IssuerKeyFault::Key {
            issuer: issuer.name.clone(),
            fault,
        })?;
    if key.public_key().spki_der() != issuer.certificate.public_key().spki_der() {
        return Err(IssuerKeyFault::NotItsCertificates {
            issuer: issuer.name.clone(),
            key: issuer.key.clone(),
        });
    }
    Ok(key)
}

impl Signers for IssuerKeys {
    fn signer(&self, issuer: IssuerId) -> Option<Arc<dyn Signer>> {
        self.0.get(&issuer).cloned()
    }
}

impl fmt::Debug for IssuerKeys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}
