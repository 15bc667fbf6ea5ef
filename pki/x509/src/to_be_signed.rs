// SPDX-License-Identifier: Apache-2.0
//! Seals bytes that passed their lints; nothing else can be brought before a signing key.

use crate::certificate::{CertificateDraft, Validity};
use crate::crl::CrlDraft;
use crate::key::{BadSignature, PublicKey, SignatureAlgorithm, sha256};
use crate::lint::{self, Expectation, LintFailures};
use crate::serial::Serial;
use crate::signer::Signature;
use crate::{tlv, write};

/// Exact bytes to be signed, of one kind of artefact each, that passed every lint.
///
/// There is no other way to make one than the constructors below, so what a key signs has been read back and
/// compared with what was ordered:
///
/// ```compile_fail
/// # use tamga_x509::to_be_signed::ToBeSigned;
/// let forged = ToBeSigned { bytes: b"anything".to_vec() };
/// ```
///
/// ```compile_fail
/// # use tamga_x509::to_be_signed::ToBeSigned;
/// fn smuggle(mut sealed: ToBeSigned) -> ToBeSigned {
///     sealed.bytes = b"anything".to_vec();
///     sealed
/// }
/// ```
#[derive(Debug)]
pub struct ToBeSigned {
    bytes: Vec<u8>,
    algorithm: SignatureAlgorithm,
    kind: Kind,
}

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A certificate.
    Certificate {
        /// Its serial number.
        serial: Serial,
        /// Its life.
        validity: Validity,
    },
    /// A revocation list.
    RevocationList {
        /// Its CRL number.
        number: u64,
    },
}

impl ToBeSigned {
    /// Seals a certificate.
    ///
    /// # Errors
    /// [`LintFailures`] when the bytes are not what was ordered: a fault of ours, nothing may be signed.
    pub fn certificate(draft: CertificateDraft) -> Result<Self, LintFailures> {
        Self::resume_certificate(draft.tbs, &draft.expectation)
    }

    /// Seals a certificate whose bytes were kept as an intent, after running every lint again: stored bytes
    /// are not trusted for having been good once.
    ///
    /// # Errors
    /// [`LintFailures`] as above.
    pub fn resume_certificate(bytes: Vec<u8>, expectation: &Expectation) -> Result<Self, LintFailures> {
        let validity = lint::certificate(&bytes, expectation)?;
        let kind = Kind::Certificate {
            serial: expectation.serial,
            validity,
        };
        Ok(Self {
            bytes,
            algorithm: expectation.algorithm,
            kind,
        })
    }

    /// Seals a revocation list.
    ///
    /// # Errors
    /// [`LintFailures`] as above.
    pub fn revocation_list(draft: CrlDraft) -> Result<Self, LintFailures> {
        lint::revocation_list(&draft.tbs, &draft.expectation)?;
        let kind = Kind::RevocationList {
            number: draft.expectation.number,
        };
        Ok(Self {
            bytes: draft.tbs,
            algorithm: draft.expectation.algorithm,
            kind,
        })
    }

    /// The exact bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 over the exact bytes, for journals (not what a key signs).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.bytes)
    }

    /// How the bytes say they are signed.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// What the bytes are.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The serial number of a certificate.
    #[must_use]
    pub const fn serial(&self) -> Option<Serial> {
        match self.kind {
            Kind::Certificate { serial, .. } => Some(serial),
            Kind::RevocationList { .. } => None,
        }
    }

    /// The life of a certificate.
    #[must_use]
    pub const fn validity(&self) -> Option<Validity> {
        match self.kind {
            Kind::Certificate { validity, .. } => Some(validity),
            Kind::RevocationList { .. } => None,
        }
    }

    /// Checks a signature over these bytes. Every signature is, before it is used: a failing token may produce
    /// one that gives its key away.
    ///
    /// # Errors
    /// [`BadSignature`] when it is not one by `key`.
    pub fn verify(&self, key: &PublicKey, signature: &Signature) -> Result<(), BadSignature> {
        key.verify(self.algorithm, &self.bytes, signature.as_bytes())
    }

    /// The finished DER: the bytes, the algorithm, the signature (RFC 5280 §4.1, §5.1).
    #[must_use]
    pub fn assemble(&self, signature: &Signature) -> Vec<u8> {
        let mut tail = self.algorithm.identifier_der();
        write::bits(&mut tail, signature.as_bytes());
        let length = self.bytes.len().saturating_add(tail.len());
        let mut out = Vec::with_capacity(write::element_length(length));
        out.push(tlv::SEQUENCE);
        out.extend(write::length_octets(length));
        out.extend_from_slice(&self.bytes);
        out.extend_from_slice(&tail);
        out
    }
}
