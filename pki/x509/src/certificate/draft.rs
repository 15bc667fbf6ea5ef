// SPDX-License-Identifier: Apache-2.0
//! Composes the bytes to be signed of a certificate from parts that each exist already.

use super::Validity;
use crate::key::{PublicKey, SignatureAlgorithm};
use crate::lint::Expectation;
use crate::serial::Serial;
use crate::{tlv, write};

/// A certificate as composed, together with what it was ordered to be. Only [`crate::profile`] and
/// [`crate::authority_certificate`] make one, and only through the lints does it become something to sign.
#[derive(Clone, Debug)]
pub struct CertificateDraft {
    pub(crate) tbs: Vec<u8>,
    pub(crate) expectation: Expectation,
}

/// The parts of a TBSCertificate (RFC 5280 §4.1).
pub(crate) struct Composition<'a> {
    pub(crate) serial: Serial,
    pub(crate) algorithm: SignatureAlgorithm,
    /// The Name of the issuer's certificate, verbatim.
    pub(crate) issuer: &'a [u8],
    pub(crate) validity: Validity,
    /// The subject's Name.
    pub(crate) subject: &'a [u8],
    pub(crate) key: &'a PublicKey,
}

impl Composition<'_> {
    /// The TBSCertificate; `extensions` appends each Extension.
    pub(crate) fn write(self, extensions: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::with_capacity(TYPICAL_SIZE);
        write::sequence(&mut out, |out| {
            write::element(out, 0xa0, |out| write::unsigned(out, VERSION_3));
            write::primitive(out, tlv::INTEGER, self.serial.as_bytes());
            out.extend_from_slice(&self.algorithm.identifier_der());
            out.extend_from_slice(self.issuer);
            write::sequence(out, |out| {
                write::time(out, self.validity.not_before());
                write::time(out, self.validity.not_after());
            });
            out.extend_from_slice(self.subject);
            out.extend_from_slice(self.key.spki_der());
            write::element(out, 0xa3, |out| write::sequence(out, extensions));
        });
        out
    }
}

const VERSION_3: u64 = 2;
const TYPICAL_SIZE: usize = 1024;
