// SPDX-License-Identifier: Apache-2.0
//! The sealed form of octets: version, nonce, AES-256-GCM ciphertext and tag.
//!
//! `0x01 | nonce (12) | ciphertext | tag (16)`. Nonces are random: NIST SP 800-38D §8.3 allows 2^32 seals under
//! one key, which is why values are sealed by data keys of one organization and never by a root key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use secrecy::{ExposeSecret, SecretBox, SecretSlice};
use tamga_x509::chance::{self, Chance, ChanceFault};
use zeroize::Zeroizing;

use super::fault::SealFault;

/// The first octet of everything sealed this way.
const VERSION: u8 = 1;
const TAG_LENGTH: usize = 16;
/// Octets that sealing adds.
pub(super) const OVERHEAD: usize = 1 + NONCE_LEN + TAG_LENGTH;

/// A key of AES-256.
pub(super) type CipherKey = SecretBox<[u8; 32]>;

/// Draws a fresh cipher key.
pub(super) fn fresh_key(chance: &dyn Chance) -> Result<CipherKey, ChanceFault> {
    let mut key = Box::new([0; 32]);
    let drawn = chance.fill(key.as_mut());
    let key = SecretBox::new(key);
    drawn?;
    Ok(key)
}

/// Takes a cipher key out of opened octets; `None` when there are not 32.
pub(super) fn key_from(octets: &[u8]) -> Option<CipherKey> {
    let mut key = Box::new([0; 32]);
    if octets.len() != key.len() {
        return None;
    }
    key.copy_from_slice(octets);
    Some(SecretBox::new(key))
}

/// Seals octets under a key, bound to `place`.
pub(super) fn seal(
    key: &CipherKey,
    place: &[u8],
    plain: &[u8],
    chance: &dyn Chance,
) -> Result<Vec<u8>, SealFault> {
    let nonce = chance::octets::<NONCE_LEN>(chance)?;
    // All room is taken at once: growing would leave the plain octets behind in freed memory.
    let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    let start = sealed.len();
    sealed.extend_from_slice(plain);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = cipher(key)
        .and_then(|key| key.seal_in_place_separate_tag(nonce, Aad::from(place), &mut sealed[start..]));
    let Ok(tag) = tag else {
        let _plain = Zeroizing::new(sealed);
        return Err(SealFault::Cipher);
    };
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// Opens what [`seal`] made under the same key and place.
pub(super) fn open(key: &CipherKey, place: &[u8], sealed: &[u8]) -> Result<SecretSlice<u8>, SealFault> {
    let (&version, rest) = sealed.split_first().ok_or(SealFault::Truncated)?;
    if version != VERSION {
        return Err(SealFault::UnknownVersion(version));
    }
    let (nonce, rest) = rest
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(SealFault::Truncated)?;
    if rest.len() < TAG_LENGTH {
        return Err(SealFault::Truncated);
    }
    let mut working = Zeroizing::new(rest.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let key = cipher(key).map_err(|Unspecified| SealFault::Cipher)?;
    let plain = key
        .open_in_place(nonce, Aad::from(place), &mut working)
        .map_err(|Unspecified| SealFault::NotAuthentic)?;
    Ok(plain.to_vec().into())
}

fn cipher(key: &CipherKey) -> Result<LessSafeKey, Unspecified> {
    UnboundKey::new(&AES_256_GCM, key.expose_secret()).map(LessSafeKey::new)
}
