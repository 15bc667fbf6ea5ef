// SPDX-License-Identifier: Apache-2.0
//! Lists why a request is refused, each time with what its sender has to change.

use crate::key::KeyRefusal;
use crate::tlv::NotDer;

/// Why a request is refused. All of these are the sender's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrRefusal {
    /// Not one PKCS #10 request in DER.
    #[error("this is not a PKCS #10 request in DER ({reason}): send exactly one, encoded as RFC 2986 says")]
    Malformed {
        /// What was found.
        reason: &'static str,
    },
    /// Beyond a limit.
    #[error("the request is too large ({what}): send the key and at most what the profile grants")]
    TooLarge {
        /// Which limit.
        what: &'static str,
    },
    /// The proof of possession fails.
    #[error(
        "the signature of the request does not verify: sign the request with the private key that belongs to the public key in it"
    )]
    Signature,
    /// Signed in a way we do not accept.
    #[error(
        "the request is signed with {found}: sign with ECDSA or RSA PKCS #1 v1.5 and SHA-256, SHA-384 or SHA-512, or with Ed25519, by a key of that kind"
    )]
    Algorithm {
        /// The algorithm, and the key where the two do not match.
        found: String,
    },
    /// The key itself is not admitted.
    #[error(transparent)]
    Key(#[from] KeyRefusal),
    /// The key is sound, but not of a kind the profile takes.
    #[error(
        "the profile takes keys of the kinds {accepted}, this one is {found}: make a key of one of these"
    )]
    KeyType {
        /// The kind of the key.
        found: String,
        /// What the profile takes.
        accepted: String,
    },
    /// Something occurs twice.
    #[error("{what} occurs twice: ask for it once")]
    Duplicate {
        /// What does.
        what: String,
    },
    /// It asks to become an authority.
    #[error(
        "the request asks for CA:TRUE in basicConstraints (2.5.29.19): leave the extension out, devices are no authorities"
    )]
    CaRequested,
    /// It asks for key usages beyond the profile.
    #[error(
        "the request asks for {asked} in keyUsage (2.5.29.15), the profile grants {granted}: ask for these at most, or leave the extension out"
    )]
    KeyUsage {
        /// What it asks for.
        asked: String,
        /// What the profile grants.
        granted: String,
    },
    /// It asks for purposes beyond the profile.
    #[error(
        "the request asks for {asked} in extKeyUsage (2.5.29.37), the profile grants {granted}: ask for these at most, or leave the extension out"
    )]
    ExtendedKeyUsage {
        /// What it asks for.
        asked: String,
        /// What the profile grants.
        granted: String,
    },
    /// It asks for an extension that is not for requests.
    #[error(
        "the request asks for the extension {extension}, which the authority alone decides: leave it out; only basicConstraints CA:FALSE, keyUsage, extKeyUsage, a subjectKeyIdentifier of the key itself and the device's own subjectAltName may be there"
    )]
    ForeignExtension {
        /// Its identifier and name.
        extension: String,
    },
    /// It asks for another subject.
    #[error("the request asks for the subject {found}: leave the subject empty, or give {wanted}")]
    Subject {
        /// What it asks for.
        found: String,
        /// What it may ask for.
        wanted: String,
    },
    /// A birth certificate cannot say the number of the unit.
    #[error(
        "a birth certificate cannot number this unit {found}: its serialNumber has 1 to 64 letters, digits, '-', '.' or ':'; give the unit such a registration id"
    )]
    UnitNumber {
        /// The registration id.
        found: String,
    },
    /// It asks for other names.
    #[error(
        "the request asks for {found} in subjectAltName (2.5.29.17): leave the extension out, or give the one URI {wanted}"
    )]
    Names {
        /// What it asks for.
        found: String,
        /// What it may ask for.
        wanted: String,
    },
}

impl CsrRefusal {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "csr_malformed",
            Self::TooLarge { .. } => "csr_too_large",
            Self::Signature => "csr_signature",
            Self::Algorithm { .. } => "csr_algorithm",
            Self::Key(key) => key.slug(),
            Self::KeyType { .. } => "key_type_refused",
            Self::Duplicate { .. } => "csr_duplicate",
            Self::CaRequested => "csr_ca_requested",
            Self::KeyUsage { .. } => "csr_key_usage",
            Self::ExtendedKeyUsage { .. } => "csr_extended_key_usage",
            Self::ForeignExtension { .. } => "csr_foreign_extension",
            Self::Subject { .. } => "csr_subject",
            Self::Names { .. } => "csr_names",
            Self::UnitNumber { .. } => "unit_number",
        }
    }
}

impl From<NotDer> for CsrRefusal {
    fn from(NotDer(reason): NotDer) -> Self {
        Self::Malformed { reason }
    }
}
