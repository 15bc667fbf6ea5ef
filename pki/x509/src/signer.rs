// SPDX-License-Identifier: Apache-2.0
//! Says what a signing key can be asked: to sign something that passed its lints, and nothing else.

use crate::key::{PublicKey, SignatureAlgorithm};
use crate::to_be_signed::ToBeSigned;

/// A signing key, wherever it lives.
///
/// Contract: synchronous (a token's call blocks; callers give it a thread), safe to share between threads,
/// and honest about its public key. It takes a [`ToBeSigned`] and never bare bytes, so it cannot be made to
/// sign what no lint has read. Callers verify every signature before they use it; a signer need not.
pub trait Signer: Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// How this key signs. Fixed for its life: issuers name it in every certificate.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Signs the exact bytes of `what`.
    ///
    /// # Errors
    /// [`SignerFault`] when no signature could be made; nothing was then signed.
    fn sign(&self, what: &ToBeSigned) -> Result<Signature, SignerFault>;
}

/// A signature as certificates carry it: for ECDSA the DER of its two numbers, for RSA and Ed25519 the plain octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// Wraps the octets a key produced.
    #[must_use]
    pub const fn new(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why a key made no signature: a fault of ours, never of a caller.
#[derive(Debug, thiserror::Error)]
pub enum SignerFault {
    /// The bytes name another signature algorithm than this key uses.
    #[error("the bytes call for {wanted}, this key signs by {offered}")]
    Algorithm {
        /// What the bytes name.
        wanted: SignatureAlgorithm,
        /// What the key does.
        offered: SignatureAlgorithm,
    },
    /// The key cannot be reached now; later it may be.
    #[error("the signing key cannot be reached: {reason}")]
    Unavailable {
        /// What the token or provider said.
        reason: String,
    },
    /// The key was reached and failed.
    #[error("the signing key failed: {reason}")]
    Failed {
        /// What the token or provider said.
        reason: String,
    },
}
