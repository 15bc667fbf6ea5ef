// SPDX-License-Identifier: Apache-2.0
//! Reads a revocation list back without making an object of any entry.

use crate::certificate::IssuerCertificate;
use crate::certificate::extension::read_authority_key_identifier;
use crate::certificate::fields::{Extension, read_extensions};
use crate::key::{BadSignature, SignatureAlgorithm};
use crate::oid;
use crate::serial::Serial;
use crate::time::Timestamp;
use crate::tlv::{self, NotDer, Reader, Tlv};
use crate::validity::read_time;

/// A revocation list, borrowed from its octets: a few slices and numbers, whatever its size.
#[derive(Clone, Debug)]
pub struct Crl<'a> {
    tbs: &'a [u8],
    inner_algorithm: Tlv<'a>,
    outer_algorithm: Tlv<'a>,
    issuer: &'a [u8],
    this_update: Timestamp,
    next_update: Timestamp,
    entries: &'a [u8],
    entry_count: u64,
    number: u64,
    authority_key_identifier: &'a [u8],
    distribution_point: Option<&'a [u8]>,
    signature: &'a [u8],
}

impl<'a> Crl<'a> {
    /// Reads a list (RFC 5280 §5.1): version 2, with a number, an authority key identifier and a next update.
    /// Every entry is walked once. No signature is checked: see [`verify`](Self::verify).
    ///
    /// # Errors
    /// [`CrlUnreadable`] when it is not such a list, is a delta or an indirect list, or has a critical
    /// extension we do not know (RFC 5280 §5.2, §5.3): it is no information then.
    pub fn parse(der: &'a [u8]) -> Result<Self, CrlUnreadable> {
        let mut outer = Reader::new(tlv::only(der, tlv::SEQUENCE)?.value);
        let tbs = outer.expect(tlv::SEQUENCE)?;
        let outer_algorithm = outer.expect(tlv::SEQUENCE)?;
        let signature = outer.octets_of_bits()?;
        outer.finish()?;

        let mut fields = Reader::new(tbs.value);
        if fields.expect(tlv::INTEGER)?.value != VERSION_2 {
            return Err(CrlUnreadable("only lists of version 2 are read"));
        }
        let inner_algorithm = fields.expect(tlv::SEQUENCE)?;
        let issuer = fields.expect(tlv::SEQUENCE)?.full;
        let this_update = read_time(&mut fields)?;
        let next_update = read_time(&mut fields)?;
        let entries = match fields.optional(tlv::SEQUENCE)?.map(|list| list.value) {
            Some([]) => return Err(CrlUnreadable("a list of no entries must be absent")),
            Some(entries) => entries,
            None => &[],
        };
        let extensions = read_extensions(tlv::only(fields.expect(EXTENSIONS)?.value, tlv::SEQUENCE)?)?;
        fields.finish()?;
        let known = KnownExtensions::read(&extensions)?;
        let mut list = Self {
            tbs: tbs.full,
            inner_algorithm,
            outer_algorithm,
            issuer,
            this_update,
            next_update,
            entries,
            entry_count: 0,
            number: known.number,
            authority_key_identifier: known.authority_key_identifier,
            distribution_point: known.distribution_point,
            signature,
        };
        list.entry_count = list.walk()?;
        Ok(list)
    }

    /// Its number.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The moment it tells of.
    #[must_use]
    pub const fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// When the next will have come.
    #[must_use]
    pub const fn next_update(&self) -> Timestamp {
        self.next_update
    }

    /// How many certificates it revokes.
    #[must_use]
    pub const fn entry_count(&self) -> u64 {
        self.entry_count
    }

    /// Its own URL, if it is one of several shards.
    #[must_use]
    pub fn distribution_point(&self) -> Option<&'a str> {
        self.distribution_point
            .and_then(|url| core::str::from_utf8(url).ok())
    }

    /// Whether it revokes this certificate. Walks the entries: some milliseconds for a million.
    #[must_use]
    pub fn contains(&self, serial: &Serial) -> bool {
        let mut entries = Reader::new(self.entries);
        while let Ok(entry) = entries.sequence() {
            let mut entry = entry;
            if entry
                .expect(tlv::INTEGER)
                .is_ok_and(|found| found.value == serial.as_bytes())
            {
                return true;
            }
        }
        false
    }

    /// Checks that `issuer` issued this: its name, its key identifier, one algorithm within and without, and its
    /// signature. The times are not compared with any clock.
    ///
    /// # Errors
    /// [`BadSignature`] when any of these does not hold.
    pub fn verify(&self, issuer: &IssuerCertificate) -> Result<(), BadSignature> {
        let named = self.issuer == issuer.subject_der()
            && self.authority_key_identifier == issuer.key_identifier()
            && self.inner_algorithm == self.outer_algorithm;
        match SignatureAlgorithm::read(self.outer_algorithm).ok().flatten() {
            Some(algorithm) if named => issuer.public_key().verify(algorithm, self.tbs, self.signature),
            _ => Err(BadSignature),
        }
    }

    /// Reads every entry once and counts them.
    fn walk(&self) -> Result<u64, CrlUnreadable> {
        let mut entries = Reader::new(self.entries);
        let mut count = 0_u64;
        while !entries.is_empty() {
            let mut entry = entries.sequence()?;
            entry.expect(tlv::INTEGER)?;
            read_time(&mut entry)?;
            if let Some(extensions) = entry.optional(tlv::SEQUENCE)? {
                require_known(extensions)?;
            }
            entry.finish()?;
            count = count.saturating_add(1);
        }
        Ok(count)
    }
}

/// Why a list is no information to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a revocation list we can use ({0}): publish a complete or sharded list of version 2 in DER"
)]
pub struct CrlUnreadable(&'static str);

impl From<NotDer> for CrlUnreadable {
    fn from(NotDer(reason): NotDer) -> Self {
        Self(reason)
    }
}

struct KnownExtensions<'a> {
    number: u64,
    authority_key_identifier: &'a [u8],
    distribution_point: Option<&'a [u8]>,
}

impl<'a> KnownExtensions<'a> {
    fn read(extensions: &[Extension<'a>]) -> Result<Self, CrlUnreadable> {
        let mut number = None;
        let mut authority = None;
        let mut distribution_point = None;
        for extension in extensions {
            match extension.oid {
                oid::CRL_NUMBER => number = Some(read_number(extension.value)?),
                oid::AUTHORITY_KEY_IDENTIFIER => {
                    authority = Some(read_authority_key_identifier(extension.value)?);
                }
                oid::ISSUING_DISTRIBUTION_POINT => {
                    distribution_point = Some(read_distribution_point(extension.value)?);
                }
                _ if extension.critical => return Err(CrlUnreadable("it has an unknown critical extension")),
                _ => {}
            }
        }
        Ok(Self {
            number: number.ok_or(CrlUnreadable("it has no number"))?,
            authority_key_identifier: authority.ok_or(CrlUnreadable("it has no authority key identifier"))?,
            distribution_point,
        })
    }
}

fn read_number(value: &[u8]) -> Result<u64, CrlUnreadable> {
    let octets = match tlv::only(value, tlv::INTEGER)?.value {
        [0, rest @ ..] if rest.len() <= 8 => rest,
        octets @ [0..=0x7f, ..] if octets.len() <= 8 => octets,
        _ => return Err(CrlUnreadable("its number is negative or beyond 64 bits")),
    };
    Ok(octets
        .iter()
        .fold(0, |number, octet| (number << 8) | u64::from(*octet)))
}

/// One URI as full name; the other fields of the extension change what the list means, and are refused.
fn read_distribution_point(value: &[u8]) -> Result<&[u8], CrlUnreadable> {
    let mut fields = Reader::new(tlv::only(value, tlv::SEQUENCE)?.value);
    let name = fields.expect(0xa0)?.value;
    fields.finish()?;
    Ok(tlv::only(tlv::only(name, 0xa0)?.value, crate::certificate::extension::URI)?.value)
}

fn require_known(extensions: Tlv<'_>) -> Result<(), CrlUnreadable> {
    let mut reader = Reader::new(extensions.value);
    while !reader.is_empty() {
        let mut extension = reader.sequence()?;
        let oid = extension.expect(tlv::OBJECT_IDENTIFIER)?.value;
        let critical = extension.optional(tlv::BOOLEAN)?.is_some();
        let value = extension.expect(tlv::OCTET_STRING)?.value;
        extension.finish()?;
        if oid == oid::REASON_CODE {
            // removeFromCRL (8) belongs to delta lists, which are not read: an entry here always revokes.
            tlv::only(value, tlv::ENUMERATED)?;
        } else if critical {
            return Err(CrlUnreadable("an entry has an unknown critical extension"));
        }
    }
    Ok(())
}

const VERSION_2: &[u8] = &[1];
const EXTENSIONS: u8 = 0xa0;
