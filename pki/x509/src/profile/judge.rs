// SPDX-License-Identifier: Apache-2.0
//! Judges what a request asks for: what the profile grants anyway is ignored, everything else is refused.

use super::{Profile, Usage};
use crate::certificate::extension::{URI, read_basic_constraints, read_key_usage};
use crate::certificate::{ExtendedKeyUsage, KeyUsage};
use crate::key::PublicKey;
use crate::name::DeviceIdentity;
use crate::oid;
use crate::request::{CsrRefusal, Request, RequestedExtension};
use crate::tlv::{self, Reader};

impl Profile {
    /// Judges a request for `identity`. Nothing it asks for is ever copied, so this only decides whether its
    /// sender would be surprised by the certificate, or tries for more than it may have.
    ///
    /// # Errors
    /// [`CsrRefusal`] for the first thing that goes beyond the profile.
    pub fn judge(&self, request: &Request, identity: &DeviceIdentity) -> Result<(), CsrRefusal> {
        self.judge_key(request.public_key())?;
        match self.usage {
            Usage::Device | Usage::Server => judge_subject(request, identity)?,
            Usage::Birth => self.judge_birth_subject(request, identity)?,
        }
        request
            .extensions()
            .iter()
            .try_for_each(|extension| match &*extension.oid {
                oid::BASIC_CONSTRAINTS => match read_basic_constraints(&extension.value)? {
                    (false, _) => Ok(()),
                    (true, _) => Err(CsrRefusal::CaRequested),
                },
                oid::KEY_USAGE => self.judge_key_usage(extension),
                oid::EXTENDED_KEY_USAGE => self.judge_purposes(extension),
                oid::SUBJECT_ALT_NAME if self.usage != Usage::Birth => judge_names(extension, identity),
                oid::SUBJECT_KEY_IDENTIFIER => judge_key_identifier(extension, request.public_key()),
                other => Err(CsrRefusal::ForeignExtension {
                    extension: oid::describe(other),
                }),
            })
    }

    pub(super) fn judge_key(&self, key: &PublicKey) -> Result<(), CsrRefusal> {
        if self.accepts(key.algorithm()) {
            return Ok(());
        }
        let accepted = self.config.key_algorithms.join(", ");
        Err(CsrRefusal::KeyType {
            found: key.algorithm().to_string(),
            accepted,
        })
    }

    fn judge_key_usage(&self, extension: &RequestedExtension) -> Result<(), CsrRefusal> {
        let granted = self.key_usage.iter().fold(0, |bits, usage| bits | usage.mask());
        let asked = read_key_usage(&extension.value)?;
        if asked & !granted == 0 {
            return Ok(());
        }
        let names = |bits: u8| {
            let named: Vec<_> = KeyUsage::BITS
                .iter()
                .filter(|usage| bits & usage.mask() != 0)
                .map(|usage| usage.name())
                .collect();
            if named.is_empty() {
                "a bit without a name".to_owned()
            } else {
                named.join(", ")
            }
        };
        Err(CsrRefusal::KeyUsage {
            asked: names(asked & !granted),
            granted: names(granted),
        })
    }

    fn judge_purposes(&self, extension: &RequestedExtension) -> Result<(), CsrRefusal> {
        tlv::require_der(&extension.value, 2)?;
        let mut reader = Reader::new(tlv::only(&extension.value, tlv::SEQUENCE)?.value);
        let granted = || {
            self.extended_key_usage
                .iter()
                .map(|purpose| purpose.name())
                .collect::<Vec<_>>()
                .join(", ")
        };
        if reader.is_empty() {
            // No purpose at all would read as "any" to some: it is not a subset but a trick.
            return Err(CsrRefusal::ExtendedKeyUsage {
                asked: "no purpose".to_owned(),
                granted: granted(),
            });
        }
        while !reader.is_empty() {
            let purpose = reader.expect(tlv::OBJECT_IDENTIFIER)?.value;
            if !self
                .extended_key_usage
                .iter()
                .map(|known| ExtendedKeyUsage::oid(*known))
                .any(|known| known == purpose)
            {
                return Err(CsrRefusal::ExtendedKeyUsage {
                    asked: oid::describe(purpose),
                    granted: granted(),
                });
            }
        }
        Ok(())
    }
}

/// Empty, `CN=<registration id>` alone in any case, or the full subject in any order.
fn judge_subject(request: &Request, identity: &DeviceIdentity) -> Result<(), CsrRefusal> {
    let is_common_name = |oid: &[u8], text: &str| {
        oid == oid::COMMON_NAME && text.eq_ignore_ascii_case(identity.registration_id())
    };
    let is_organization =
        |oid: &[u8], text: &str| oid == oid::ORGANIZATION && text == identity.organization();
    let parts: Option<Vec<(&[u8], &str)>> = request
        .subject()
        .iter()
        .map(|part| Some((&*part.oid, part.text.as_deref()?)))
        .collect();
    let fits = match parts.as_deref() {
        Some([]) => true,
        Some([(oid, text)]) => {
            is_common_name(oid, text) || (identity.common_name().is_none() && is_organization(oid, text))
        }
        Some([(first, a), (second, b)]) => {
            (is_common_name(first, a) && is_organization(second, b))
                || (is_organization(first, a) && is_common_name(second, b))
        }
        Some(_) | None => false,
    };
    if fits {
        return Ok(());
    }
    Err(CsrRefusal::Subject {
        found: described(request),
        wanted: format!(
            "CN={}, alone or with O={}",
            identity.registration_id(),
            identity.organization()
        ),
    })
}

/// The subject that is asked for, for people.
pub(super) fn described(request: &Request) -> String {
    let describe = |part: &crate::request::SubjectPart| {
        let text = part.text.as_deref().unwrap_or("(a string type that is not read)");
        format!("{}={}", oid::describe(&part.oid), text.escape_debug())
    };
    let parts: Vec<_> = request.subject().iter().map(describe).collect();
    parts.join(", ")
}

/// Exactly one name, and it is the device's own URI.
fn judge_names(extension: &RequestedExtension, identity: &DeviceIdentity) -> Result<(), CsrRefusal> {
    tlv::require_der(&extension.value, NAMES_NESTING_LIMIT)?;
    let mut reader = Reader::new(tlv::only(&extension.value, tlv::SEQUENCE)?.value);
    let refuse = |found: String| CsrRefusal::Names {
        found,
        wanted: identity.uri().to_owned(),
    };
    if reader.is_empty() {
        return Err(refuse("no name".to_owned()));
    }
    let name = reader.any()?;
    if !reader.is_empty() {
        return Err(refuse("several names".to_owned()));
    }
    if name.tag == URI && name.value == identity.uri().as_bytes() {
        return Ok(());
    }
    let kind = match name.tag & 0x1f {
        0 => "an otherName",
        1 => "an e-mail address",
        2 => "a DNS name",
        4 => "a directory name",
        6 => "another URI",
        7 => "an address",
        8 => "a registered identifier",
        _ => "a name of a kind that is not granted",
    };
    Err(refuse(kind.to_owned()))
}

/// The identifier that tools compute from the key: by RFC 7093 §2 method 1 as we do, or by SHA-1 as RFC 5280
/// §4.2.1.2 (1) suggested and most still do. Ours is written in either case.
fn judge_key_identifier(extension: &RequestedExtension, key: &PublicKey) -> Result<(), CsrRefusal> {
    let asked = tlv::only(&extension.value, tlv::OCTET_STRING)?.value;
    if asked == key.key_identifier() || asked == key.sha1_key_identifier() {
        return Ok(());
    }
    Err(CsrRefusal::ForeignExtension {
        extension: format!(
            "{} with a value that is not computed from the key",
            oid::describe(&extension.oid)
        ),
    })
}

const NAMES_NESTING_LIMIT: u8 = 8;
