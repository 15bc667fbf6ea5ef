// SPDX-License-Identifier: Apache-2.0
//! A vault over root sealing keys: it serves the purposes whose roots this process was given, and no other.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::ExposeSecret;
use tamga_keys::seal::{DataKey, Place, Purpose, RootKey, SealFault};
use tamga_registry::id::OrganizationId;
use tamga_registry::secret::{SealingPurpose, WrappedDataKey};
use tamga_x509::chance::Chance;
use zeroize::Zeroizing;

use super::{SecretPlace, Vault, VaultFault};

/// A vault over root keys. Unwrapped data keys stay in memory: there is one per organization and version.
pub struct RootedVault {
    roots: Vec<RootKey>,
    chance: Arc<dyn Chance>,
    /// Read on every enrollment, written once per data key. Held for no longer than a look-up.
    unwrapped: RwLock<HashMap<WrappedName, Arc<DataKey>>>,
}

/// The wrapped bytes are part of the name: a row that was put back from elsewhere is unwrapped, and judged, anew.
#[derive(PartialEq, Eq, Hash)]
struct WrappedName {
    purpose: SealingPurpose,
    organization: OrganizationId,
    wrapped: Vec<u8>,
}

impl RootedVault {
    /// A vault that serves the purposes of these roots, and no other.
    #[must_use]
    pub fn new(roots: Vec<RootKey>, chance: Arc<dyn Chance>) -> Self {
        Self {
            roots,
            chance,
            unwrapped: RwLock::default(),
        }
    }

    /// A vault over roots in the text of their files, each with what it is for.
    ///
    /// # Errors
    /// [`VaultFault`] names the first purpose whose text is no root key for it.
    pub fn from_texts(
        texts: impl IntoIterator<Item = (SealingPurpose, Zeroizing<String>)>,
        chance: Arc<dyn Chance>,
    ) -> Result<Self, VaultFault> {
        let roots = texts.into_iter().map(|(purpose, text)| {
            let purpose = keys_purpose(purpose);
            RootKey::parse(&text, purpose).map_err(|fault| VaultFault {
                what: format!("the root sealing key for {purpose} cannot be used: {fault}"),
            })
        });
        Ok(Self::new(roots.collect::<Result<_, _>>()?, chance))
    }

    fn root(&self, purpose: SealingPurpose) -> Result<&RootKey, VaultFault> {
        let wanted = keys_purpose(purpose);
        self.roots
            .iter()
            .find(|root| root.purpose() == wanted)
            .ok_or_else(|| VaultFault {
                what: format!(
                    "this process was given no root sealing key for {wanted}: name its file in the settings"
                ),
            })
    }

    fn data_key(&self, key: &WrappedDataKey) -> Result<Arc<DataKey>, VaultFault> {
        let name = WrappedName {
            purpose: key.purpose,
            organization: key.organization,
            wrapped: key.wrapped.clone(),
        };
        // A thread that panicked while holding the lock left a whole map behind: entries are only ever added.
        if let Some(known) = self
            .unwrapped
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&name)
        {
            return Ok(Arc::clone(known));
        }
        let root = self.root(key.purpose)?;
        let opened = root
            .unwrap_data_key(key.organization.octets(), &key.wrapped)
            .map_err(|fault| vault_fault(&fault))?;
        let opened = Arc::new(opened);
        self.unwrapped
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, Arc::clone(&opened));
        Ok(opened)
    }
}

impl Vault for RootedVault {
    fn new_data_key(
        &self,
        purpose: SealingPurpose,
        organization: OrganizationId,
    ) -> Result<Vec<u8>, VaultFault> {
        let made = self
            .root(purpose)?
            .new_data_key(organization.octets(), &*self.chance);
        made.map(|(_, wrapped)| wrapped.into_bytes())
            .map_err(|fault| vault_fault(&fault))
    }

    fn seal(
        &self,
        key: &WrappedDataKey,
        place: &SecretPlace<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let data_key = self.data_key(key)?;
        data_key
            .seal(&keys_place(key, place)?, plain, &*self.chance)
            .map_err(|fault| vault_fault(&fault))
    }

    fn open(
        &self,
        key: &WrappedDataKey,
        place: &SecretPlace<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
        let opened = self.data_key(key)?.open(&keys_place(key, place)?, sealed);
        opened
            .map(|secret| Zeroizing::new(secret.expose_secret().to_vec()))
            .map_err(|fault| vault_fault(&fault))
    }
}

impl fmt::Debug for RootedVault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RootedVault")
            .field("roots", &self.roots)
            .finish_non_exhaustive()
    }
}

fn keys_purpose(purpose: SealingPurpose) -> Purpose {
    match purpose {
        SealingPurpose::DeviceSecrets => Purpose::DeviceSecrets,
        SealingPurpose::IssuerKeys => Purpose::IssuerKeys,
        SealingPurpose::ServiceKeys => Purpose::ServiceKeys,
    }
}

fn keys_place<'a>(key: &'a WrappedDataKey, place: &'a SecretPlace<'a>) -> Result<Place<'a>, VaultFault> {
    let version = u32::try_from(key.version).map_err(|_| VaultFault {
        what: format!(
            "a data key has the version {}, which no data key has",
            key.version
        ),
    })?;
    Ok(Place {
        table: place.table,
        row: place.row,
        column: place.column,
        organization: key.organization.octets(),
        version,
    })
}

fn vault_fault(fault: &SealFault) -> VaultFault {
    VaultFault {
        what: fault.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tamga_x509::chance::ChanceFault;
    use tamga_x509::time::Timestamp;

    /// Different octets each time, the same in each run.
    struct Counting(std::sync::atomic::AtomicU8);
    impl Chance for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault> {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            Ok(())
        }
    }

    const PLACE: SecretPlace<'_> = SecretPlace {
        table: "enrollment",
        row: &[7; 16],
        column: "primary",
    };

    fn vault() -> RootedVault {
        let chance = Arc::new(Counting(1.into()));
        let root = RootKey::generate(Purpose::DeviceSecrets, &*chance).unwrap();
        RootedVault::new(vec![root], chance)
    }

    fn data_key(vault: &RootedVault, organization: u8) -> WrappedDataKey {
        let organization = OrganizationId::from_octets([organization; 16]);
        WrappedDataKey {
            purpose: SealingPurpose::DeviceSecrets,
            organization,
            version: 1,
            wrapped: vault
                .new_data_key(SealingPurpose::DeviceSecrets, organization)
                .unwrap(),
            created_at: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else() {
        let vault = vault();
        let key = data_key(&vault, 1);
        let sealed = vault.seal(&key, &PLACE, b"secret").unwrap();
        assert_eq!(&**vault.open(&key, &PLACE, &sealed).unwrap(), b"secret");
        let elsewhere = SecretPlace {
            column: "secondary",
            ..PLACE
        };
        assert!(vault.open(&key, &elsewhere, &sealed).is_err());
        let (row, table) = (&[8; 16], "software_key");
        assert!(vault.open(&key, &SecretPlace { row, ..PLACE }, &sealed).is_err());
        assert!(
            vault
                .open(&key, &SecretPlace { table, ..PLACE }, &sealed)
                .is_err()
        );
        assert!(
            vault.open(&data_key(&vault, 2), &PLACE, &sealed).is_err(),
            "another organization"
        );
        let later = WrappedDataKey { version: 2, ..key };
        assert!(vault.open(&later, &PLACE, &sealed).is_err(), "another version");
    }

    #[test]
    fn a_data_key_is_unwrapped_once() {
        let vault = vault();
        let key = data_key(&vault, 1);
        let first = vault.data_key(&key).unwrap();
        assert!(Arc::ptr_eq(&first, &vault.data_key(&key).unwrap()));
        assert_eq!(vault.unwrapped.read().unwrap().len(), 1);
    }

    #[test]
    fn a_purpose_without_a_root_is_out_of_reach() {
        let fault = vault().new_data_key(SealingPurpose::IssuerKeys, OrganizationId::from_octets([1; 16]));
        assert!(fault.unwrap_err().to_string().contains("issuer_keys"));
    }
}
