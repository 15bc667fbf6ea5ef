// SPDX-License-Identifier: Apache-2.0
//! Private keys in this process's memory, which sign what passed lint and nothing else.

#[cfg(test)]
mod tests;

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use secrecy::SecretSlice;
use tamga_x509::key::{KeyAlgorithm, KeyRefusal, PublicKey, SignatureAlgorithm};
use tamga_x509::signer::{Signature, Signer, SignerFault};
use tamga_x509::to_be_signed::ToBeSigned;
use thiserror::Error;

/// What a key signs once when it is made or loaded, to show that its halves belong together.
const TRIAL: &[u8] = b"tamga: the private key and its public key belong together";

/// A private key with its validated public key. The private half lives in aws-lc's own memory, which is
/// erased when freed.
pub struct SoftwareKey {
    private: PrivateKey,
    public: PublicKey,
}

enum PrivateKey {
    Elliptic(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Edwards(Ed25519KeyPair),
}

/// Why a software key could not be made, loaded, stored or used. None of these shows the key.
#[derive(Debug, Error)]
pub enum SoftwareKeyFault {
    /// RSA keys are made in three sizes.
    #[error("keys of {0} are not made: choose P-256, P-384, RSA-2048, RSA-3072, RSA-4096 or Ed25519")]
    NotMade(KeyAlgorithm),
    /// Not an unencrypted PKCS #8 of an accepted kind.
    #[error(
        "not an unencrypted PKCS #8 (DER) of a P-256, P-384, RSA or Ed25519 key, or its parts contradict each other"
    )]
    NotAPrivateKey,
    /// The public half is weak or of a refused kind.
    #[error("its public key is refused")]
    PublicKey(#[from] KeyRefusal),
    /// The two halves do not belong together.
    #[error("the public key in the file is not that of the private key")]
    Mismatch,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed to {0}")]
    Library(&'static str),
}

impl SoftwareKey {
    /// Makes a new key. Here, and in its signatures, chance is aws-lc's own generator, seeded by the system:
    /// the library takes no other.
    ///
    /// # Errors
    /// [`SoftwareKeyFault::NotMade`] for an unusual size of RSA.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, SoftwareKeyFault> {
        let failed = |_: Unspecified| SoftwareKeyFault::Library("make a key");
        let elliptic = |curve| EcdsaKeyPair::generate(curve).map(PrivateKey::Elliptic);
        let rsa = |size| RsaKeyPair::generate(size).map(PrivateKey::Rsa);
        let private = match algorithm {
            KeyAlgorithm::EcP256 => elliptic(&ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyAlgorithm::EcP384 => elliptic(&ECDSA_P384_SHA384_ASN1_SIGNING),
            KeyAlgorithm::Rsa { bits: 2048 } => rsa(KeySize::Rsa2048),
            KeyAlgorithm::Rsa { bits: 3072 } => rsa(KeySize::Rsa3072),
            KeyAlgorithm::Rsa { bits: 4096 } => rsa(KeySize::Rsa4096),
            KeyAlgorithm::Rsa { .. } => return Err(SoftwareKeyFault::NotMade(algorithm)),
            KeyAlgorithm::Ed25519 => Ed25519KeyPair::generate().map(PrivateKey::Edwards),
        };
        Self::proven(private.map_err(failed)?)
    }

    /// Loads a key from unencrypted PKCS #8 (RFC 5208, RFC 5958) in DER, as it comes out of a seal.
    ///
    /// # Errors
    /// [`SoftwareKeyFault`] when it is not one, is weak, or its halves do not belong together.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SoftwareKeyFault> {
        if !is_one_sequence(der) {
            return Err(SoftwareKeyFault::NotAPrivateKey);
        }
        let elliptic = |curve: &'static EcdsaSigningAlgorithm| {
            EcdsaKeyPair::from_pkcs8(curve, der).map(PrivateKey::Elliptic)
        };
        let private = elliptic(&ECDSA_P256_SHA256_ASN1_SIGNING)
            .or_else(|_| elliptic(&ECDSA_P384_SHA384_ASN1_SIGNING))
            .or_else(|_| RsaKeyPair::from_pkcs8(der).map(PrivateKey::Rsa))
            .or_else(|_| Ed25519KeyPair::from_pkcs8(der).map(PrivateKey::Edwards))
            .map_err(|_| SoftwareKeyFault::NotAPrivateKey)?;
        Self::proven(private)
    }

    /// The private key as unencrypted PKCS #8 in DER, to be sealed.
    ///
    /// # Errors
    /// [`SoftwareKeyFault::Library`] when the library cannot write it.
    pub fn to_pkcs8(&self) -> Result<SecretSlice<u8>, SoftwareKeyFault> {
        let failed = |_: Unspecified| SoftwareKeyFault::Library("write a key");
        // Each library type erases itself when dropped; the copy made here is the one that is handed out.
        match &self.private {
            PrivateKey::Elliptic(pair) => pair
                .to_pkcs8v1()
                .map(|der| der.as_ref().to_vec().into())
                .map_err(failed),
            PrivateKey::Rsa(pair) => {
                let der: Result<Pkcs8V1Der<'_>, _> = pair.as_der();
                der.map(|der| der.as_ref().to_vec().into()).map_err(failed)
            }
            PrivateKey::Edwards(pair) => pair
                .to_pkcs8v1()
                .map(|der| der.as_ref().to_vec().into())
                .map_err(failed),
        }
    }

    fn proven(private: PrivateKey) -> Result<Self, SoftwareKeyFault> {
        let public = PublicKey::from_spki_der(private.spki()?.as_ref())?;
        let key = Self { private, public };
        let signature = key.sign_octets(TRIAL)?;
        key.public
            .verify(key.algorithm(), TRIAL, &signature)
            .map_err(|_| SoftwareKeyFault::Mismatch)?;
        Ok(key)
    }

    /// ECDSA signatures come out as DER (RFC 5480), the others as X.509 writes them anyway.
    fn sign_octets(&self, message: &[u8]) -> Result<Vec<u8>, SoftwareKeyFault> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the library demands it and ignores it, using its own"
        )]
        let ignored = SystemRandom::new();
        match &self.private {
            PrivateKey::Elliptic(pair) => pair.sign(&ignored, message).map(|made| made.as_ref().to_vec()),
            PrivateKey::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &ignored, message, &mut signature)
                    .map(|()| signature)
            }
            PrivateKey::Edwards(pair) => pair.try_sign(message).map(|made| made.as_ref().to_vec()),
        }
        .map_err(|_| SoftwareKeyFault::Library("sign"))
    }
}

impl Signer for SoftwareKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::default_for(self.public.algorithm())
    }

    fn sign(&self, what: &ToBeSigned) -> Result<Signature, SignerFault> {
        let (wanted, offered) = (what.algorithm(), self.algorithm());
        if wanted != offered {
            return Err(SignerFault::Algorithm { wanted, offered });
        }
        match self.sign_octets(what.bytes()) {
            Ok(octets) => Ok(Signature::new(octets)),
            Err(fault) => Err(SignerFault::Failed {
                reason: fault.to_string(),
            }),
        }
    }
}

impl PrivateKey {
    fn spki(&self) -> Result<PublicKeyX509Der<'static>, SoftwareKeyFault> {
        match self {
            Self::Elliptic(pair) => pair.public_key().as_der(),
            Self::Rsa(pair) => pair.public_key().as_der(),
            Self::Edwards(pair) => pair.public_key().as_der(),
        }
        .map_err(|_| SoftwareKeyFault::Library("write a public key"))
    }
}

/// Whether these octets are one DER SEQUENCE with nothing behind it, which the library does not mind.
const fn is_one_sequence(der: &[u8]) -> bool {
    match der {
        [0x30, length @ 0..=0x7f, rest @ ..] => rest.len() == *length as usize,
        [0x30, 0x81, length, rest @ ..] => rest.len() == *length as usize,
        [0x30, 0x82, high, low, rest @ ..] => rest.len() == u16::from_be_bytes([*high, *low]) as usize,
        _ => false,
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SoftwareKey({}, secret)", self.public.spki_hash())
    }
}
