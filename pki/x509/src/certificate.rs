// SPDX-License-Identifier: Apache-2.0
//! Reads the certificates of issuers and devices, and says where their status is to be found.

mod draft;
pub(crate) mod extension;
pub(crate) mod fields;
mod fingerprint;
#[cfg(test)]
mod tests;
mod usage;

use der::Decode;

use crate::key::{BadSignature, PublicKey, SignatureAlgorithm, SpkiHash, sha256};
use crate::oid;
use crate::serial::{Serial, SerialFault};
use crate::tlv::{self, NotDer};
use fields::Fields;

pub use draft::CertificateDraft;
pub(crate) use draft::Composition;
pub use fingerprint::Fingerprint;
pub use usage::{ExtendedKeyUsage, KeyUsage, UnknownUsage};

pub use crate::validity::{Validity, ValidityFault};

/// The full URLs written into a certificate: where its issuer's list and its issuer's certificate are fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusLocations {
    /// The revocation list this certificate would be on (RFC 5280 §4.2.1.13).
    pub crl: Option<String>,
    /// The certificate of the issuer (RFC 5280 §4.2.2.1).
    pub issuer: Option<String>,
}

/// The certificate of an authority that issues: everything a draft has to agree with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerCertificate {
    der: Vec<u8>,
    subject: Vec<u8>,
    public_key: PublicKey,
    key_identifier: Vec<u8>,
    validity: Validity,
    path_length: Option<u64>,
}

impl IssuerCertificate {
    /// Reads an authority's certificate, ours or a customer's.
    ///
    /// # Errors
    /// [`CertificateFault`] when it is not DER of version 3, its key is not one we admit, it is not an
    /// authority's (RFC 5280 §4.2.1.9, §4.2.1.3), or it lacks a subject or a subject key identifier (§4.2.1.2).
    pub fn parse(der: &[u8]) -> Result<Self, CertificateFault> {
        let fields = Fields::read(der)?;
        let public_key = PublicKey::from_spki_der(fields.spki).map_err(CertificateFault::Key)?;
        if fields.subject == EMPTY_NAME {
            return Err(CertificateFault::NotAuthority("it has no subject"));
        }
        let path_length = extension::read_authority(&fields.extensions)?;
        let key_identifier = fields
            .extension(oid::SUBJECT_KEY_IDENTIFIER)
            .ok_or(CertificateFault::NotAuthority("it has no subject key identifier"))?;
        Ok(Self {
            der: der.to_vec(),
            subject: fields.subject.to_vec(),
            public_key,
            key_identifier: tlv::only(key_identifier.value, tlv::OCTET_STRING)?.value.to_vec(),
            validity: fields.validity,
            path_length,
        })
    }

    /// The whole certificate.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its subject: what it issues carries these octets as issuer, verbatim.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// Its subject as people read it (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> String {
        readable_name(&self.subject)
    }

    /// Its key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Its subject key identifier: the authority key identifier of what it issues.
    #[must_use]
    pub fn key_identifier(&self) -> &[u8] {
        &self.key_identifier
    }

    /// Its life, within which all it issues must lie.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// How it signs what it issues (not how it was signed itself).
    #[must_use]
    pub const fn signature_algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::default_for(self.public_key.algorithm())
    }

    /// How many authorities may stand between it and a device; `None` means any number.
    #[must_use]
    pub const fn path_length(&self) -> Option<u64> {
        self.path_length
    }
}

/// A certificate we issued, read for display and checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    serial: Serial,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    validity: Validity,
    spki_hash: SpkiHash,
    authority_key_identifier: Option<Vec<u8>>,
}

impl Certificate {
    /// Reads a certificate with a serial number of ours. No signature is checked: see [`verify`](Self::verify).
    ///
    /// # Errors
    /// [`CertificateFault`] when it is not DER of version 3 or its serial number is not of our layout.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateFault> {
        let fields = Fields::read(der)?;
        let authority = fields.extension(oid::AUTHORITY_KEY_IDENTIFIER);
        Ok(Self {
            der: der.to_vec(),
            serial: Serial::from_bytes(fields.serial).map_err(CertificateFault::Serial)?,
            issuer: fields.issuer.to_vec(),
            subject: fields.subject.to_vec(),
            validity: fields.validity,
            spki_hash: SpkiHash(sha256(fields.spki)),
            authority_key_identifier: authority
                .map(|found| extension::read_authority_key_identifier(found.value))
                .transpose()?
                .map(<[u8]>::to_vec),
        })
    }

    /// Checks that `issuer` issued this: its name, its key identifier, one algorithm within and without, and
    /// its signature. The lives are not compared with any clock.
    ///
    /// # Errors
    /// [`BadSignature`] when any of these does not hold.
    pub fn verify(&self, issuer: &IssuerCertificate) -> Result<(), BadSignature> {
        let fields = Fields::read(&self.der).map_err(|_| BadSignature)?;
        let named = self.issuer == issuer.subject_der()
            && self.authority_key_identifier.as_deref() == Some(issuer.key_identifier())
            && fields.inner_algorithm == fields.outer_algorithm;
        let algorithm = SignatureAlgorithm::read(fields.outer_algorithm).ok().flatten();
        match algorithm {
            Some(algorithm) if named => issuer
                .public_key()
                .verify(algorithm, fields.tbs, fields.signature),
            _ => Err(BadSignature),
        }
    }

    /// The whole certificate.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its serial number.
    #[must_use]
    pub const fn serial(&self) -> Serial {
        self.serial
    }

    /// Its life.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// Its subject as people read it (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> String {
        readable_name(&self.subject)
    }

    /// Its issuer as people read it (RFC 4514).
    #[must_use]
    pub fn issuer(&self) -> String {
        readable_name(&self.issuer)
    }

    /// Its issuer's name, as received.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    /// The key identifier of its issuer, if it names one.
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.authority_key_identifier.as_deref()
    }

    /// Its subject alternative names as people read them: DNS names, addresses, URIs; other kinds are left out.
    ///
    /// # Errors
    /// [`CertificateFault`] when the extension is not readable.
    pub fn names(&self) -> Result<Vec<String>, CertificateFault> {
        let fields = Fields::read(&self.der)?;
        let Some(found) = fields.extension(oid::SUBJECT_ALT_NAME) else {
            return Ok(Vec::new());
        };
        Ok(extension::read_names(found.value)?)
    }

    /// SHA-256 over its SubjectPublicKeyInfo.
    #[must_use]
    pub const fn spki_hash(&self) -> SpkiHash {
        self.spki_hash
    }
}

/// Why a certificate could not be read as what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Not a certificate in DER.
    #[error("this is not a DER certificate ({0}): give an X.509 certificate of version 3")]
    Malformed(&'static str),
    /// A key we do not admit.
    #[error("the key of this certificate is not admitted: {0}")]
    Key(crate::key::KeyRefusal),
    /// Not an authority's certificate.
    #[error("this is not the certificate of an authority ({0}): give one that may issue")]
    NotAuthority(&'static str),
    /// Not numbered by us.
    #[error("this certificate was not issued here: {0}")]
    Serial(SerialFault),
}

impl CertificateFault {
    /// The stable code of this fault.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "certificate_malformed",
            Self::Key(_) => "certificate_key",
            Self::NotAuthority(_) => "certificate_not_authority",
            Self::Serial(_) => "certificate_not_ours",
        }
    }
}

impl From<NotDer> for CertificateFault {
    fn from(NotDer(reason): NotDer) -> Self {
        Self::Malformed(reason)
    }
}

/// A name as RFC 4514 prints it.
pub(crate) fn readable_name(der: &[u8]) -> String {
    x509_cert::name::Name::from_der(der).map_or_else(
        |_| "(a name that cannot be read)".to_owned(),
        |name| name.to_string(),
    )
}

const EMPTY_NAME: &[u8] = &[0x30, 0x00];
