// SPDX-License-Identifier: Apache-2.0
//! Writes the extensions of our certificates, each with the criticality RFC 5280 §4.2 gives it, and reads those
//! an issuer must have.

use std::net::IpAddr;

use super::fields::Extension;
use super::{CertificateFault, ExtendedKeyUsage, KeyUsage, StatusLocations};
use crate::tlv::{self, NotDer, Reader};
use crate::write::{self, Criticality::Critical, Criticality::Ordinary};
use crate::{oid, write::extension};

/// basicConstraints of a device or server: not an authority (§4.2.1.9).
pub(crate) fn end_entity(out: &mut Vec<u8>) {
    extension(out, oid::BASIC_CONSTRAINTS, Critical, |out| {
        write::sequence(out, |_| {});
    });
}

/// basicConstraints of an authority, with how many authorities may follow below it.
pub(crate) fn authority(out: &mut Vec<u8>, path_length: Option<u8>) {
    extension(out, oid::BASIC_CONSTRAINTS, Critical, |out| {
        write::sequence(out, |out| {
            write::primitive(out, tlv::BOOLEAN, &[0xff]);
            if let Some(length) = path_length {
                write::unsigned(out, length.into());
            }
        });
    });
}

/// keyUsage (§4.2.1.3): a named bit list, so trailing zero bits are cut off (X.690 §11.2.2).
pub(crate) fn key_usage(out: &mut Vec<u8>, usages: &[KeyUsage]) {
    let bits = usages.iter().fold(0, |bits, usage| bits | usage.mask());
    let unused = u8::try_from(bits.trailing_zeros().min(7)).unwrap_or(7);
    extension(out, oid::KEY_USAGE, Critical, |out| {
        write::primitive(out, tlv::BIT_STRING, &[unused, bits]);
    });
}

/// extKeyUsage (§4.2.1.12): not critical, as most who read us expect.
pub(crate) fn extended_key_usage(out: &mut Vec<u8>, purposes: &[ExtendedKeyUsage]) {
    extension(out, oid::EXTENDED_KEY_USAGE, Ordinary, |out| {
        write::sequence(out, |out| {
            purposes.iter().for_each(|purpose| write::oid(out, purpose.oid()));
        });
    });
}

/// subjectKeyIdentifier (§4.2.1.2).
pub(crate) fn subject_key_identifier(out: &mut Vec<u8>, identifier: &[u8]) {
    extension(out, oid::SUBJECT_KEY_IDENTIFIER, Ordinary, |out| {
        write::primitive(out, tlv::OCTET_STRING, identifier);
    });
}

/// authorityKeyIdentifier (§4.2.1.1): the key identifier alone, so that a re-issued issuer still fits.
pub(crate) fn authority_key_identifier(out: &mut Vec<u8>, identifier: &[u8]) {
    extension(out, oid::AUTHORITY_KEY_IDENTIFIER, Ordinary, |out| {
        write::sequence(out, |out| write::primitive(out, KEY_IDENTIFIER, identifier));
    });
}

/// subjectAltName of a device (§4.2.1.6): its SPIFFE ID. Ordinary, since our subjects are never empty.
pub(crate) fn device_name(out: &mut Vec<u8>, uri: &str) {
    extension(out, oid::SUBJECT_ALT_NAME, Ordinary, |out| {
        write::sequence(out, |out| write::primitive(out, URI, uri.as_bytes()));
    });
}

/// subjectAltName of a server: DNS names, then addresses.
pub(crate) fn server_names(out: &mut Vec<u8>, dns: &[String], ip: &[IpAddr]) {
    extension(out, oid::SUBJECT_ALT_NAME, Ordinary, |out| {
        write::sequence(out, |out| {
            dns.iter()
                .for_each(|name| write::primitive(out, DNS_NAME, name.as_bytes()));
            for address in ip {
                match address {
                    IpAddr::V4(address) => write::primitive(out, IP_ADDRESS, &address.octets()),
                    IpAddr::V6(address) => write::primitive(out, IP_ADDRESS, &address.octets()),
                }
            }
        });
    });
}

/// cRLDistributionPoints and authorityInfoAccess, as far as there are locations (§4.2.1.13, §4.2.2.1).
pub(crate) fn locations(out: &mut Vec<u8>, locations: &StatusLocations) {
    if let Some(url) = &locations.crl {
        extension(out, oid::CRL_DISTRIBUTION_POINTS, Ordinary, |out| {
            write::sequence(out, |out| {
                write::sequence(out, |out| distribution_point_name(out, url));
            });
        });
    }
    if let Some(url) = &locations.issuer {
        extension(out, oid::AUTHORITY_INFO_ACCESS, Ordinary, |out| {
            write::sequence(out, |out| {
                write::sequence(out, |out| {
                    write::oid(out, oid::CA_ISSUERS);
                    write::primitive(out, URI, url.as_bytes());
                });
            });
        });
    }
}

/// `distributionPoint [0] { fullName [0] { URI } }`, which certificates and lists share (§4.2.1.13, §5.2.5).
pub(crate) fn distribution_point_name(out: &mut Vec<u8>, url: &str) {
    write::element(out, DISTRIBUTION_POINT, |out| {
        write::element(out, FULL_NAME, |out| write::primitive(out, URI, url.as_bytes()));
    });
}

/// Demands that these extensions are an authority's; tells its path length.
pub(super) fn read_authority(extensions: &[Extension<'_>]) -> Result<Option<u64>, CertificateFault> {
    let find = |oid| extensions.iter().find(|extension| extension.oid == oid);
    let constraints =
        find(oid::BASIC_CONSTRAINTS).ok_or(CertificateFault::NotAuthority("it has no basic constraints"))?;
    let (is_authority, path_length) = read_basic_constraints(constraints.value)?;
    if !is_authority {
        return Err(CertificateFault::NotAuthority(
            "its basic constraints say CA:FALSE",
        ));
    }
    if let Some(usage) = find(oid::KEY_USAGE) {
        let bits = read_key_usage(usage.value)?;
        if bits & KeyUsage::KeyCertSign.mask() == 0 || bits & KeyUsage::CrlSign.mask() == 0 {
            return Err(CertificateFault::NotAuthority(
                "its key may not sign certificates and lists",
            ));
        }
    }
    Ok(path_length)
}

/// Reads BasicConstraints: whether an authority, and its path length.
pub(crate) fn read_basic_constraints(value: &[u8]) -> Result<(bool, Option<u64>), NotDer> {
    tlv::require_der(value, 3)?;
    let mut fields = Reader::new(tlv::only(value, tlv::SEQUENCE)?.value);
    let is_authority = match fields.optional(tlv::BOOLEAN)?.map(|flag| flag.value) {
        None => false,
        Some([0xff]) => true,
        Some(_) => return Err(NotDer("basic constraints spell out their default")),
    };
    let path_length = match fields.optional(tlv::INTEGER)?.map(|length| length.value) {
        Some([first, ..]) if *first >= 0x80 => return Err(NotDer("a path length is negative")),
        Some(octets) if octets.len() <= 8 => Some(
            octets
                .iter()
                .fold(0_u64, |length, octet| (length << 8) | u64::from(*octet)),
        ),
        Some(_) => return Err(NotDer("a path length is beyond reason")),
        None => None,
    };
    fields.finish()?;
    if path_length.is_some() && !is_authority {
        return Err(NotDer("a path length stands where there is no authority"));
    }
    Ok((is_authority, path_length))
}

/// Reads KeyUsage: the bits of its first octet. decipherOnly, the ninth, is reported as malformed: nobody uses it.
pub(crate) fn read_key_usage(value: &[u8]) -> Result<u8, NotDer> {
    match tlv::only(value, tlv::BIT_STRING)?.value {
        // X.690 §11.2.2: the last bit that is written must be one.
        [unused, bits] if *bits != 0 && u32::from(*unused) == bits.trailing_zeros() => Ok(*bits),
        _ => Err(NotDer(
            "a key usage is not a list of named bits in DER, or names decipherOnly or nothing",
        )),
    }
}

/// Reads the key identifier of an AuthorityKeyIdentifier; other ways to name an authority are ignored.
pub(crate) fn read_authority_key_identifier(value: &[u8]) -> Result<&[u8], NotDer> {
    let mut fields = Reader::new(tlv::only(value, tlv::SEQUENCE)?.value);
    Ok(fields.expect(KEY_IDENTIFIER)?.value)
}

/// The DNS names, addresses and URIs of a SubjectAltName, as text.
pub(crate) fn read_names(value: &[u8]) -> Result<Vec<String>, NotDer> {
    let mut reader = Reader::new(tlv::only(value, tlv::SEQUENCE)?.value);
    let mut names = Vec::new();
    while !reader.is_empty() {
        let name = reader.any()?;
        match name.tag {
            DNS_NAME | URI => names.push(String::from_utf8_lossy(name.value).into_owned()),
            IP_ADDRESS => names.push(read_address(name.value)?.to_string()),
            _ => {}
        }
    }
    Ok(names)
}

fn read_address(octets: &[u8]) -> Result<IpAddr, NotDer> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let sixteen = || <[u8; 16]>::try_from(octets).map(IpAddr::from);
    four.or_else(|_| sixteen())
        .map_err(|_| NotDer("an address has 4 or 16 octets"))
}

const KEY_IDENTIFIER: u8 = 0x80;
const DNS_NAME: u8 = 0x82;
/// uniformResourceIdentifier of GeneralName.
pub(crate) const URI: u8 = 0x86;
const IP_ADDRESS: u8 = 0x87;
const DISTRIBUTION_POINT: u8 = 0xa0;
const FULL_NAME: u8 = 0xa0;
