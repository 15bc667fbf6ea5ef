// SPDX-License-Identifier: Apache-2.0
//! Prints certificates, lists and requests as stable text, for people and for snapshots.

mod extension;
#[cfg(test)]
mod tests;

use core::fmt::{self, Write};

use der::asn1::ObjectIdentifier;
use der::{Decode, Tagged};
use x509_cert::certificate::TbsCertificate;
use x509_cert::crl::{CertificateList, TbsCertList};
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::request::CertReq;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::Time;

use crate::key::{PublicKey, sha256};
use crate::time::Timestamp;

/// Prints a certificate: one line a field, then its SHA-256 fingerprint.
///
/// # Errors
/// [`Unprintable`] when it is not a DER certificate.
pub fn certificate(der: &[u8]) -> Result<String, Unprintable> {
    let certificate = x509_cert::Certificate::from_der(der)?;
    let mut out = String::new();
    print_certificate(&mut out, certificate.tbs_certificate())?;
    writeln!(
        out,
        "signed with: {}",
        algorithm(certificate.signature_algorithm())
    )?;
    writeln!(out, "fingerprint: SHA-256 {}", hex(&sha256(der)))?;
    Ok(out)
}

/// Prints the part of a certificate that is signed.
///
/// # Errors
/// [`Unprintable`] when it is not a DER TBSCertificate.
pub fn to_be_signed_certificate(der: &[u8]) -> Result<String, Unprintable> {
    let mut out = String::new();
    print_certificate(&mut out, &TbsCertificate::from_der(der)?)?;
    Ok(out)
}

/// Prints a revocation list: all fields, and of the entries their number and the first twenty.
///
/// # Errors
/// [`Unprintable`] when it is not a DER list.
pub fn revocation_list(der: &[u8]) -> Result<String, Unprintable> {
    let list = CertificateList::<x509_cert::certificate::Rfc5280>::from_der(der)?;
    let mut out = String::new();
    print_list(&mut out, &list.tbs_cert_list)?;
    writeln!(out, "signed with: {}", algorithm(&list.signature_algorithm))?;
    Ok(out)
}

/// Prints the part of a revocation list that is signed.
///
/// # Errors
/// [`Unprintable`] when it is not a DER TBSCertList.
pub fn to_be_signed_revocation_list(der: &[u8]) -> Result<String, Unprintable> {
    let mut out = String::new();
    print_list(
        &mut out,
        &TbsCertList::<x509_cert::certificate::Rfc5280>::from_der(der)?,
    )?;
    Ok(out)
}

/// Prints a request, whether or not it would be granted.
///
/// # Errors
/// [`Unprintable`] when it is not a DER PKCS #10 request.
pub fn request(der: &[u8]) -> Result<String, Unprintable> {
    let request = CertReq::from_der(der)?;
    let mut out = String::new();
    writeln!(out, "request")?;
    writeln!(out, "subject: {}", name(&request.info.subject))?;
    writeln!(out, "key: {}", key(&request.info.public_key)?)?;
    for attribute in request.info.attributes.iter() {
        writeln!(out, "attribute: {}", identifier(&attribute.oid))?;
        if attribute.oid == const_oid::db::rfc5912::ID_EXTENSION_REQ {
            for value in attribute.values.iter() {
                print_extensions(&mut out, &value.decode_as::<Vec<Extension>>()?)?;
            }
        }
    }
    writeln!(out, "signed with: {}", algorithm(&request.algorithm))?;
    Ok(out)
}

/// The bytes are not what they should be printed as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes cannot be printed: {0}")]
pub struct Unprintable(String);

impl From<der::Error> for Unprintable {
    fn from(error: der::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<fmt::Error> for Unprintable {
    fn from(error: fmt::Error) -> Self {
        Self(error.to_string())
    }
}

fn print_certificate(out: &mut String, tbs: &TbsCertificate) -> Result<(), Unprintable> {
    writeln!(out, "certificate {:?}", tbs.version())?;
    writeln!(out, "serial: {}", hex(tbs.serial_number().as_bytes()))?;
    writeln!(out, "signature: {}", algorithm(tbs.signature()))?;
    writeln!(out, "issuer: {}", name(tbs.issuer()))?;
    writeln!(out, "not before: {}", time(&tbs.validity().not_before))?;
    writeln!(out, "not after: {}", time(&tbs.validity().not_after))?;
    writeln!(out, "subject: {}", name(tbs.subject()))?;
    writeln!(out, "key: {}", key(tbs.subject_public_key_info())?)?;
    print_extensions(out, tbs.extensions().map_or(&[], Vec::as_slice))
}

fn print_list(out: &mut String, list: &TbsCertList) -> Result<(), Unprintable> {
    writeln!(out, "revocation list {:?}", list.version)?;
    writeln!(out, "signature: {}", algorithm(&list.signature))?;
    writeln!(out, "issuer: {}", name(&list.issuer))?;
    writeln!(out, "this update: {}", time(&list.this_update))?;
    match &list.next_update {
        Some(next) => writeln!(out, "next update: {}", time(next))?,
        None => writeln!(out, "next update: none")?,
    }
    match &list.revoked_certificates {
        None => writeln!(out, "entries: absent")?,
        Some(entries) => {
            writeln!(out, "entries: {}", entries.len())?;
            for entry in entries.iter().take(ENTRIES_SHOWN) {
                writeln!(
                    out,
                    "- {} {}",
                    hex(entry.serial_number.as_bytes()),
                    time(&entry.revocation_date)
                )?;
                print_extensions(out, entry.crl_entry_extensions.as_deref().unwrap_or_default())?;
            }
        }
    }
    print_extensions(out, list.crl_extensions.as_deref().unwrap_or_default())
}

fn print_extensions(out: &mut String, extensions: &[Extension]) -> Result<(), Unprintable> {
    for found in extensions {
        let critical = if found.critical { " critical" } else { "" };
        writeln!(
            out,
            "  {}{critical}: {}",
            identifier(&found.extn_id),
            extension::value(found)?
        )?;
    }
    Ok(())
}

/// `O UTF8String "acme", CN UTF8String "pump-1"`: in the order of the octets, with string types.
fn name(name: &Name) -> String {
    if name.is_empty() {
        return "(empty)".to_owned();
    }
    let attribute = |attribute: &x509_cert::attr::AttributeTypeAndValue| {
        let kind = match attribute.oid {
            const_oid::db::rfc4519::CN => "CN".to_owned(),
            const_oid::db::rfc4519::O => "O".to_owned(),
            other => identifier(&other),
        };
        let text = String::from_utf8_lossy(attribute.value.value())
            .escape_debug()
            .to_string();
        format!("{kind} {} \"{text}\"", tag(attribute.value.tag()))
    };
    let parts = name
        .iter_rdn()
        .map(|part| part.iter().map(attribute).collect::<Vec<_>>().join(" + "));
    parts.collect::<Vec<_>>().join(", ")
}

fn tag(tag: der::Tag) -> String {
    if tag == der::Tag::Utf8String {
        "UTF8String".to_owned()
    } else {
        tag.to_string()
    }
}

fn time(time: &Time) -> String {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    let form = match time {
        Time::UtcTime(_) => "UTCTime",
        Time::GeneralTime(_) => "GeneralizedTime",
    };
    let text = Timestamp::from_seconds(seconds).to_rfc3339();
    format!("{} ({form})", text.replace(".000000", ""))
}

fn key(info: &SubjectPublicKeyInfoOwned) -> Result<String, Unprintable> {
    use der::Encode;
    let der = info.to_der()?;
    let kind = PublicKey::from_spki_der(&der)
        .map_or_else(|_| algorithm(&info.algorithm), |key| key.algorithm().to_string());
    Ok(format!("{kind}, SHA-256 {}", hex(&sha256(&der))))
}

fn algorithm(identifier_der: &AlgorithmIdentifierOwned) -> String {
    let parameters = match &identifier_der.parameters {
        None => String::new(),
        Some(parameters) if parameters.is_null() => ", NULL".to_owned(),
        Some(parameters) => format!(", {}", hex(parameters.value())),
    };
    format!("{}{parameters}", identifier(&identifier_der.oid))
}

fn identifier(oid: &ObjectIdentifier) -> String {
    const_oid::db::DB
        .by_oid(oid)
        .map_or_else(|| oid.to_string(), str::to_owned)
}

fn hex(octets: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(octets)
}

const ENTRIES_SHOWN: usize = 20;
