// SPDX-License-Identifier: Apache-2.0
//! Reads one certificate of anybody: what paths, pins and answers need of it, and no opinion about it.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use const_oid::db::rfc4519::CN as COMMON_NAME;
use const_oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_CRL_DISTRIBUTION_POINTS, ID_CE_KEY_USAGE,
};
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use tamga_x509::certificate::Fingerprint;
use tamga_x509::key::{KeyRefusal, PublicKey, SpkiHash};
use tamga_x509::time::Timestamp;
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::CrlDistributionPoints;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages};
use x509_cert::name::Name;
use x509_cert::time::{Time, Validity};

use super::signature::Signed;

/// A certificate as it was received, whoever issued it: versions 1 to 3, any key, any extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedCertificate {
    der: Vec<u8>,
    version: u8,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
    spki: Vec<u8>,
    spki_hash: SpkiHash,
    traits: Traits,
}

/// What its extensions say, as far as anybody here asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Traits {
    authority: bool,
    path_length: Option<u8>,
    usage: Option<KeyUsage>,
    authority_key_identifier: Option<Vec<u8>>,
    list_locations: Option<CrlDistributionPoints>,
}

impl PresentedCertificate {
    /// Reads a certificate (RFC 5280 §4.1). No signature is checked and no clock is asked.
    ///
    /// # Errors
    /// [`Unreadable`] when it is longer than [`LONGEST_CERTIFICATE`], not DER, or an extension read here twice or
    /// not what it should be.
    pub fn parse(der: &[u8]) -> Result<Self, Unreadable> {
        if der.len() > LONGEST_CERTIFICATE {
            return Err(Unreadable("it has more than 16 KiB"));
        }
        let whole = Whole::from_der(der).map_err(|_| Unreadable("it is no DER of a certificate"))?;
        let signed = &whole.signed;
        let issuer = name(&signed.issuer)?;
        let subject = name(&signed.subject)?;
        let spki = sequence(&signed.key)?;
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &spki).as_ref());
        Ok(Self {
            der: der.to_vec(),
            version: (signed.version as u8).saturating_add(1),
            serial: signed.serial.value().to_vec(),
            issuer,
            subject,
            not_before: timestamp(signed.validity.not_before),
            not_after: timestamp(signed.validity.not_after),
            spki,
            spki_hash: SpkiHash(hash),
            traits: Traits::read(signed.extensions.as_deref().unwrap_or_default())?,
        })
    }

    /// The whole certificate, octet for octet.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// 1, 2 or 3.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// The contents of its serial number: big-endian, two's complement, not always positive.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// Its subject as received, header included.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// Its issuer's name as received, header included.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    /// Its subject as people read it (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> String {
        readable(&self.subject)
    }

    /// Its issuer as people read it (RFC 4514).
    #[must_use]
    pub fn issuer(&self) -> String {
        readable(&self.issuer)
    }

    /// The common name of its subject, if it has exactly one and that is text.
    #[must_use]
    pub fn common_name(&self) -> Option<String> {
        only_common_name(&self.subject).ok().flatten()
    }

    /// First second of its life.
    #[must_use]
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Last second of its life, inclusive (RFC 5280 §4.1.2.5).
    #[must_use]
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Whether it lives at this moment.
    #[must_use]
    pub fn lives(&self, at: Timestamp) -> bool {
        let at = at.floor_to_second();
        self.not_before <= at && at <= self.not_after
    }

    /// SHA-256 over its SubjectPublicKeyInfo.
    #[must_use]
    pub const fn spki_hash(&self) -> &SpkiHash {
        &self.spki_hash
    }

    /// Tells it from every other.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.der)
    }

    /// SHA-1 over the whole of it: how older tools name certificates. Nothing rests on it.
    #[must_use]
    pub fn sha1_thumbprint(&self) -> [u8; 20] {
        let mut octets = [0; 20];
        octets.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der).as_ref());
        octets
    }

    /// The key identifier of its issuer, if it names one (RFC 5280 §4.2.1.1).
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.traits.authority_key_identifier.as_deref()
    }

    /// Its key, if it is one the house admits.
    ///
    /// # Errors
    /// [`KeyRefusal`] for a weak key or one of a kind not admitted.
    pub fn public_key(&self) -> Result<PublicKey, KeyRefusal> {
        PublicKey::from_spki_der(&self.spki)
    }

    /// Its SubjectPublicKeyInfo, octet for octet.
    pub(super) fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// Whether it is an authority's (RFC 5280 §4.2.1.9).
    pub(super) const fn is_authority(&self) -> bool {
        self.traits.authority
    }

    /// How many authorities it allows between itself and a device; `None` means any number.
    pub(super) fn path_length(&self) -> Option<usize> {
        self.traits.path_length.map(usize::from)
    }

    /// Whether its key may be used so: also if it says nothing of usages (RFC 5280 §4.2.1.3).
    pub(super) fn may(&self, usage: KeyUsages) -> bool {
        self.traits.usage.is_none_or(|usages| usages.0.contains(usage))
    }

    /// Where it says its issuer's lists are (RFC 5280 §4.2.1.13): to be compared, never to be fetched.
    pub(super) const fn list_locations(&self) -> Option<&CrlDistributionPoints> {
        self.traits.list_locations.as_ref()
    }

    /// Whether the key of `issuer` signed this.
    pub(super) fn signed_by(&self, issuer: &Self) -> bool {
        Signed::read(&self.der).is_some_and(|signed| signed.verifies(&issuer.spki))
    }
}

/// Why a certificate could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub(crate) &'static str);

impl Traits {
    fn read(extensions: &[Extension]) -> Result<Self, Unreadable> {
        let constraints = only::<BasicConstraints>(extensions, ID_CE_BASIC_CONSTRAINTS)?;
        let authority = only::<AuthorityKeyIdentifier>(extensions, ID_CE_AUTHORITY_KEY_IDENTIFIER)?;
        let identifier = authority.and_then(|found| found.key_identifier);
        Ok(Self {
            authority: constraints.as_ref().is_some_and(|found| found.ca),
            path_length: constraints.and_then(|found| found.path_len_constraint),
            usage: only(extensions, ID_CE_KEY_USAGE)?,
            authority_key_identifier: identifier.map(|octets| octets.as_bytes().to_vec()),
            list_locations: only(extensions, ID_CE_CRL_DISTRIBUTION_POINTS)?,
        })
    }
}

/// The one extension of this kind, decoded; twice the same is none at all (RFC 5280 §4.2).
pub(super) fn only<T>(extensions: &[Extension], oid: ObjectIdentifier) -> Result<Option<T>, Unreadable>
where
    T: for<'a> Decode<'a>,
{
    let mut found = extensions.iter().filter(|extension| extension.extn_id == oid);
    let value = found.next().map(|extension| extension.extn_value.as_bytes());
    if found.next().is_some() {
        return Err(Unreadable("it has an extension twice"));
    }
    value
        .map(|value| T::from_der(value).map_err(|_| Unreadable("one of its extensions cannot be read")))
        .transpose()
}

/// A Certificate (RFC 5280 §4.1), names and key as they stand.
#[derive(Sequence)]
struct Whole<'a> {
    signed: ToBeSigned<'a>,
    algorithm: AnyRef<'a>,
    signature: BitStringRef<'a>,
}

#[derive(Sequence)]
struct ToBeSigned<'a> {
    #[asn1(context_specific = "0", default = "Default::default")]
    version: Version,
    serial: AnyRef<'a>,
    algorithm: AnyRef<'a>,
    issuer: AnyRef<'a>,
    validity: Validity,
    subject: AnyRef<'a>,
    key: AnyRef<'a>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    issuer_unique_id: Option<BitStringRef<'a>>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    subject_unique_id: Option<BitStringRef<'a>>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

/// A name with its header. Longer ones are nobody's, and slow to print.
fn name(value: &AnyRef<'_>) -> Result<Vec<u8>, Unreadable> {
    let name = sequence(value)?;
    if name.len() > LONGEST_NAME {
        return Err(Unreadable("it has a name of more than 1024 octets"));
    }
    Ok(name)
}

fn sequence(value: &AnyRef<'_>) -> Result<Vec<u8>, Unreadable> {
    let octets = (value.tag() == Tag::Sequence)
        .then(|| value.to_der().ok())
        .flatten();
    octets.ok_or(Unreadable("one of its fields is no sequence"))
}

pub(super) fn timestamp(time: Time) -> Timestamp {
    let seconds = time.to_unix_duration().as_secs();
    Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// A name as RFC 4514 prints it.
pub(super) fn readable(name: &[u8]) -> String {
    Name::from_der(name).map_or_else(
        |_| "(a name that cannot be read)".to_owned(),
        |name| name.to_string(),
    )
}

/// The common name of a subject that has exactly one, of a kind that is ASCII or UTF-8.
fn only_common_name(name: &[u8]) -> der::Result<Option<String>> {
    let name = Name::from_der(name)?;
    let mut found = name.iter().filter(|attribute| attribute.oid == COMMON_NAME);
    let (Some(one), None) = (found.next(), found.next()) else {
        return Ok(None);
    };
    let textual = [
        Tag::Utf8String,
        Tag::PrintableString,
        Tag::Ia5String,
        Tag::TeletexString,
    ];
    let text = core::str::from_utf8(one.value.value()).ok();
    Ok(text
        .filter(|text| {
            textual.contains(&one.value.tag()) && (one.value.tag() == Tag::Utf8String || text.is_ascii())
        })
        .map(str::to_owned))
}

/// More than any certificate of a device or its authorities.
pub const LONGEST_CERTIFICATE: usize = 16 * 1024;
const LONGEST_NAME: usize = 1024;
