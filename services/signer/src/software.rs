// SPDX-License-Identifier: Apache-2.0
//! Makes, seals and unseals software keys. What is stored opens only in its own row, for its own purpose.

use std::sync::Arc;

use secrecy::ExposeSecret;
use tamga_authority::Fault;
use tamga_authority::secrets::{Vault, VaultFault, open_software_key, software_key_place};
use tamga_keys::software::{SoftwareKey, SoftwareKeyFault};
use tamga_registry::id::SoftwareKeyId;
use tamga_registry::secret::{SealedSoftwareKey, WrappedDataKey};
use tamga_registry::store::Store;
use tamga_x509::chance::{Chance, ChanceFault};
use tamga_x509::key::KeyAlgorithm;
use tamga_x509::signer::Signer;
use tamga_x509::time::Timestamp;
use zeroize::Zeroizing;

/// Why a software key could not be made, sealed or unsealed.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The key itself.
    #[error(transparent)]
    Software(#[from] SoftwareKeyFault),
    /// Its seal.
    #[error(
        "the seal of the key {key} does not open: {fault}; check that the files under secrets/ are this installation's own"
    )]
    Sealed {
        /// The key.
        key: SoftwareKeyId,
        /// Why.
        fault: Fault,
    },
    /// It could not be sealed.
    #[error("the new key cannot be sealed")]
    Sealing(#[source] VaultFault),
    /// What came out of the seal is another key than its row says.
    #[error("the key {0} is not the one its row names: restore the database from a backup")]
    Foreign(SoftwareKeyId),
    /// No random octets.
    #[error(transparent)]
    Chance(#[from] ChanceFault),
}

/// Makes a key and seals it under an organization's data key, whose purpose becomes the key's.
///
/// # Errors
/// [`KeyFault`] when it cannot be made or sealed.
pub fn make(
    algorithm: KeyAlgorithm,
    data_key: &WrappedDataKey,
    vault: &dyn Vault,
    now: Timestamp,
    chance: &dyn Chance,
) -> Result<(SoftwareKey, SealedSoftwareKey), KeyFault> {
    let key = SoftwareKey::generate(algorithm)?;
    let id = SoftwareKeyId::fresh(now, chance)?;
    let plain = key.to_pkcs8()?;
    let sealed = vault
        .seal(data_key, &software_key_place(id.octets()), plain.expose_secret())
        .map_err(KeyFault::Sealing)?;
    let sealed = SealedSoftwareKey {
        id,
        organization: data_key.organization,
        purpose: data_key.purpose,
        spki: key.public_key().spki_der().to_vec(),
        sealed,
        data_key: data_key.version,
        created_at: now,
    };
    Ok((key, sealed))
}

/// The unencrypted PKCS #8 of a sealed key, proven to be the key its row names.
///
/// # Errors
/// [`KeyFault`] when its data key is missing, its seal does not open, or another key is inside.
pub async fn unseal(
    kept: &SealedSoftwareKey,
    vault: &dyn Vault,
    store: &dyn Store,
) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    let plain = open_software_key(kept, vault, store)
        .await
        .map_err(|fault| KeyFault::Sealed { key: kept.id, fault })?;
    let key = SoftwareKey::from_pkcs8(&plain)?;
    if key.public_key().spki_der() != kept.spki {
        return Err(KeyFault::Foreign(kept.id));
    }
    Ok(plain)
}

/// The sealed key, ready to sign.
///
/// # Errors
/// As [`unseal`].
pub async fn load(
    kept: &SealedSoftwareKey,
    vault: &dyn Vault,
    store: &dyn Store,
) -> Result<Arc<SoftwareKey>, KeyFault> {
    let plain = unseal(kept, vault, store).await?;
    Ok(Arc::new(SoftwareKey::from_pkcs8(&plain)?))
}
