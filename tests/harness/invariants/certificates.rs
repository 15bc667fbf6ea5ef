// SPDX-License-Identifier: Apache-2.0
//! I-02, I-05, I-14, I-15, I-19, I-23, I-24, I-39: what every certificate says, read by another library.

use std::collections::{HashMap, HashSet};

use sqlx::Row as _;
use tamga_registry::id::IssuerId;
use x509_parser::prelude::*;

use super::{Authority, Row, Seen, sha256};
use crate::relying_party::{issuer_location, location, read};

/// What a device's certificate must say of it.
struct Identity {
    registration_id: String,
    organization: String,
    uri: String,
}

impl Seen<'_> {
    pub(super) async fn assert_certificates(&self) {
        let identities = self.identities().await;
        for row in &self.certificates {
            assert_eq!(
                (row.serial.len(), row.serial[0]),
                (20, 0x41),
                "I-02: the serial's layout"
            );
            let Some(der) = &row.der else {
                assert!(
                    matches!(row.state.as_str(), "intended" | "revoked"),
                    "{} without DER",
                    row.state
                );
                continue;
            };
            let (rest, certificate) = X509Certificate::from_der(der).expect("I-39: a certificate");
            assert!(rest.is_empty(), "I-39: octets after a certificate");
            assert_columns(row, der, &certificate);
            let authority = self.authorities.get(&row.issuer).expect("I-12: an issuer");
            assert_signed(&certificate, authority);
            assert_life(row, &certificate, authority);
            assert_locations(row, der, authority);
            match &row.device {
                Some(device) => assert_identity(&certificate, &identities[device]),
                None => assert_eq!(
                    authority.role, "server",
                    "I-14: only the house itself has no device"
                ),
            }
            assert_extensions(row, &certificate);
        }
    }

    async fn identities(&self) -> HashMap<Vec<u8>, Identity> {
        let query = "SELECT device.id, presented, slug, trust_domain FROM device \
             JOIN organization ON organization.id = organization_id JOIN installation";
        let rows = self.evidence.memory.rows(query).await;
        rows.iter()
            .map(|row| {
                let id: Vec<u8> = row.get(0);
                let (organization, domain): (String, String) = (row.get(2), row.get(3));
                let shown =
                    tamga_registry::id::DeviceId::from_octets(id.clone().try_into().expect("16 octets"));
                let identity = Identity {
                    registration_id: row.get(1),
                    uri: format!("spiffe://{domain}/org/{organization}/device/{shown}"),
                    organization,
                };
                (id, identity)
            })
            .collect()
    }
}

fn assert_columns(row: &Row, der: &[u8], certificate: &X509Certificate<'_>) {
    assert_eq!(certificate.raw_serial(), row.serial, "I-39: serial");
    assert_eq!(sha256(certificate.public_key().raw), row.spki, "I-39: key");
    assert_eq!(
        sha256(certificate.tbs_certificate.as_ref()),
        row.tbs_hash,
        "I-04: the bytes of the intent"
    );
    let micros = |time: ASN1Time| time.timestamp() * 1_000_000;
    let validity = certificate.validity();
    assert_eq!(micros(validity.not_before), row.not_before, "I-39: notBefore");
    assert_eq!(micros(validity.not_after), row.not_after, "I-39: notAfter");
    assert!(der.len() < 4_096, "a certificate of {} octets", der.len());
}

/// Signed by the recorded issuer, by its algorithm, under its names.
fn assert_signed(certificate: &X509Certificate<'_>, authority: &Authority) {
    let issuer = read(&authority.certificate);
    assert_eq!(
        certificate.issuer().as_raw(),
        issuer.subject().as_raw(),
        "I-19: the issuer's name, byte for byte"
    );
    certificate
        .verify_signature(Some(issuer.public_key()))
        .expect("I-23: the signature verifies");
    let (inner, outer) = (
        &certificate.tbs_certificate.signature,
        &certificate.signature_algorithm,
    );
    assert_eq!(inner, outer, "I-19: inner and outer algorithm");
    // The issuers of these houses are on P-256, which signs with SHA-256 (RFC 5758 §3.2).
    assert_eq!(
        outer.algorithm.to_id_string(),
        "1.2.840.10045.4.3.2",
        "I-24: ecdsa-with-SHA256"
    );
    assert_eq!(
        authority_key_id(certificate),
        subject_key_id(&issuer),
        "I-19: the issuer's key id"
    );
    assert!(authority_key_id(certificate).is_some(), "I-19: a key id");
}

fn assert_life(row: &Row, certificate: &X509Certificate<'_>, authority: &Authority) {
    let issuer = read(&authority.certificate);
    let (life, above) = (certificate.validity(), issuer.validity());
    let (from, until) = (life.not_before.timestamp(), life.not_after.timestamp());
    assert!(from < until, "I-05: a life");
    assert!(
        until - from < LONGEST,
        "I-05: no longer than the profile allows: {}",
        until - from + 1
    );
    assert!(
        above.not_before.timestamp() <= from && until <= above.not_after.timestamp(),
        "I-05: within the issuer's life"
    );
    assert!(
        row.intended_at - row.not_before <= (BACKDATE + 1) * 1_000_000,
        "I-05: backdated too far"
    );
}

fn assert_locations(row: &Row, der: &[u8], authority: &Authority) {
    let issuer = IssuerId::from_octets(authority.id.clone().try_into().expect("16 octets"));
    let base = &authority.status_url;
    let (list, above) = (
        format!("{base}/c/{issuer}/{}.crl", row.shard),
        format!("{base}/i/{issuer}.cer"),
    );
    assert_eq!(location(der), Some(list), "I-19: where its list is");
    assert_eq!(issuer_location(der), Some(above), "I-19: where its issuer is");
}

fn assert_identity(certificate: &X509Certificate<'_>, identity: &Identity) {
    let subject = certificate.subject();
    let texts = |mut names: Vec<&str>| names.pop().filter(|_| names.is_empty()).map(str::to_owned);
    let of = |found: Vec<Result<&str, X509Error>>| {
        texts(found.into_iter().map(|name| name.expect("UTF-8")).collect())
    };
    let name = of(subject
        .iter_common_name()
        .map(AttributeTypeAndValue::as_str)
        .collect());
    let expected = (identity.registration_id.len() <= 64).then(|| identity.registration_id.clone());
    assert_eq!(name, expected, "I-14: CN");
    let organization = of(subject
        .iter_organization()
        .map(AttributeTypeAndValue::as_str)
        .collect());
    assert_eq!(organization.as_ref(), Some(&identity.organization), "I-14: O");
    let parts = 1 + usize::from(name.is_some());
    assert_eq!(
        subject.iter_attributes().count(),
        parts,
        "I-14: nothing else in the subject"
    );
    let names = certificate
        .subject_alternative_name()
        .expect("readable")
        .expect("I-14: a SAN");
    let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else {
        panic!("I-14: exactly one URI: {:?}", names.value.general_names)
    };
    assert_eq!(*uri, identity.uri, "I-14: SAN");
}

fn assert_extensions(row: &Row, certificate: &X509Certificate<'_>) {
    let oids: Vec<String> = certificate
        .extensions()
        .iter()
        .map(|extension| extension.oid.to_id_string())
        .collect();
    let once: HashSet<&String> = oids.iter().collect();
    assert_eq!(once.len(), oids.len(), "I-15: each extension once: {oids:?}");
    for oid in &oids {
        assert!(
            EXTENSIONS.contains(&oid.as_str()),
            "I-15: {oid} is on no profile's list"
        );
    }
    assert!(!certificate.is_ca(), "I-15: CA:FALSE");
    let usage = certificate
        .key_usage()
        .expect("readable")
        .expect("I-15: a key usage");
    assert!(
        !usage.value.key_cert_sign() && !usage.value.crl_sign(),
        "I-15: it signs neither certificates nor lists"
    );
    assert!(
        usage.critical && usage.value.digital_signature(),
        "I-15: key usage"
    );
    let purposes = certificate
        .extended_key_usage()
        .expect("readable")
        .expect("I-15: an EKU")
        .value;
    let device = row.device.is_some();
    assert_eq!(
        (purposes.client_auth, purposes.server_auth),
        (device, !device),
        "I-15: {purposes:?}"
    );
    let more = purposes.any || purposes.code_signing || purposes.ocsp_signing || purposes.time_stamping;
    assert!(
        !more && !purposes.email_protection && purposes.other.is_empty(),
        "I-15: {purposes:?}"
    );
}

fn authority_key_id(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.extensions().iter().find_map(|extension| {
        let ParsedExtension::AuthorityKeyIdentifier(id) = extension.parsed_extension() else {
            return None;
        };
        id.key_identifier.as_ref().map(|id| id.0.to_vec())
    })
}

fn subject_key_id(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.extensions().iter().find_map(|extension| {
        let ParsedExtension::SubjectKeyIdentifier(id) = extension.parsed_extension() else {
            return None;
        };
        Some(id.0.to_vec())
    })
}

/// Ninety days, the validity of both profiles of the first start.
const LONGEST: i64 = 90 * 86_400;
/// One hour.
const BACKDATE: i64 = 3_600;
/// Basic constraints, key usage, EKU, SKI, AKI, SAN, CRL location, issuer location.
const EXTENSIONS: &[&str] = &[
    "2.5.29.19",
    "2.5.29.15",
    "2.5.29.37",
    "2.5.29.14",
    "2.5.29.35",
    "2.5.29.17",
    "2.5.29.31",
    "1.3.6.1.5.5.7.1.1",
];
