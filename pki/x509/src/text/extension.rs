// SPDX-License-Identifier: Apache-2.0
//! Prints the value of one extension.

use std::net::IpAddr;

use const_oid::AssociatedOid;
use const_oid::db::rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT;
use der::Decode;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints, CrlNumber,
    CrlReason, ExtendedKeyUsage, IssuingDistributionPoint, KeyUsage, SubjectAltName, SubjectKeyIdentifier,
};

use super::{Unprintable, hex, identifier};

/// What the extension says; the plain octets where we have no words for it.
pub(super) fn value(extension: &Extension) -> Result<String, Unprintable> {
    let der = extension.extn_value.as_bytes();
    Ok(match extension.extn_id {
        BasicConstraints::OID => basic_constraints(&BasicConstraints::from_der(der)?),
        KeyUsage::OID => {
            let KeyUsage(bits) = KeyUsage::from_der(der)?;
            bits.into_iter()
                .map(|bit| format!("{bit:?}"))
                .collect::<Vec<_>>()
                .join(", ")
        }
        ExtendedKeyUsage::OID => {
            let ExtendedKeyUsage(purposes) = ExtendedKeyUsage::from_der(der)?;
            purposes.iter().map(identifier).collect::<Vec<_>>().join(", ")
        }
        SubjectKeyIdentifier::OID => hex(SubjectKeyIdentifier::from_der(der)?.0.as_bytes()),
        AuthorityKeyIdentifier::OID => authority_key_identifier(&AuthorityKeyIdentifier::from_der(der)?),
        SubjectAltName::OID => names(&SubjectAltName::from_der(der)?.0),
        CrlDistributionPoints::OID => {
            let CrlDistributionPoints(points) = CrlDistributionPoints::from_der(der)?;
            points
                .iter()
                .map(|point| location(point.distribution_point.as_ref()))
                .collect::<Vec<_>>()
                .join(", ")
        }
        AuthorityInfoAccessSyntax::OID => {
            let AuthorityInfoAccessSyntax(ways) = AuthorityInfoAccessSyntax::from_der(der)?;
            let way = |way: &x509_cert::ext::pkix::AccessDescription| {
                format!(
                    "{} {}",
                    identifier(&way.access_method),
                    name(&way.access_location)
                )
            };
            ways.iter().map(way).collect::<Vec<_>>().join(", ")
        }
        CrlNumber::OID => hex(CrlNumber::from_der(der)?.0.as_bytes()),
        CrlReason::OID => format!("{:?}", CrlReason::from_der(der)?),
        // Not `IssuingDistributionPoint::OID`: x509-cert 0.3.0 associates another identifier with the type.
        ID_CE_ISSUING_DISTRIBUTION_POINT => distribution_point(&IssuingDistributionPoint::from_der(der)?),
        _ => hex(der),
    })
}

fn basic_constraints(constraints: &BasicConstraints) -> String {
    let length = constraints
        .path_len_constraint
        .map(|length| format!(", path length {length}"));
    let authority = if constraints.ca { "CA:TRUE" } else { "CA:FALSE" };
    format!("{authority}{}", length.unwrap_or_default())
}

fn authority_key_identifier(identifier: &AuthorityKeyIdentifier) -> String {
    let key = identifier
        .key_identifier
        .as_ref()
        .map_or_else(|| "no key".to_owned(), |key| hex(key.as_bytes()));
    let issuer = if identifier.authority_cert_issuer.is_some() {
        ", and an issuer"
    } else {
        ""
    };
    let serial = if identifier.authority_cert_serial_number.is_some() {
        ", and a serial number"
    } else {
        ""
    };
    format!("{key}{issuer}{serial}")
}

fn distribution_point(point: &IssuingDistributionPoint) -> String {
    let limits = [
        (point.only_contains_user_certs, "users only"),
        (point.only_contains_ca_certs, "authorities only"),
        (point.only_contains_attribute_certs, "attributes only"),
        (point.indirect_crl, "indirect"),
        (point.only_some_reasons.is_some(), "some reasons only"),
    ];
    let limits = limits
        .iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, limit)| format!(", {limit}"));
    format!(
        "{}{}",
        location(point.distribution_point.as_ref()),
        limits.collect::<String>()
    )
}

fn location(point: Option<&DistributionPointName>) -> String {
    match point {
        Some(DistributionPointName::FullName(full)) => names(full),
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => "relative to the issuer".to_owned(),
        None => "nowhere".to_owned(),
    }
}

fn names(all: &[GeneralName]) -> String {
    all.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn name(name: &GeneralName) -> String {
    match name {
        GeneralName::UniformResourceIdentifier(uri) => format!("URI {uri}"),
        GeneralName::DnsName(dns) => format!("DNS {dns}"),
        GeneralName::Rfc822Name(mail) => format!("e-mail {mail}"),
        GeneralName::IpAddress(octets) => address(octets.as_bytes()),
        GeneralName::RegisteredId(oid) => format!("registered {oid}"),
        GeneralName::DirectoryName(directory) => format!("directory {directory}"),
        GeneralName::OtherName(other) => format!("other name of type {}", other.type_id),
        GeneralName::EdiPartyName(_) => "EDI party".to_owned(),
    }
}

fn address(octets: &[u8]) -> String {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let v6 = <[u8; 16]>::try_from(octets).map(IpAddr::from);
    v4.or(v6).map_or_else(
        |_| format!("IP? {}", hex(octets)),
        |address| format!("IP {address}"),
    )
}
