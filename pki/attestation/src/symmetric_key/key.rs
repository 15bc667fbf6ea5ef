// SPDX-License-Identifier: Apache-2.0
//! A shared key: read from base64, generated, derived from a group's, and never shown by accident.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use tamga_x509::chance::{self, Chance, ChanceFault};
use thiserror::Error;
use zeroize::Zeroizing;

/// Shortest and longest key accepted, in octets, as devices and tools in the field know them.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;

/// Length of a key we generate, in octets: one block of SHA-256.
const GENERATED_LENGTH: usize = 64;

/// A symmetric key of 16 to 64 octets; erased from memory when dropped.
pub struct SymmetricKey(SecretSlice<u8>);

/// Why a text or octets cannot be a symmetric key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SymmetricKeyRefusal {
    /// Not strict base64.
    #[error("the key is not base64: give it in the standard alphabet, padded, without spaces")]
    Encoding,
    /// Too short or too long.
    #[error("the key has a wrong length: give 16 to 64 octets (64 are generated when it is left out)")]
    Length,
}

impl SymmetricKeyRefusal {
    /// Stable code of this refusal.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Encoding => "symmetric_key_encoding",
            Self::Length => "symmetric_key_length",
        }
    }
}

impl SymmetricKey {
    /// Reads a key from padded base64 in the standard alphabet; nothing else is taken, so that one key has
    /// one text.
    ///
    /// # Errors
    /// When the text is not base64, or the key is not of 16 to 64 octets.
    pub fn from_base64(text: &str) -> Result<Self, SymmetricKeyRefusal> {
        let longest = BASE64.encode_len(*LENGTHS.end());
        if text.len() > longest {
            return Err(SymmetricKeyRefusal::Length);
        }
        let octets = BASE64.decode(text.as_bytes()).map(Zeroizing::new);
        Self::from_octets(&octets.map_err(|_| SymmetricKeyRefusal::Encoding)?)
    }

    /// Takes a key from its raw octets, as they come out of a seal.
    ///
    /// # Errors
    /// When there are fewer than 16 or more than 64.
    pub fn from_octets(octets: &[u8]) -> Result<Self, SymmetricKeyRefusal> {
        if LENGTHS.contains(&octets.len()) {
            Ok(Self(octets.to_vec().into()))
        } else {
            Err(SymmetricKeyRefusal::Length)
        }
    }

    /// Makes a new key of 64 octets.
    ///
    /// # Errors
    /// When the source of chance fails.
    pub fn generate(chance: &dyn Chance) -> Result<Self, ChanceFault> {
        let octets = Zeroizing::new(chance::octets::<GENERATED_LENGTH>(chance)?);
        Ok(Self(octets.to_vec().into()))
    }

    /// The key of one device of a group: HMAC-SHA256 of the registration id under the group's key.
    ///
    /// The id is taken letter by letter as given; see [`super::SymmetricKeyReference::verifies`].
    #[must_use]
    pub fn derive(&self, registration_id: &str) -> Self {
        Self(self.tag(registration_id.as_bytes()).as_ref().to_vec().into())
    }

    /// The key as text, for the one answer that hands it to its owner.
    #[must_use]
    pub fn to_base64(&self) -> SecretString {
        BASE64.encode(self.0.expose_secret()).into()
    }

    /// The raw octets, for sealing.
    #[must_use]
    pub fn expose_octets(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Compares two keys in constant time; their lengths are no secret.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.expose_octets(), other.expose_octets()).is_ok()
    }

    /// Whether `tag` is the HMAC-SHA256 of `message` under this key, compared in constant time.
    pub(super) fn verifies(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.schedule(), message, tag).is_ok()
    }

    fn tag(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.schedule(), message)
    }

    fn schedule(&self) -> hmac::Key {
        #[cfg(test)]
        super::tests::count_work();
        hmac::Key::new(hmac::HMAC_SHA256, self.expose_octets())
    }
}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SymmetricKey(secret)")
    }
}
