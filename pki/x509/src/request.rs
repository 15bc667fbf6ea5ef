// SPDX-License-Identifier: Apache-2.0
//! Reads a PKCS #10 request and proves, over the octets received, that its sender holds the key.

mod refusal;
#[cfg(test)]
mod tests;
mod transport;

use crate::certificate::fields::{self, Extension, read_extensions};
use crate::key::{PublicKey, SignatureAlgorithm};
use crate::oid;
use crate::tlv::{self, NotDer, Reader, Tlv};

pub use refusal::CsrRefusal;
pub use transport::decode_text;

/// A request (RFC 2986) whose key is admitted and whose signature verifies. What it asks for beyond that is
/// kept as it stands, for a profile to judge; nothing of it is ever copied into a certificate but the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    der: Vec<u8>,
    public_key: PublicKey,
    algorithm: SignatureAlgorithm,
    subject: Vec<SubjectPart>,
    extensions: Vec<RequestedExtension>,
}

/// One attribute of the requested subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectPart {
    pub(crate) oid: Vec<u8>,
    /// `None` for string types that nobody should still use.
    pub(crate) text: Option<String>,
}

/// One requested extension: identifier contents, criticality, value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestedExtension {
    pub(crate) oid: Vec<u8>,
    pub(crate) value: Vec<u8>,
}

impl Request {
    /// Reads a request, cheap checks first: size, strict DER (X.690 §10, §11) of exactly one value, structure
    /// and counts, the key, and last the proof of possession.
    ///
    /// # Errors
    /// [`CsrRefusal`] with what to change.
    pub fn parse(der: &[u8]) -> Result<Self, CsrRefusal> {
        if der.len() > DER_LIMIT {
            return Err(CsrRefusal::TooLarge {
                what: "the request has more than 16 KiB",
            });
        }
        tlv::require_der(der, NESTING_LIMIT)?;
        let mut outer = Reader::new(tlv::only(der, tlv::SEQUENCE)?.value);
        let info = outer.expect(tlv::SEQUENCE)?;
        let algorithm = outer.expect(tlv::SEQUENCE)?;
        let signature = outer.octets_of_bits().map_err(|_| CsrRefusal::Signature)?;
        outer.finish()?;

        let mut fields = Reader::new(info.value);
        if fields.expect(tlv::INTEGER)?.value != VERSION_1 {
            return Err(CsrRefusal::Malformed {
                reason: "its version is not 1",
            });
        }
        let subject = read_subject(fields.expect(tlv::SEQUENCE)?)?;
        let spki = fields.expect(tlv::SEQUENCE)?.full;
        let extensions = read_attributes(fields.expect(ATTRIBUTES)?)?;
        fields.finish()?;

        let algorithm = SignatureAlgorithm::read(algorithm)?.ok_or_else(|| unknown_algorithm(algorithm))?;
        let public_key = PublicKey::from_spki_der(spki)?;
        if !algorithm.suits(public_key.algorithm()) {
            let found = format!("{algorithm} under a key of the kind {}", public_key.algorithm());
            return Err(CsrRefusal::Algorithm { found });
        }
        // The octets as received, header included: nothing is encoded anew between proof and reading.
        public_key
            .verify(algorithm, info.full, signature)
            .map_err(|_| CsrRefusal::Signature)?;
        Ok(Self {
            der: der.to_vec(),
            public_key,
            algorithm,
            subject,
            extensions,
        })
    }

    /// The request as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The key whose possession was proved.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// How the request was signed.
    #[must_use]
    pub const fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The common name it asks for, if it has exactly one. A hint, never an identity.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        let mut names = self.subject.iter().filter(|part| part.oid == oid::COMMON_NAME);
        let name = names.next()?.text.as_deref();
        if names.next().is_none() { name } else { None }
    }

    pub(crate) fn subject(&self) -> &[SubjectPart] {
        &self.subject
    }

    pub(crate) fn extensions(&self) -> &[RequestedExtension] {
        &self.extensions
    }
}

fn read_subject(name: Tlv<'_>) -> Result<Vec<SubjectPart>, CsrRefusal> {
    let mut relative_names = Reader::new(name.value);
    let mut parts = Vec::new();
    while !relative_names.is_empty() {
        if parts.len() >= SUBJECT_LIMIT {
            return Err(CsrRefusal::TooLarge {
                what: "its subject has more than 16 parts",
            });
        }
        let mut members = Reader::new(relative_names.expect(tlv::SET)?.value);
        let mut attribute = members.sequence()?;
        if !members.is_empty() {
            return Err(CsrRefusal::Subject {
                found: "parts of several values".to_owned(),
                wanted: "one value a part".to_owned(),
            });
        }
        let oid = attribute.expect(tlv::OBJECT_IDENTIFIER)?.value.to_vec();
        let value = attribute.any()?;
        attribute.finish()?;
        parts.push(SubjectPart {
            oid,
            text: read_text(value),
        });
    }
    Ok(parts)
}

fn read_text(value: Tlv<'_>) -> Option<String> {
    match value.tag {
        tlv::UTF8_STRING | tlv::PRINTABLE_STRING | tlv::IA5_STRING => {
            core::str::from_utf8(value.value).ok().map(str::to_owned)
        }
        _ => None,
    }
}

/// Reads the attributes; the requested extensions are the only ones that mean anything here. Others, such as
/// challengePassword, are ignored, but none may occur twice.
fn read_attributes(attributes: Tlv<'_>) -> Result<Vec<RequestedExtension>, CsrRefusal> {
    let mut reader = Reader::new(attributes.value);
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut requested = None;
    let mut last: &[u8] = &[];
    while !reader.is_empty() {
        if seen.len() >= ATTRIBUTES_LIMIT {
            return Err(CsrRefusal::TooLarge {
                what: "it has more than 16 attributes",
            });
        }
        let attribute = reader.expect(tlv::SEQUENCE)?;
        // The implicit tag hides this SET OF from the general walk: X.690 §11.6 holds for it all the same.
        if attribute.full < last {
            return Err(CsrRefusal::Malformed {
                reason: "its attributes are not in ascending order",
            });
        }
        last = attribute.full;
        let mut fields = Reader::new(attribute.value);
        let oid = fields.expect(tlv::OBJECT_IDENTIFIER)?.value;
        let values = fields.expect(tlv::SET)?;
        fields.finish()?;
        if seen.contains(&oid) {
            return Err(CsrRefusal::Duplicate {
                what: format!("the attribute {}", oid::describe(oid)),
            });
        }
        seen.push(oid);
        if oid == oid::EXTENSION_REQUEST || oid == oid::MICROSOFT_EXTENSIONS {
            let extensions = read_requested(values)?;
            if requested.replace(extensions).is_some() {
                return Err(CsrRefusal::Duplicate {
                    what: "the request for extensions".to_owned(),
                });
            }
        }
    }
    Ok(requested.unwrap_or_default())
}

fn read_requested(values: Tlv<'_>) -> Result<Vec<RequestedExtension>, CsrRefusal> {
    let mut reader = Reader::new(values.value);
    let sequence = reader.expect(tlv::SEQUENCE)?;
    if !reader.is_empty() {
        return Err(CsrRefusal::Duplicate {
            what: "the request for extensions".to_owned(),
        });
    }
    let extensions = read_extensions(sequence).map_err(|fault| match fault {
        fields::DOUBLE => CsrRefusal::Duplicate {
            what: "a requested extension".to_owned(),
        },
        fields::TOO_MANY => CsrRefusal::TooLarge {
            what: "it requests more than 32 extensions",
        },
        NotDer(reason) => CsrRefusal::Malformed { reason },
    })?;
    let keep = |extension: Extension<'_>| RequestedExtension {
        oid: extension.oid.to_vec(),
        value: extension.value.to_vec(),
    };
    Ok(extensions.into_iter().map(keep).collect())
}

fn unknown_algorithm(identifier: Tlv<'_>) -> CsrRefusal {
    let kind = Reader::new(identifier.value).expect(tlv::OBJECT_IDENTIFIER);
    CsrRefusal::Algorithm {
        found: kind.map_or_else(|_| String::new(), |kind| oid::describe(kind.value)),
    }
}

const DER_LIMIT: usize = 16 * 1024;
const NESTING_LIMIT: u8 = 16;
const SUBJECT_LIMIT: usize = 16;
const ATTRIBUTES_LIMIT: usize = 16;
const VERSION_1: &[u8] = &[0];
const ATTRIBUTES: u8 = 0xa0;
