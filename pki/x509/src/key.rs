// SPDX-License-Identifier: Apache-2.0
//! Admits a public key only after everything that makes one weak, ambiguous or useless has been ruled out.

mod algorithm;
mod edwards;
mod elliptic;
mod rsa;
#[cfg(test)]
mod tests;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::UnparsedPublicKey;

use crate::oid;
use crate::tlv::{self, NotDer, Reader};

pub use algorithm::{KeyAlgorithm, SignatureAlgorithm, UnknownAlgorithm};

/// A public key that passed every check of [`PublicKey::from_spki_der`]. Its octets are kept as received.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki_der: Vec<u8>,
    /// The contents of the BIT STRING within: point, RSAPublicKey or 32 octets.
    raw: Vec<u8>,
    algorithm: KeyAlgorithm,
}

/// SHA-256 over the DER of a SubjectPublicKeyInfo: how the house names a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SpkiHash(pub [u8; 32]);

impl PublicKey {
    /// Reads and checks a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7; RFC 5480, 8017, 8410).
    ///
    /// # Errors
    /// [`KeyRefusal`] for anything but an uncompressed point on P-256 or P-384, an RSA key of 2048 to 4096
    /// bits without a known weakness, or a canonical Ed25519 key of full order.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyRefusal> {
        if der.len() > SPKI_LIMIT {
            return Err(KeyRefusal::TooLarge);
        }
        tlv::require_der(der, NESTING_LIMIT)?;
        let mut info = Reader::new(tlv::only(der, tlv::SEQUENCE)?.value);
        let mut identifier = info.sequence()?;
        let raw = info.octets_of_bits()?;
        info.finish()?;
        let kind = identifier.expect(tlv::OBJECT_IDENTIFIER)?.value;
        let algorithm = match kind {
            oid::EC_PUBLIC_KEY => elliptic::judge(elliptic::curve(identifier)?, raw)?,
            oid::RSA_ENCRYPTION => {
                identifier.expect(tlv::NULL)?;
                identifier.finish()?;
                rsa::judge(raw)?
            }
            oid::ED25519 => {
                identifier.finish()?;
                edwards::judge(raw)?
            }
            other => {
                return Err(KeyRefusal::UnknownKind {
                    kind: oid::describe(other),
                });
            }
        };
        Ok(Self {
            spki_der: der.to_vec(),
            raw: raw.to_vec(),
            algorithm,
        })
    }

    /// The SubjectPublicKeyInfo, octet for octet as received.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }

    /// SHA-256 over [`spki_der`](Self::spki_der).
    #[must_use]
    pub fn spki_hash(&self) -> SpkiHash {
        SpkiHash(sha256(&self.spki_der))
    }

    /// The key identifier of RFC 7093 §2 method 1: the leftmost 160 bits of SHA-256 over the key's bits.
    #[must_use]
    pub fn key_identifier(&self) -> [u8; 20] {
        let [kept @ .., _, _, _, _, _, _, _, _, _, _, _, _] = sha256(&self.raw);
        kept
    }

    /// The identifier most tools still compute: SHA-1 over the key's bits (RFC 5280 §4.2.1.2 method 1). Only to
    /// recognise it in requests.
    pub(crate) fn sha1_key_identifier(&self) -> [u8; 20] {
        let mut octets = [0; 20];
        octets.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.raw).as_ref());
        octets
    }

    /// What kind of key this is.
    #[must_use]
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Checks a signature over `message`.
    ///
    /// # Errors
    /// [`BadSignature`] when it is not one by this key, or `algorithm` is not one this key can use.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        let verification = algorithm.verification(self.algorithm).ok_or(BadSignature)?;
        UnparsedPublicKey::new(verification, &self.raw)
            .verify(message, signature)
            .map_err(|_| BadSignature)
    }
}

impl core::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PublicKey({}, spki {})", self.algorithm, self.spki_hash())
    }
}

impl core::fmt::Display for SpkiHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// Why a key is not admitted. The caller has to come with another one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// Larger than any key we admit.
    #[error(
        "the public key exceeds {SPKI_LIMIT} octets: use P-256, P-384, Ed25519 or RSA of 2048 to 4096 bits"
    )]
    TooLarge,
    /// Not DER, or not a SubjectPublicKeyInfo.
    #[error("the public key is not a DER SubjectPublicKeyInfo ({reason}): encode it as RFC 5280 §4.1 says")]
    Malformed {
        /// What was found.
        reason: &'static str,
    },
    /// A kind of key that is never admitted.
    #[error("the public key is of the kind {kind}: use P-256, P-384, Ed25519 or RSA of 2048 to 4096 bits")]
    UnknownKind {
        /// Its identifier.
        kind: String,
    },
    /// The key contradicts its kind.
    #[error("the public key is invalid ({reason}): make a new key pair")]
    Invalid {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The key is of a kind that can be broken.
    #[error("the public key is weak ({reason}): make a new key pair")]
    Weak {
        /// What makes it weak.
        reason: &'static str,
    },
}

impl KeyRefusal {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::TooLarge | Self::Malformed { .. } | Self::Invalid { .. } => "key_invalid",
            Self::UnknownKind { .. } => "key_type_refused",
            Self::Weak { .. } => "weak_key",
        }
    }
}

impl From<NotDer> for KeyRefusal {
    fn from(NotDer(reason): NotDer) -> Self {
        Self::Malformed { reason }
    }
}

/// The signature is not one by this key over this message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut octets = [0; 32];
    octets.copy_from_slice(digest(&SHA256, bytes).as_ref());
    octets
}

/// RSA of 4096 bits with the largest exponent takes 550 octets.
const SPKI_LIMIT: usize = 1024;
/// SubjectPublicKeyInfo, AlgorithmIdentifier, parameters, and room for the explicit curves we name when refusing.
const NESTING_LIMIT: u8 = 8;
