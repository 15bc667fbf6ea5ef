// SPDX-License-Identifier: Apache-2.0
//! Names the kinds of keys and signatures the house accepts, and which go together.

use core::fmt;
use core::str::FromStr;

use aws_lc_rs::signature::{self as aws, VerificationAlgorithm};

use crate::tlv::{self, NotDer, Reader, Tlv};
use crate::{oid, write};

/// The kind of a public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyAlgorithm {
    /// ECDSA on NIST P-256.
    EcP256,
    /// ECDSA on NIST P-384.
    EcP384,
    /// RSA with a modulus of so many bits.
    Rsa {
        /// 2048 to 4096, a multiple of eight.
        bits: u16,
    },
    /// EdDSA on Curve25519.
    Ed25519,
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EcP256 => f.write_str("P-256"),
            Self::EcP384 => f.write_str("P-384"),
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        match text {
            "P-256" => Ok(Self::EcP256),
            "P-384" => Ok(Self::EcP384),
            "RSA-2048" => Ok(Self::Rsa { bits: 2048 }),
            "RSA-3072" => Ok(Self::Rsa { bits: 3072 }),
            "RSA-4096" => Ok(Self::Rsa { bits: 4096 }),
            "Ed25519" => Ok(Self::Ed25519),
            _ => Err(UnknownAlgorithm),
        }
    }
}

/// The text names no key algorithm of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("key algorithms are P-256, P-384, RSA-2048, RSA-3072, RSA-4096 and Ed25519, spelled so")]
pub struct UnknownAlgorithm;

/// How a signature was or will be made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SignatureAlgorithm {
    /// RFC 5758 §3.2.
    EcdsaSha256,
    /// RFC 5758 §3.2.
    EcdsaSha384,
    /// RFC 5758 §3.2.
    EcdsaSha512,
    /// PKCS #1 v1.5, RFC 4055 §5.
    RsaSha256,
    /// PKCS #1 v1.5, RFC 4055 §5.
    RsaSha384,
    /// PKCS #1 v1.5, RFC 4055 §5.
    RsaSha512,
    /// RFC 8410.
    Ed25519,
}

impl SignatureAlgorithm {
    /// What an authority of ours signs with: the hash that matches the strength of its key.
    #[must_use]
    pub const fn default_for(key: KeyAlgorithm) -> Self {
        match key {
            KeyAlgorithm::EcP256 => Self::EcdsaSha256,
            KeyAlgorithm::EcP384 => Self::EcdsaSha384,
            KeyAlgorithm::Rsa { .. } => Self::RsaSha256,
            KeyAlgorithm::Ed25519 => Self::Ed25519,
        }
    }

    /// Whether a key of this kind can make such a signature.
    #[must_use]
    pub const fn suits(self, key: KeyAlgorithm) -> bool {
        matches!(
            (self, key),
            (
                Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512,
                KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384
            ) | (
                Self::RsaSha256 | Self::RsaSha384 | Self::RsaSha512,
                KeyAlgorithm::Rsa { .. }
            ) | (Self::Ed25519, KeyAlgorithm::Ed25519)
        )
    }

    /// The DER AlgorithmIdentifier: NULL parameters for RSA (RFC 4055 §5), none for the others (RFC 5758 §3.2,
    /// RFC 8410 §3).
    #[must_use]
    pub fn identifier_der(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16);
        write::sequence(&mut out, |out| {
            write::oid(out, self.oid());
            if matches!(self, Self::RsaSha256 | Self::RsaSha384 | Self::RsaSha512) {
                write::primitive(out, tlv::NULL, &[]);
            }
        });
        out
    }

    /// Reads an AlgorithmIdentifier; `None` for one we do not accept. RSA may lack its NULL (RFC 4055 §5 asks
    /// readers to take both).
    pub(crate) fn read(identifier: Tlv<'_>) -> Result<Option<Self>, NotDer> {
        let mut reader = Reader::new(identifier.value);
        let kind = reader.expect(tlv::OBJECT_IDENTIFIER)?.value;
        let Some(algorithm) = ALL.into_iter().find(|algorithm| algorithm.oid() == kind) else {
            return Ok(None);
        };
        if matches!(algorithm, Self::RsaSha256 | Self::RsaSha384 | Self::RsaSha512) {
            reader.optional(tlv::NULL)?;
        }
        reader.finish().map(|()| Some(algorithm))
    }

    const fn oid(self) -> &'static [u8] {
        match self {
            Self::EcdsaSha256 => oid::ECDSA_SHA256,
            Self::EcdsaSha384 => oid::ECDSA_SHA384,
            Self::EcdsaSha512 => oid::ECDSA_SHA512,
            Self::RsaSha256 => oid::RSA_SHA256,
            Self::RsaSha384 => oid::RSA_SHA384,
            Self::RsaSha512 => oid::RSA_SHA512,
            Self::Ed25519 => oid::ED25519,
        }
    }

    pub(super) fn verification(self, key: KeyAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
        match (self, key) {
            (Self::EcdsaSha256, KeyAlgorithm::EcP256) => Some(&aws::ECDSA_P256_SHA256_ASN1),
            (Self::EcdsaSha384, KeyAlgorithm::EcP256) => Some(&aws::ECDSA_P256_SHA384_ASN1),
            (Self::EcdsaSha512, KeyAlgorithm::EcP256) => Some(&aws::ECDSA_P256_SHA512_ASN1),
            (Self::EcdsaSha256, KeyAlgorithm::EcP384) => Some(&aws::ECDSA_P384_SHA256_ASN1),
            (Self::EcdsaSha384, KeyAlgorithm::EcP384) => Some(&aws::ECDSA_P384_SHA384_ASN1),
            (Self::EcdsaSha512, KeyAlgorithm::EcP384) => Some(&aws::ECDSA_P384_SHA512_ASN1),
            (Self::RsaSha256, KeyAlgorithm::Rsa { .. }) => Some(&aws::RSA_PKCS1_2048_8192_SHA256),
            (Self::RsaSha384, KeyAlgorithm::Rsa { .. }) => Some(&aws::RSA_PKCS1_2048_8192_SHA384),
            (Self::RsaSha512, KeyAlgorithm::Rsa { .. }) => Some(&aws::RSA_PKCS1_2048_8192_SHA512),
            (Self::Ed25519, KeyAlgorithm::Ed25519) => Some(&aws::ED25519),
            _ => None,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EcdsaSha256 => "ECDSA with SHA-256",
            Self::EcdsaSha384 => "ECDSA with SHA-384",
            Self::EcdsaSha512 => "ECDSA with SHA-512",
            Self::RsaSha256 => "RSA PKCS #1 v1.5 with SHA-256",
            Self::RsaSha384 => "RSA PKCS #1 v1.5 with SHA-384",
            Self::RsaSha512 => "RSA PKCS #1 v1.5 with SHA-512",
            Self::Ed25519 => "Ed25519",
        })
    }
}

const ALL: [SignatureAlgorithm; 7] = [
    SignatureAlgorithm::EcdsaSha256,
    SignatureAlgorithm::EcdsaSha384,
    SignatureAlgorithm::EcdsaSha512,
    SignatureAlgorithm::RsaSha256,
    SignatureAlgorithm::RsaSha384,
    SignatureAlgorithm::RsaSha512,
    SignatureAlgorithm::Ed25519,
];
