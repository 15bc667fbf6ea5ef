// SPDX-License-Identifier: Apache-2.0
//! Sealed values: the port to whoever seals and unseals, and the vault over root keys that every process uses.
//!
//! Acts ask the port; only [`RootedVault`] knows how a seal is made, and only it names the crate `keys`.

use tamga_registry::id::OrganizationId;
use tamga_registry::secret::{SealedSoftwareKey, SealingPurpose, WrappedDataKey};
use tamga_registry::store::Store;
use zeroize::Zeroizing;

use crate::refusal::Fault;

mod rooted;

pub use rooted::RootedVault;

/// Where a sealed value stands. It is bound to the place: moved elsewhere, it does not open.
#[derive(Debug, Clone, Copy)]
pub struct SecretPlace<'a> {
    /// The table.
    pub table: &'static str,
    /// The row's id.
    pub row: &'a [u8; 16],
    /// The column.
    pub column: &'static str,
}

/// Seals and unseals. [`RootedVault`] does it; tests may do otherwise.
///
/// Cheap to call: implementations keep unwrapped data keys in memory. Sync and free of I/O.
pub trait Vault: Send + Sync {
    /// A new data key for an organization, wrapped by the purpose's root.
    fn new_data_key(
        &self,
        purpose: SealingPurpose,
        organization: OrganizationId,
    ) -> Result<Vec<u8>, VaultFault>;

    /// Seals a value for its place.
    fn seal(
        &self,
        key: &WrappedDataKey,
        place: &SecretPlace<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultFault>;

    /// Opens a value in its place.
    fn open(
        &self,
        key: &WrappedDataKey,
        place: &SecretPlace<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultFault>;
}

/// A value could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct VaultFault {
    /// What happened, without any secret.
    pub what: String,
}

/// Where the keys of an enrollment stand.
pub(crate) fn symmetric_key_place<'a>(enrollment: &'a [u8; 16], column: &'static str) -> SecretPlace<'a> {
    SecretPlace {
        table: "enrollment_symmetric_key",
        row: enrollment,
        column,
    }
}

/// Where a software key stands.
pub fn software_key_place(id: &[u8; 16]) -> SecretPlace<'_> {
    SecretPlace {
        table: "software_key",
        row: id,
        column: "sealed",
    }
}

/// The unencrypted PKCS #8 of a sealed software key. That it is the key its row names is for the caller to prove.
///
/// # Errors
/// [`Fault`] when its data key is missing or its seal does not open.
pub async fn open_software_key(
    kept: &SealedSoftwareKey,
    vault: &dyn Vault,
    store: &dyn Store,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let during = "unsealing a software key";
    let data_keys = store.data_keys(kept.purpose, kept.organization).await?;
    let data_key = data_keys.iter().find(|key| key.version == kept.data_key);
    let data_key = data_key.ok_or_else(|| {
        let (version, purpose) = (kept.data_key, kept.purpose.word());
        let what = format!(
            "data key {version} for {purpose}, which seals the key {}, is missing: restore the database from a backup",
            kept.id
        );
        Fault::new(during, what)
    })?;
    let place = software_key_place(kept.id.octets());
    vault
        .open(data_key, &place, &kept.sealed)
        .map_err(Fault::during_act(during))
}
