// SPDX-License-Identifier: Apache-2.0
//! Lists the rules for revocation lists, and reads the bytes they are run over, one entry after another.

mod crl_algorithm;
mod crl_entries;
mod crl_entry_reasons;
mod crl_extensions;
mod crl_issuer;
mod crl_updates;
mod crl_version;

use der::asn1::{AnyRef, SequenceRef};
use der::{Reader, SliceReader, TagMode, TagNumber};
use x509_cert::ext::Extension;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::{CrlExpectation, Lint, RevocationLists};

/// Every rule for revocation lists. A new one is a file and a line here.
pub const CRL_LINTS: &[Lint<RevocationLists>] = &[
    crl_version::LINT,
    crl_algorithm::LINT,
    crl_issuer::LINT,
    crl_updates::LINT,
    crl_entries::LINT,
    crl_entry_reasons::LINT,
    crl_extensions::LINT,
];

/// A TBSCertList as decoded from the exact bytes, beside what was ordered. Its entries stay octets.
pub struct CrlReading<'a> {
    list: List<'a>,
    expectation: &'a CrlExpectation,
}

/// RFC 5280 §5.1, with what we always write demanded.
struct List<'a> {
    version: u8,
    signature: AlgorithmIdentifierOwned,
    issuer: AnyRef<'a>,
    this_update: Time,
    next_update: Time,
    revoked: Option<&'a SequenceRef>,
    extensions: Vec<Extension>,
}

/// One entry, borrowed.
struct Entry<'a> {
    serial: AnyRef<'a>,
    revoked_at: Time,
    extensions: Option<&'a SequenceRef>,
}

impl<'a> CrlReading<'a> {
    pub(super) fn of(bytes: &'a [u8], expectation: &'a CrlExpectation) -> Result<Self, String> {
        let list = List::read(bytes).map_err(|error| error.to_string())?;
        Ok(Self { list, expectation })
    }

    /// Calls `rule` for each entry in turn; none is kept.
    fn each_entry(&self, mut rule: impl FnMut(Entry<'a>) -> Result<(), String>) -> Result<(), String> {
        let Some(entries) = self.list.revoked else {
            return Ok(());
        };
        let mut reader = SliceReader::new(entries.as_bytes()).map_err(|error| error.to_string())?;
        while !reader.is_finished() {
            rule(Entry::read(&mut reader).map_err(|error| error.to_string())?)?;
        }
        Ok(())
    }
}

impl<'a> List<'a> {
    fn read(bytes: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(bytes)?;
        let list = reader.sequence(|fields| {
            Ok::<_, der::Error>(Self {
                version: fields.decode()?,
                signature: fields.decode()?,
                issuer: fields.decode()?,
                this_update: fields.decode()?,
                next_update: fields.decode()?,
                revoked: fields.decode()?,
                extensions: fields
                    .context_specific(TagNumber(0), TagMode::Explicit)?
                    .ok_or(der::ErrorKind::Failed)?,
            })
        })?;
        reader.finish().map(|()| list)
    }
}

impl<'a> Entry<'a> {
    fn read(reader: &mut SliceReader<'a>) -> der::Result<Self> {
        reader.sequence(|fields| {
            Ok(Self {
                serial: fields.decode()?,
                revoked_at: fields.decode()?,
                extensions: fields.decode()?,
            })
        })
    }
}
