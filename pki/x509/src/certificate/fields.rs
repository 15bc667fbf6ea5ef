// SPDX-License-Identifier: Apache-2.0
//! Slices a certificate of anybody into its fields, each as the octets that were received.

use crate::tlv::{self, NotDer, Reader, Tlv};
use crate::validity::Validity;

/// The fields of a certificate (RFC 5280 §4.1), borrowed from its octets.
pub(super) struct Fields<'a> {
    /// The signed part, header included.
    pub(super) tbs: &'a [u8],
    pub(super) serial: &'a [u8],
    pub(super) inner_algorithm: Tlv<'a>,
    pub(super) outer_algorithm: Tlv<'a>,
    pub(super) issuer: &'a [u8],
    pub(super) validity: Validity,
    pub(super) subject: &'a [u8],
    pub(super) spki: &'a [u8],
    pub(super) extensions: Vec<Extension<'a>>,
    pub(super) signature: &'a [u8],
}

/// One extension: its identifier's contents and its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extension<'a> {
    pub(crate) oid: &'a [u8],
    pub(crate) critical: bool,
    pub(crate) value: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn read(der: &'a [u8]) -> Result<Self, NotDer> {
        if der.len() > SIZE_LIMIT {
            return Err(NotDer("a certificate of more than 64 KiB is not read"));
        }
        tlv::require_der(der, NESTING_LIMIT)?;
        let mut outer = Reader::new(tlv::only(der, tlv::SEQUENCE)?.value);
        let tbs = outer.expect(tlv::SEQUENCE)?;
        let outer_algorithm = outer.expect(tlv::SEQUENCE)?;
        let signature = outer.octets_of_bits()?;
        outer.finish()?;
        let mut fields = Reader::new(tbs.value);
        if fields.expect(VERSION)?.value != VERSION_3 {
            return Err(NotDer("only certificates of version 3 are read"));
        }
        let serial = fields.expect(tlv::INTEGER)?.value;
        let inner_algorithm = fields.expect(tlv::SEQUENCE)?;
        let issuer = fields.expect(tlv::SEQUENCE)?.full;
        let validity = Validity::read(fields.expect(tlv::SEQUENCE)?)?;
        let subject = fields.expect(tlv::SEQUENCE)?.full;
        let spki = fields.expect(tlv::SEQUENCE)?.full;
        let extensions = read_extensions(tlv::only(fields.expect(EXTENSIONS)?.value, tlv::SEQUENCE)?)?;
        fields.finish()?;
        Ok(Self {
            tbs: tbs.full,
            serial,
            inner_algorithm,
            outer_algorithm,
            issuer,
            validity,
            subject,
            spki,
            extensions,
            signature,
        })
    }

    pub(super) fn extension(&self, oid: &[u8]) -> Option<&Extension<'a>> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }
}

/// Reads the members of an Extensions sequence; no more than 32, none twice (RFC 5280 §4.2).
pub(crate) fn read_extensions(sequence: Tlv<'_>) -> Result<Vec<Extension<'_>>, NotDer> {
    let mut reader = Reader::new(sequence.value);
    let mut extensions: Vec<Extension<'_>> = Vec::new();
    while !reader.is_empty() {
        let mut fields = reader.sequence()?;
        let oid = fields.expect(tlv::OBJECT_IDENTIFIER)?.value;
        let critical = match fields.optional(tlv::BOOLEAN)?.map(|flag| flag.value) {
            None => false,
            Some([0xff]) => true,
            Some(_) => return Err(NotDer("an extension spells out the default of its criticality")),
        };
        let value = fields.expect(tlv::OCTET_STRING)?.value;
        fields.finish()?;
        if extensions.iter().any(|known| known.oid == oid) {
            return Err(DOUBLE);
        }
        if extensions.len() >= EXTENSIONS_LIMIT {
            return Err(TOO_MANY);
        }
        extensions.push(Extension { oid, critical, value });
    }
    Ok(extensions)
}

/// An extension occurs twice.
pub(crate) const DOUBLE: NotDer = NotDer("an extension occurs twice");
/// There are more extensions than we read.
pub(crate) const TOO_MANY: NotDer = NotDer("there are more than 32 extensions");

const SIZE_LIMIT: usize = 64 * 1024;
const NESTING_LIMIT: u8 = 16;
const EXTENSIONS_LIMIT: usize = 32;
const VERSION: u8 = 0xa0;
const VERSION_3: &[u8] = &[0x02, 0x01, 0x02];
const EXTENSIONS: u8 = 0xa3;
