// SPDX-License-Identifier: Apache-2.0
//! Writes revocation lists as a stream of octets, and reads them back.

mod read;
mod reason;
#[cfg(test)]
mod tests;

use crate::certificate::{IssuerCertificate, Validity, extension};
use crate::lint::CrlExpectation;
use crate::serial::Serial;
use crate::time::Timestamp;
use crate::write::Criticality::{Critical, Ordinary};
use crate::{oid, tlv, write};

pub use read::{Crl, CrlUnreadable};
pub use reason::{RevocationReason, UnknownReason};

/// What stands in a list beside its entries.
#[derive(Clone, Debug)]
pub struct CrlHeader<'a> {
    /// Whose list it is.
    pub issuer: &'a IssuerCertificate,
    /// The CRL number (RFC 5280 §5.2.3): only rises within a list.
    pub number: u64,
    /// The moment it tells of.
    pub this_update: Timestamp,
    /// When the next will have come.
    pub next_update: Timestamp,
    /// The list's own URL when it is one of several shards; `None` for a complete list. It is written as a
    /// critical issuingDistributionPoint (RFC 5280 §5.2.5): a reader that ignores it would take a shard for
    /// the whole.
    pub distribution_point: Option<String>,
}

/// One revoked certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Its number.
    pub serial: Serial,
    /// When it was revoked, told in whole seconds.
    pub revoked_at: Timestamp,
    /// Why; unspecified is never written (RFC 5280 §5.3.1).
    pub reason: RevocationReason,
}

/// Writes a list, entry by entry.
///
/// Memory: the one buffer that becomes the bytes to be signed. An entry adds the 39 octets of its DER to it,
/// or 53 with a reason, and nothing else is kept of it; the room for what stands before the entries is
/// reserved at the start, so finishing moves them once, in place. Serial numbers have a constant length, so
/// every length is known by arithmetic before it is written.
#[derive(Debug)]
pub struct CrlBuilder {
    /// Room for what stands before the entries, then the entries.
    buffer: Vec<u8>,
    /// How much of the buffer is that room.
    room: usize,
    /// What stands between the outer header and the entries: version to nextUpdate.
    head: Vec<u8>,
    /// What stands behind the entries: crlExtensions.
    tail: Vec<u8>,
    last: Option<Serial>,
    expectation: CrlExpectation,
}

/// A list as written, together with what it was ordered to be. Only [`CrlBuilder`] makes one.
#[derive(Debug)]
pub struct CrlDraft {
    pub(crate) tbs: Vec<u8>,
    pub(crate) expectation: CrlExpectation,
}

/// Why a list cannot be written so: a fault of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlFault {
    /// The list would end before it begins, or off the calendar.
    #[error("the next update of a list must follow this one, within the years 1950 to 9999")]
    Updates,
    /// Entries out of order.
    #[error("entries must come in ascending order of their serial numbers, each once")]
    Order,
    /// An entry of the future.
    #[error("an entry tells of a revocation later than the list itself, or off the calendar")]
    RevokedLater,
}

impl CrlBuilder {
    /// Begins a list.
    ///
    /// # Errors
    /// [`CrlFault::Updates`] when its times make no sense.
    pub fn new(header: CrlHeader<'_>) -> Result<Self, CrlFault> {
        let life = Validity::new(header.this_update, header.next_update).map_err(|_| CrlFault::Updates)?;
        if life.not_before() == life.not_after() {
            return Err(CrlFault::Updates);
        }
        let issuer = header.issuer;
        let mut head = Vec::with_capacity(256);
        write::unsigned(&mut head, VERSION_2);
        head.extend_from_slice(&issuer.signature_algorithm().identifier_der());
        head.extend_from_slice(issuer.subject_der());
        write::time(&mut head, life.not_before());
        write::time(&mut head, life.not_after());
        let tail = extensions(&header);
        let room = head.len().saturating_add(HEADERS_LIMIT);
        let expectation = CrlExpectation {
            algorithm: issuer.signature_algorithm(),
            issuer_subject: issuer.subject_der().to_vec(),
            authority_key_identifier: issuer.key_identifier().to_vec(),
            number: header.number,
            this_update: life.not_before(),
            next_update: life.not_after(),
            distribution_point: header.distribution_point,
            entries: 0,
        };
        Ok(Self {
            buffer: vec![0; room],
            room,
            head,
            tail,
            last: None,
            expectation,
        })
    }

    /// Reserves memory for so many more entries, where the count is known beforehand.
    pub fn reserve(&mut self, entries: usize) {
        self.buffer.reserve(
            entries
                .saturating_mul(ENTRY_WITH_REASON)
                .saturating_add(self.tail.len()),
        );
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// [`CrlFault::Order`] unless its serial number is above the last one, [`CrlFault::RevokedLater`] when it
    /// was revoked after the moment the list tells of. Nothing is added then.
    pub fn push(&mut self, entry: &RevokedEntry) -> Result<(), CrlFault> {
        if self.last.is_some_and(|last| entry.serial <= last) {
            return Err(CrlFault::Order);
        }
        let revoked_at = entry.revoked_at.floor_to_second();
        if Validity::new(revoked_at, self.expectation.this_update).is_err() {
            return Err(CrlFault::RevokedLater);
        }
        write::sequence(&mut self.buffer, |out| {
            write::primitive(out, tlv::INTEGER, entry.serial.as_bytes());
            write::time(out, revoked_at);
            if let Some(code) = entry.reason.written_code() {
                // Extensions { Extension { reasonCode, OCTET STRING { ENUMERATED } } }: constant but for the code.
                out.extend_from_slice(&REASON_PREFIX);
                out.push(code);
            }
        });
        self.last = Some(entry.serial);
        self.expectation.entries = self.expectation.entries.saturating_add(1);
        Ok(())
    }

    /// Ends the list.
    #[must_use]
    pub fn finish(self) -> CrlDraft {
        let Self {
            mut buffer,
            room,
            head,
            tail,
            expectation,
            ..
        } = self;
        let entries = buffer.len().saturating_sub(room);
        // RFC 5280 §5.1.2.6: without entries, the sequence of entries is absent.
        let list = if entries == 0 {
            0
        } else {
            write::element_length(entries)
        };
        let contents = head.len().saturating_add(list).saturating_add(tail.len());

        let mut front = Vec::with_capacity(room);
        front.push(tlv::SEQUENCE);
        front.extend(write::length_octets(contents));
        front.extend_from_slice(&head);
        if entries > 0 {
            front.push(tlv::SEQUENCE);
            front.extend(write::length_octets(entries));
        }
        let unused = room.saturating_sub(front.len());
        for (slot, octet) in buffer.iter_mut().skip(unused).zip(&front) {
            *slot = *octet;
        }
        buffer.drain(..unused);
        buffer.extend_from_slice(&tail);
        CrlDraft {
            tbs: buffer,
            expectation,
        }
    }
}

/// crlExtensions (RFC 5280 §5.2): authority key identifier, number, and for a shard its distribution point.
fn extensions(header: &CrlHeader<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(192);
    write::element(&mut out, EXTENSIONS, |out| {
        write::sequence(out, |out| {
            extension::authority_key_identifier(out, header.issuer.key_identifier());
            write::extension(out, oid::CRL_NUMBER, Ordinary, |out| {
                write::unsigned(out, header.number);
            });
            if let Some(url) = &header.distribution_point {
                write::extension(out, oid::ISSUING_DISTRIBUTION_POINT, Critical, |out| {
                    write::sequence(out, |out| extension::distribution_point_name(out, url));
                });
            }
        });
    });
    out
}

const VERSION_2: u64 = 1;
const EXTENSIONS: u8 = 0xa0;
/// Two headers of a tag and up to nine octets of length.
const HEADERS_LIMIT: usize = 20;
/// 2 + 22 of serial number + 15 of time + 14 of reason.
const ENTRY_WITH_REASON: usize = 53;
const REASON_PREFIX: [u8; 13] = [
    0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01,
];
