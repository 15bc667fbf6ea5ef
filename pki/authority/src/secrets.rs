// SPDX-License-Identifier: Apache-2.0
//! Sealed values: the port to whoever seals and unseals, and the vault over root keys that every process uses.
//!
//! Acts ask the port; only [`RootedVault`] knows how a seal is made, and only it names the crate `keys`.

use tamga_registry::id::OrganizationId;
use tamga_registry::secret::{SealingPurpose, WrappedDataKey};
use zeroize::Zeroizing;

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
