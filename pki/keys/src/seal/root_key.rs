// SPDX-License-Identifier: Apache-2.0
//! The key at the root of one purpose: wraps the data keys of organizations, and nothing else.

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use tamga_x509::chance::Chance;
use zeroize::Zeroizing;

use super::data_key::DataKey;
use super::envelope::{self, CipherKey};
use super::fault::{RootKeyFault, SealFault};
use super::place::data_key_place;
use super::purpose::Purpose;
use super::root_file;

const LABEL: &str = "tamga-root-key";
const VERSION: &str = "v1";

/// The root sealing key of one purpose; erased from memory when dropped.
pub struct RootKey {
    purpose: Purpose,
    key: CipherKey,
}

/// A data key as it is stored: useless without the root key of its purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedDataKey(Vec<u8>);

impl WrappedDataKey {
    /// The octets to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The octets to store.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl RootKey {
    /// Makes a new key and keeps it in a new file of mode 0600, durable when this returns.
    ///
    /// # Errors
    /// [`RootKeyFault::Exists`] when there is a file already; nothing is changed then.
    pub fn create(path: &Path, purpose: Purpose, chance: &dyn Chance) -> Result<Self, RootKeyFault> {
        let key = Self::generate(purpose, chance)?;
        root_file::create(path, key.to_text().expose_secret())?;
        Ok(key)
    }

    /// Loads the key of this purpose from a file that its owner alone can reach.
    ///
    /// # Errors
    /// [`RootKeyFault`] says what to do about the file: its mode, its owner, its content or its purpose.
    pub fn load(path: &Path, purpose: Purpose) -> Result<Self, RootKeyFault> {
        let text = root_file::read(path, purpose)?;
        Self::parse(&text, purpose).map_err(|fault| RootKeyFault::InFile {
            path: path.to_owned(),
            fault: Box::new(fault),
        })
    }

    /// Reads the key from the text of a root key file that a credential store handed over, whose own
    /// protection stands in for the file mode.
    ///
    /// # Errors
    /// [`RootKeyFault`] when it is no root key, or one for another purpose.
    pub fn parse(text: &str, purpose: Purpose) -> Result<Self, RootKeyFault> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let mut words = line.split(' ');
        if words.next() != Some(LABEL) {
            return Err(RootKeyFault::Format);
        }
        match words.next() {
            Some(VERSION) => {}
            Some(other) if other.starts_with('v') => return Err(RootKeyFault::UnknownVersion),
            _ => return Err(RootKeyFault::Format),
        }
        let (Some(found), Some(key), None) = (words.next(), words.next(), words.next()) else {
            return Err(RootKeyFault::Format);
        };
        let found = found.parse::<Purpose>().map_err(|_| RootKeyFault::Format)?;
        let octets = BASE64
            .decode(key.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| RootKeyFault::Format)?;
        let key = envelope::key_from(&octets).ok_or(RootKeyFault::Format)?;
        if found != purpose {
            return Err(RootKeyFault::WrongPurpose {
                found,
                expected: purpose,
            });
        }
        Ok(Self { purpose, key })
    }

    /// Makes a new key that is kept nowhere yet.
    ///
    /// # Errors
    /// [`RootKeyFault::Chance`] when there are no random octets.
    pub fn generate(purpose: Purpose, chance: &dyn Chance) -> Result<Self, RootKeyFault> {
        Ok(Self {
            purpose,
            key: envelope::fresh_key(chance)?,
        })
    }

    /// The text of its file: one line, `tamga-root-key v1 <purpose> <base64>`.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        let key = Zeroizing::new(BASE64.encode(self.key.expose_secret()));
        let parts = [LABEL, " ", VERSION, " ", self.purpose.as_str(), " ", &key, "\n"];
        let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        parts.iter().for_each(|part| text.push_str(part));
        text.into()
    }

    /// What the keys under this root are for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Makes a new data key for an organization, with the wrapped form to store.
    ///
    /// # Errors
    /// [`SealFault::Chance`] when there are no random octets.
    pub fn new_data_key(
        &self,
        organization: &[u8; 16],
        chance: &dyn Chance,
    ) -> Result<(DataKey, WrappedDataKey), SealFault> {
        let key = envelope::fresh_key(chance)?;
        let place = data_key_place(self.purpose, organization);
        let wrapped = envelope::seal(&self.key, &place, key.expose_secret(), chance)?;
        Ok((
            DataKey::new(self.purpose, *organization, key),
            WrappedDataKey(wrapped),
        ))
    }

    /// Unwraps an organization's data key from its stored form.
    ///
    /// # Errors
    /// [`SealFault`] when it was wrapped for another organization or purpose, by another root, or altered.
    pub fn unwrap_data_key(&self, organization: &[u8; 16], wrapped: &[u8]) -> Result<DataKey, SealFault> {
        let opened = envelope::open(&self.key, &data_key_place(self.purpose, organization), wrapped)?;
        let key = envelope::key_from(opened.expose_secret()).ok_or(SealFault::NotAuthentic)?;
        Ok(DataKey::new(self.purpose, *organization, key))
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RootKey({}, secret)", self.purpose)
    }
}
