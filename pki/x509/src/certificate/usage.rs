// SPDX-License-Identifier: Apache-2.0
//! Names what a certified key may be used for (RFC 5280 §4.2.1.3, §4.2.1.12).

use core::fmt;
use core::str::FromStr;

use crate::key::KeyAlgorithm;
use crate::oid;

/// One bit of the key usage extension.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyUsage {
    /// Bit 0.
    DigitalSignature,
    /// Bit 1, also called contentCommitment.
    NonRepudiation,
    /// Bit 2.
    KeyEncipherment,
    /// Bit 3.
    DataEncipherment,
    /// Bit 4.
    KeyAgreement,
    /// Bit 5, for authorities alone.
    KeyCertSign,
    /// Bit 6, for authorities alone.
    CrlSign,
}

impl KeyUsage {
    /// The usages a profile for devices or servers may grant.
    pub const FOR_END_ENTITIES: [Self; 4] = [
        Self::DigitalSignature,
        Self::NonRepudiation,
        Self::KeyEncipherment,
        Self::KeyAgreement,
    ];

    /// All named bits, in their order, beginning with bit 0.
    pub(crate) const BITS: [Self; 7] = [
        Self::DigitalSignature,
        Self::NonRepudiation,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
    ];

    /// Whether a key of this kind can be used so (RFC 8813 §3 for EC, RFC 8410 §5 for Ed25519, RFC 4055 §1.2).
    #[must_use]
    pub const fn suits(self, key: KeyAlgorithm) -> bool {
        match self {
            Self::DigitalSignature | Self::NonRepudiation | Self::KeyCertSign | Self::CrlSign => true,
            Self::KeyEncipherment | Self::DataEncipherment => matches!(key, KeyAlgorithm::Rsa { .. }),
            Self::KeyAgreement => matches!(key, KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384),
        }
    }

    /// The name of RFC 5280.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
        }
    }

    /// This usage's bit in the first octet of the extension.
    pub(crate) const fn mask(self) -> u8 {
        match self {
            Self::DigitalSignature => 0x80,
            Self::NonRepudiation => 0x40,
            Self::KeyEncipherment => 0x20,
            Self::DataEncipherment => 0x10,
            Self::KeyAgreement => 0x08,
            Self::KeyCertSign => 0x04,
            Self::CrlSign => 0x02,
        }
    }
}

impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyUsage {
    type Err = UnknownUsage;

    fn from_str(text: &str) -> Result<Self, UnknownUsage> {
        Self::FOR_END_ENTITIES
            .into_iter()
            .find(|usage| usage.name() == text)
            .ok_or(UnknownUsage)
    }
}

/// A purpose of the extended key usage extension.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ExtendedKeyUsage {
    /// TLS server.
    ServerAuth,
    /// TLS client.
    ClientAuth,
}

impl ExtendedKeyUsage {
    /// The name of RFC 5280.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServerAuth => "serverAuth",
            Self::ClientAuth => "clientAuth",
        }
    }

    pub(crate) const fn oid(self) -> &'static [u8] {
        match self {
            Self::ServerAuth => oid::SERVER_AUTH,
            Self::ClientAuth => oid::CLIENT_AUTH,
        }
    }
}

impl fmt::Display for ExtendedKeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ExtendedKeyUsage {
    type Err = UnknownUsage;

    fn from_str(text: &str) -> Result<Self, UnknownUsage> {
        [Self::ServerAuth, Self::ClientAuth]
            .into_iter()
            .find(|usage| usage.name() == text)
            .ok_or(UnknownUsage)
    }
}

/// The text names no usage that a profile may grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such usage")]
pub struct UnknownUsage;
