// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::fixtures::{
    TestKey, csr, device_profile, file, identity, issuer, locations, order, p256_issuer, request, root,
};
use crate::to_be_signed::ToBeSigned;

fn device() -> Vec<u8> {
    let (key, issuer) = p256_issuer();
    let (request, identity, locations) = (request("good-p256-sha256"), identity(), locations());
    let draft = device_profile()
        .draft(&order(&request, &identity, &issuer, &locations))
        .unwrap();
    key.finish(&ToBeSigned::certificate(draft).unwrap())
}

#[test]
fn a_certificate_verifies_by_its_issuer_alone() {
    let (_, ours) = p256_issuer();
    let certificate = Certificate::parse(&device()).unwrap();
    assert_eq!(certificate.verify(&ours), Ok(()));
    assert_eq!(certificate.issuer(), "CN=Acme Devices 1,O=Acme Pumps");
    assert_eq!(certificate.issuer_der(), ours.subject_der());
    assert_eq!(
        certificate.authority_key_identifier(),
        Some(ours.key_identifier())
    );
    // Another issuer of the same name, and the root.
    let (_, namesake) = issuer(&TestKey::load("issuer-p384"));
    let (_, root) = root(&TestKey::load("root-p256"));
    assert_eq!(certificate.verify(&namesake), Err(BadSignature));
    assert_eq!(certificate.verify(&root), Err(BadSignature));
}

#[test]
fn no_changed_octet_verifies() {
    let (_, issuer) = p256_issuer();
    let der = device();
    for index in 0..der.len() {
        let mut changed = der.clone();
        changed[index] ^= 0x01;
        if let Ok(certificate) = Certificate::parse(&changed) {
            assert_eq!(certificate.verify(&issuer), Err(BadSignature), "octet {index}");
        }
        assert!(Certificate::parse(&der[..index]).is_err());
    }
}

#[test]
fn a_device_is_no_issuer_and_a_request_no_certificate() {
    let fault = IssuerCertificate::parse(&device()).unwrap_err();
    assert_eq!(fault.slug(), "certificate_not_authority");
    for other in [
        csr("good-p256-sha256"),
        file("keys/root-p256.pk8"),
        vec![],
        vec![0x30, 0x80],
        vec![0x30; 70_000],
    ] {
        assert_eq!(
            IssuerCertificate::parse(&other).unwrap_err().slug(),
            "certificate_malformed"
        );
        assert_eq!(
            Certificate::parse(&other).unwrap_err().slug(),
            "certificate_malformed"
        );
    }
}

#[test]
fn an_issuer_of_another_house_is_read_but_its_serial_is_not_ours() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let mut params = rcgen::CertificateParams::default();
    // Drawn by chance, one in 256 would have the form of ours.
    params.serial_number = Some(rcgen::SerialNumber::from(vec![0x10; 20]));
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(1));
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Customer Root");
    params.key_usages = vec![
        rcgen::KeyUsagePurpose::KeyCertSign,
        rcgen::KeyUsagePurpose::CrlSign,
    ];
    let der = params.clone().self_signed(&key).unwrap().der().to_vec();
    let issuer = IssuerCertificate::parse(&der).unwrap();
    assert_eq!(issuer.path_length(), Some(1));
    assert_eq!(issuer.signature_algorithm(), SignatureAlgorithm::EcdsaSha384);
    assert!(issuer.subject().contains("Customer Root"));
    assert_eq!(
        Certificate::parse(&der).unwrap_err().slug(),
        "certificate_not_ours"
    );

    // One that may not sign lists cannot publish what it revokes.
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    let der = params.self_signed(&key).unwrap().der().to_vec();
    assert_eq!(
        IssuerCertificate::parse(&der).unwrap_err().slug(),
        "certificate_not_authority"
    );
}
