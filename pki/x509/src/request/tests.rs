// SPDX-License-Identifier: Apache-2.0

use proptest::prelude::*;

use super::*;
use crate::fixtures::{TestKey, algorithm_of, csr, file};
use crate::signer::Signer;
use crate::write;

fn refusal(der: &[u8]) -> CsrRefusal {
    Request::parse(der).expect_err("this request must be refused")
}

/// A request by the fixtures' device with these attributes, signed as it stands.
fn forged(subject: &[u8], attributes: &[u8]) -> Vec<u8> {
    let key = TestKey::load("device-p256");
    let mut info = Vec::new();
    write::sequence(&mut info, |out| {
        write::unsigned(out, 0);
        out.extend_from_slice(subject);
        out.extend_from_slice(key.public_key().spki_der());
        write::primitive(out, ATTRIBUTES, attributes);
    });
    signed(
        &info,
        &SignatureAlgorithm::EcdsaSha256.identifier_der(),
        &key.sign_octets(&info),
    )
}

fn signed(info: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write::sequence(&mut out, |out| {
        out.extend_from_slice(info);
        out.extend_from_slice(algorithm);
        write::bits(out, signature);
    });
    out
}

/// The three parts of a request.
fn parts(der: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let mut outer = Reader::new(tlv::only(der, tlv::SEQUENCE).unwrap().value);
    let (info, algorithm) = (
        outer.any().unwrap().full.to_vec(),
        outer.any().unwrap().full.to_vec(),
    );
    (info, algorithm, outer.octets_of_bits().unwrap().to_vec())
}

fn attribute(out: &mut Vec<u8>, oid: &[u8], fill: impl FnOnce(&mut Vec<u8>)) {
    write::sequence(out, |out| {
        write::oid(out, oid);
        write::element(out, tlv::SET, fill);
    });
}

fn extension_request(extensions: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    attribute(&mut out, oid::EXTENSION_REQUEST, |out| {
        write::sequence(out, |out| extensions(out));
    });
    out
}

fn plain_extension(out: &mut Vec<u8>, oid: &[u8]) {
    write::extension(out, oid, write::Criticality::Ordinary, |out| {
        write::primitive(out, tlv::NULL, &[]);
    });
}

const NO_NAME: &[u8] = &[0x30, 0];

#[test]
fn sound_requests_of_every_kind_prove_possession() {
    for kind in ["p256", "p384", "rsa2048", "rsa3072", "rsa4096"] {
        for digest in ["sha256", "sha384", "sha512"] {
            let der = csr(&format!("good-{kind}-{digest}"));
            let request = Request::parse(&der).unwrap();
            assert_eq!(request.public_key().algorithm(), algorithm_of(kind));
            assert_eq!(request.der(), der);
            assert_eq!(request.common_name(), Some("pump-1"));
        }
    }
    let request = Request::parse(&csr("good-ed25519")).unwrap();
    assert_eq!(request.signature_algorithm(), SignatureAlgorithm::Ed25519);
}

#[test]
fn weak_foreign_and_malformed_keys_are_refused_by_their_own_slug() {
    for (name, slug, word) in [
        ("bad-rsa1024", "weak_key", "2048 bits"),
        ("bad-rsa2047", "weak_key", "2048 bits"),
        ("bad-rsa2050", "key_invalid", "multiple of eight"),
        ("bad-rsa-e3", "weak_key", "below 65537"),
        ("bad-rsa8192", "key_invalid", "1024 octets"),
        ("bad-p521", "key_type_refused", "1.3.132.0.35"),
        ("bad-secp256k1", "key_type_refused", "1.3.132.0.10"),
        ("bad-ed448", "csr_algorithm", "1.3.101.113"),
        ("bad-explicit-curve", "key_invalid", "by its name"),
        ("bad-compressed-point", "key_invalid", "compressed"),
        ("bad-sha1", "csr_algorithm", "1.2.840.113549.1.1.5"),
        ("bad-md5", "csr_algorithm", "1.2.840.113549.1.1.4"),
        ("bad-ecdsa-sha1", "csr_algorithm", "1.2.840.10045.4.1"),
        ("bad-pss", "csr_algorithm", "1.2.840.113549.1.1.10"),
    ] {
        let refusal = refusal(&csr(name));
        assert_eq!(refusal.slug(), slug, "{name}: {refusal}");
        assert!(refusal.to_string().contains(word), "{name}: {refusal}");
    }
}

#[test]
fn a_request_of_another_library_is_read_alike() {
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
    ] {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "pump-1");
        let der = params.serialize_request(&key).unwrap();
        let request = Request::parse(der.der()).unwrap();
        assert_eq!(request.common_name(), Some("pump-1"));
    }
}

#[test]
fn another_decoder_finds_the_same_key() {
    use x509_parser::prelude::*;
    let der = csr("good-weaker-extensions");
    let (_, found) = X509CertificationRequest::from_der(&der).unwrap();
    let request = Request::parse(&der).unwrap();
    assert_eq!(
        found.certification_request_info.subject_pki.raw,
        request.public_key().spki_der()
    );
    found.verify_signature().unwrap();
}

#[test]
fn no_octet_can_change_and_none_can_be_missing() {
    for name in ["good-weaker-extensions", "good-rsa2048-sha256", "good-ed25519"] {
        let der = csr(name);
        for index in 0..der.len() {
            for flip in [0x01, 0x10, 0x80, 0xff] {
                let mut changed = der.clone();
                changed[index] ^= flip;
                assert!(
                    Request::parse(&changed).is_err(),
                    "{name}: octet {index} was changed by {flip:#x}"
                );
            }
            assert!(Request::parse(&der[..index]).is_err(), "{name}: cut at {index}");
        }
        for extra in [&[0][..], b"\n", &der] {
            assert_eq!(refusal(&[&der, extra].concat()).slug(), "csr_malformed");
        }
    }
}

#[test]
fn a_signature_that_is_none_is_refused() {
    let (info, algorithm, signature) = parts(&csr("good-p256-sha256"));
    let numbers = |r: &[u8], s: &[u8]| {
        let mut out = Vec::new();
        write::sequence(&mut out, |out| {
            write::primitive(out, tlv::INTEGER, r);
            write::primitive(out, tlv::INTEGER, s);
        });
        out
    };
    let order = data_encoding::HEXLOWER
        .decode(b"00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
        .unwrap();
    let (_, _, foreign) = parts(&csr("good-empty-subject"));
    for wrong in [
        vec![],
        vec![0],
        numbers(&[0], &[1]),
        numbers(&[1], &[0]),
        numbers(&order, &[1]),
        numbers(&[1], &order),
        foreign,
    ] {
        assert_eq!(refusal(&signed(&info, &algorithm, &wrong)), CsrRefusal::Signature);
    }
    // A bit string with unused bits, and a signature with an octet more.
    let mut out = Vec::new();
    write::sequence(&mut out, |out| {
        out.extend_from_slice(&info);
        out.extend_from_slice(&algorithm);
        write::primitive(
            out,
            tlv::BIT_STRING,
            &[&[4][..], &signature[..signature.len() - 1], &[0]].concat(),
        );
    });
    assert_eq!(refusal(&out), CsrRefusal::Signature);
    assert_eq!(
        refusal(&signed(&info, &algorithm, &[&signature[..], &[0]].concat())),
        CsrRefusal::Signature
    );
}

#[test]
fn a_signature_algorithm_of_another_kind_of_key_is_refused() {
    let (info, _, signature) = parts(&csr("good-p256-sha256"));
    for other in [SignatureAlgorithm::RsaSha256, SignatureAlgorithm::Ed25519] {
        let refusal = refusal(&signed(&info, &other.identifier_der(), &signature));
        assert_eq!(refusal.slug(), "csr_algorithm");
        assert!(refusal.to_string().contains("P-256"), "{refusal}");
    }
    // The right kind, but not what was signed with; and parameters where there are none.
    let other = signed(
        &info,
        &SignatureAlgorithm::EcdsaSha384.identifier_der(),
        &signature,
    );
    assert_eq!(refusal(&other), CsrRefusal::Signature);
    let with_null = [
        0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02, 0x05, 0x00,
    ];
    assert_eq!(
        refusal(&signed(&info, &with_null, &signature)).slug(),
        "csr_malformed"
    );
}

#[test]
fn what_stands_there_twice_is_refused() {
    let request = extension_request(|out| plain_extension(out, oid::KEY_USAGE));
    let mut microsoft = Vec::new();
    attribute(&mut microsoft, oid::MICROSOFT_EXTENSIONS, |out| {
        write::sequence(out, |_| {});
    });
    let mut values = Vec::new();
    attribute(&mut values, oid::EXTENSION_REQUEST, |out| {
        write::sequence(out, |_| {});
        write::sequence(out, |_| {});
    });
    let extension_twice = extension_request(|out| {
        plain_extension(out, oid::KEY_USAGE);
        plain_extension(out, oid::KEY_USAGE);
    });
    let mut both = [request.clone(), microsoft];
    both.sort();
    let mut password = Vec::new();
    attribute(
        &mut password,
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x07],
        |out| {
            write::primitive(out, tlv::UTF8_STRING, b"secret");
        },
    );
    for attributes in [
        [request.clone(), request].concat(),
        both.concat(),
        values,
        extension_twice,
        [password.clone(), password].concat(),
    ] {
        assert_eq!(refusal(&forged(NO_NAME, &attributes)).slug(), "csr_duplicate");
    }
}

#[test]
fn attributes_out_of_order_are_not_der() {
    let mut first = Vec::new();
    attribute(&mut first, &[0x2a, 0x03], |out| {
        write::primitive(out, tlv::NULL, &[]);
    });
    let mut second = Vec::new();
    attribute(&mut second, &[0x2a, 0x04], |out| {
        write::primitive(out, tlv::NULL, &[]);
    });
    assert!(Request::parse(&forged(NO_NAME, &[first.clone(), second.clone()].concat())).is_ok());
    assert_eq!(
        refusal(&forged(NO_NAME, &[second, first].concat())).slug(),
        "csr_malformed"
    );
}

#[test]
fn more_than_a_request_can_need_is_refused_before_any_arithmetic() {
    let extensions = extension_request(|out| {
        (0..33).for_each(|last| plain_extension(out, &[0x2a, last]));
    });
    let mut attributes = Vec::new();
    (0..17).for_each(|last| {
        attribute(&mut attributes, &[0x2a, last], |out| {
            write::primitive(out, tlv::NULL, &[]);
        });
    });
    let mut subject = Vec::new();
    write::sequence(&mut subject, |out| {
        for _ in 0..17 {
            write::element(out, tlv::SET, |out| {
                write::sequence(out, |out| {
                    write::oid(out, oid::COMMON_NAME);
                    write::primitive(out, tlv::UTF8_STRING, b"x");
                });
            });
        }
    });
    assert_eq!(refusal(&forged(NO_NAME, &extensions)).slug(), "csr_too_large");
    assert_eq!(refusal(&forged(NO_NAME, &attributes)).slug(), "csr_too_large");
    assert_eq!(refusal(&forged(&subject, &[])).slug(), "csr_too_large");
    assert_eq!(refusal(&vec![0x30; DER_LIMIT + 1]).slug(), "csr_too_large");
    assert_eq!(refusal(&vec![0x30; DER_LIMIT]).slug(), "csr_malformed");
}

#[test]
fn a_request_travels_as_base64_wrapped_or_not_or_as_pem() {
    let der = csr("good-p256-sha256");
    let plain = data_encoding::BASE64.encode(&der);
    let lines = |separator: &str| {
        plain
            .as_bytes()
            .chunks(64)
            .map(|line| core::str::from_utf8(line).unwrap())
            .collect::<Vec<_>>()
            .join(separator)
    };
    for text in [
        plain.clone(),
        format!("\n  {}\n", lines("\n")),
        lines("\r\n"),
        format!(
            "-----BEGIN CERTIFICATE REQUEST-----\n{}\n-----END CERTIFICATE REQUEST-----\n",
            lines("\n")
        ),
        format!(
            "-----BEGIN NEW CERTIFICATE REQUEST-----\r\n{}\r\n-----END NEW CERTIFICATE REQUEST-----",
            lines("\r\n")
        ),
    ] {
        assert_eq!(decode_text(&text).as_ref(), Ok(&der), "{text}");
    }
    let pem = format!("-----BEGIN CERTIFICATE REQUEST-----\n{plain}\n-----END CERTIFICATE REQUEST-----\n");
    for text in [
        String::new(),
        " \n".to_owned(),
        "====".to_owned(),
        plain.trim_end_matches('=').to_owned() + "?",
        format!("{pem}{pem}"),
        pem.replace("END CERTIFICATE", "END NEW CERTIFICATE"),
        pem.replace("REQUEST", ""),
        pem.replace("-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n"),
        "-----BEGIN CERTIFICATE REQUEST-----".to_owned(),
    ] {
        assert_eq!(decode_text(&text).unwrap_err().slug(), "csr_malformed", "{text}");
    }
    // Trailing bits that are not zero would let two texts mean one request.
    assert!(decode_text("MB==").is_err() && decode_text("MA==").is_ok());
    assert_eq!(
        decode_text(&"A".repeat(33_000)).unwrap_err().slug(),
        "csr_too_large"
    );
}

#[test]
fn the_corpus_of_the_fuzzer_brings_nothing_down() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/request");
    let mut count = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let der = std::fs::read(entry.unwrap().path()).unwrap();
        drop(Request::parse(&der));
        drop(decode_text(&String::from_utf8_lossy(&der)).map(|der| Request::parse(&der)));
        drop(crate::text::request(&der));
        count += 1;
    }
    assert!(count >= 20, "the corpus has {count} files");
}

proptest! {
    #[test]
    fn octets_of_any_kind_bring_nothing_down(octets in proptest::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(Request::parse(&octets).is_err());
    }

    #[test]
    fn a_request_with_a_stretch_replaced_is_refused(at in 0_usize..600, with in proptest::collection::vec(any::<u8>(), 1..40)) {
        let der = file("requests/good-weaker-extensions.der");
        let at = at % der.len();
        let mut changed = der.clone();
        for (slot, octet) in changed.iter_mut().skip(at).zip(&with) {
            *slot = *octet;
        }
        prop_assert!(changed == der || Request::parse(&changed).is_err());
    }
}
