// SPDX-License-Identifier: Apache-2.0
//! Keys of every kind sign, travel through PKCS #8, agree with OpenSSL, and are refused when they are not whole.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use secrecy::ExposeSecret;
use tamga_x509::authority_certificate::AuthorityDraft;
use tamga_x509::certificate::{StatusLocations, Validity};
use tamga_x509::name::AuthorityName;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::*;

/// One key of each kind, made once: RSA takes its time.
static KEYS: LazyLock<Vec<SoftwareKey>> = LazyLock::new(|| {
    ["P-256", "P-384", "RSA-2048", "RSA-3072", "RSA-4096", "Ed25519"]
        .map(|name| SoftwareKey::generate(name.parse().unwrap()).unwrap())
        .into()
});

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("this test compares with OpenSSL: install openssl ({error})"));
    // A child that fails early closes its end; its own words below say more than the broken pipe.
    let _written = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "openssl {arguments:?} failed: {complaint}"
    );
    output.stdout
}

#[test]
fn every_kind_of_key_signs_what_its_public_key_verifies() {
    for key in KEYS.iter() {
        let signature = key.sign_octets(b"a message").unwrap();
        let algorithm = key.algorithm();
        key.public_key()
            .verify(algorithm, b"a message", &signature)
            .unwrap();
        assert!(
            key.public_key()
                .verify(algorithm, b"another", &signature)
                .is_err(),
            "{key:?}"
        );
        let neighbour = SoftwareKey::generate(KeyAlgorithm::EcP256).unwrap();
        assert!(
            neighbour
                .public_key()
                .verify(algorithm, b"a message", &signature)
                .is_err()
        );
    }
}

#[test]
fn elliptic_signatures_are_der_sequences() {
    for key in &KEYS[..2] {
        let signature = key.sign_octets(b"a message").unwrap();
        assert_eq!(signature[0], 0x30);
        assert_eq!(usize::from(signature[1]) + 2, signature.len());
    }
}

#[test]
fn a_key_travels_through_pkcs8_unchanged() {
    for key in KEYS.iter() {
        let der = key.to_pkcs8().unwrap();
        let again = SoftwareKey::from_pkcs8(der.expose_secret()).unwrap();
        assert_eq!(again.public_key(), key.public_key());
        assert_eq!(again.to_pkcs8().unwrap().expose_secret(), der.expose_secret());
        let signature = again.sign_octets(b"a message").unwrap();
        key.public_key()
            .verify(key.algorithm(), b"a message", &signature)
            .unwrap();
    }
}

#[test]
fn openssl_reads_our_keys_and_finds_the_same_public_key() {
    for key in KEYS.iter() {
        let der = key.to_pkcs8().unwrap();
        let seen = openssl(
            &["pkey", "-inform", "DER", "-check", "-pubout", "-outform", "DER"],
            der.expose_secret(),
        );
        // `-check` writes its verdict in front of the key.
        assert!(seen.ends_with(key.public_key().spki_der()), "{key:?}");
    }
}

#[test]
fn keys_made_by_openssl_are_loaded() {
    for options in [
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"][..],
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        &["-algorithm", "ED25519"],
    ] {
        let der = openssl(&[&["genpkey", "-outform", "DER"], options].concat(), b"");
        // OpenSSL's genpkey writes RSA and EC in DER as PKCS #8 only when asked through pkcs8.
        let der = openssl(
            &["pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER"],
            &der,
        );
        let key = SoftwareKey::from_pkcs8(&der).unwrap();
        let public = openssl(&["pkey", "-inform", "DER", "-pubout", "-outform", "DER"], &der);
        assert_eq!(key.public_key().spki_der(), public);
    }
}

#[test]
fn other_curves_short_rsa_and_encrypted_keys_are_refused() {
    for options in [
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"][..],
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
        &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
        &["-algorithm", "X25519"],
        &[
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-aes-256-cbc",
            "-pass",
            "pass:word",
        ],
    ] {
        let der = openssl(&[&["genpkey", "-outform", "DER"], options].concat(), b"");
        let fault = SoftwareKey::from_pkcs8(&der).unwrap_err();
        let refused = matches!(
            fault,
            SoftwareKeyFault::NotAPrivateKey | SoftwareKeyFault::PublicKey(_)
        );
        assert!(refused, "{options:?}: {fault}");
    }
}

#[test]
fn a_public_key_that_is_not_the_private_keys_is_refused() {
    let key = &KEYS[0];
    let der = key.to_pkcs8().unwrap().expose_secret().to_vec();
    let stranger = SoftwareKey::generate(KeyAlgorithm::EcP256).unwrap();
    let point = |of: &SoftwareKey| of.public_key().spki_der()[26..].to_vec();
    let place = der
        .windows(65)
        .position(|octets| octets == point(key))
        .expect("the point is in the file");
    let mut forged = der;
    forged[place..place + 65].copy_from_slice(&point(&stranger));
    let fault = SoftwareKey::from_pkcs8(&forged).unwrap_err();
    let refused = matches!(
        fault,
        SoftwareKeyFault::NotAPrivateKey | SoftwareKeyFault::Mismatch
    );
    assert!(refused, "{fault}");
}

#[test]
fn cut_or_lengthened_files_are_refused() {
    for key in [&KEYS[0], &KEYS[1], &KEYS[2], &KEYS[5]] {
        let der = key.to_pkcs8().unwrap().expose_secret().to_vec();
        for length in [0, 1, 2, der.len() / 2, der.len() - 1] {
            assert!(
                SoftwareKey::from_pkcs8(&der[..length]).is_err(),
                "{key:?} cut to {length}"
            );
        }
        let long = [&der[..], &[0]].concat();
        assert!(
            SoftwareKey::from_pkcs8(&long).is_err(),
            "{key:?} with an octet more"
        );
    }
}

#[test]
fn rsa_is_made_in_three_sizes_only() {
    let fault = SoftwareKey::generate(KeyAlgorithm::Rsa { bits: 2056 }).unwrap_err();
    assert!(
        fault.to_string().contains("RSA-2056") && fault.to_string().contains("RSA-3072"),
        "{fault}"
    );
}

#[test]
fn nothing_secret_is_printed() {
    for key in KEYS.iter() {
        let printed = format!("{key:?}");
        assert_eq!(
            printed,
            format!("SoftwareKey({}, secret)", key.public_key().spki_hash())
        );
        let der = key.to_pkcs8().unwrap();
        assert!(!format!("{der:?}").contains(&format!("{:?}", &der.expose_secret()[30..34])));
    }
}

const BIRTH: Timestamp = Timestamp::from_seconds(1_795_305_600);

/// A self-signed root over this key, past its lints.
fn root_over(key: &SoftwareKey) -> ToBeSigned {
    let ten_years = Duration::from_secs(10 * 365 * 24 * 3600);
    let order = AuthorityDraft {
        name: &AuthorityName::new("Acme Root", "acme").unwrap(),
        key: key.public_key(),
        issuer: None,
        serial: Serial::compose(0, BIRTH, [7; 16]).unwrap(),
        validity: Validity::new(BIRTH, BIRTH.saturating_add(ten_years)).unwrap(),
        locations: &StatusLocations::default(),
    };
    ToBeSigned::certificate(order.draft().unwrap()).unwrap()
}

#[test]
fn openssl_trusts_a_root_signed_by_every_kind_of_key() {
    let folder = tempfile::tempdir().unwrap();
    for key in KEYS.iter() {
        let root = root_over(key);
        let signature = key.sign(&root).unwrap();
        root.verify(key.public_key(), &signature).unwrap();
        let pem = openssl(&["x509", "-inform", "DER"], &root.assemble(&signature));
        let file = folder.path().join(key.public_key().algorithm().to_string());
        std::fs::write(&file, pem).unwrap();
        let file = file.to_str().unwrap();
        let moment = BIRTH.seconds().to_string();
        openssl(
            &[
                "verify",
                "-x509_strict",
                "-check_ss_sig",
                "-attime",
                &moment,
                "-CAfile",
                file,
                file,
            ],
            b"",
        );
    }
}

#[test]
fn a_key_does_not_sign_bytes_that_name_another_algorithm() {
    let root = root_over(&KEYS[0]);
    for key in &KEYS[1..] {
        let fault = key.sign(&root).unwrap_err();
        let SignerFault::Algorithm { wanted, offered } = fault else {
            panic!("{fault}")
        };
        assert_eq!(
            (wanted, offered),
            (SignatureAlgorithm::EcdsaSha256, key.algorithm())
        );
    }
}
