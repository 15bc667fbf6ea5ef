// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::fixtures::{TestKey, spki};
use crate::signer::Signer;
use crate::write;

const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
const NULL: &[u8] = &[5, 0];

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn refusal(kind: &[u8], parameters: &[u8], key: &[u8]) -> KeyRefusal {
    PublicKey::from_spki_der(&spki(kind, parameters, key)).expect_err("this key must be refused")
}

/// The point of the fixtures' device.
fn point() -> Vec<u8> {
    TestKey::load("device-p256").public_key().raw.clone()
}

#[test]
fn points_in_another_form_or_off_their_curve_are_refused() {
    let point = point();
    let with = |change: fn(&mut Vec<u8>)| {
        let mut changed = point.clone();
        change(&mut changed);
        changed
    };
    let prime = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let beyond = [&[4][..], &prime, &point[33..]].concat();
    for wrong in [
        vec![],
        vec![0],
        vec![0; 65],
        with(|point| point[64] ^= 1),
        with(|point| point[1] ^= 1),
        with(|point| point[0] = 6),
        with(|point| point[0] = 7),
        with(|point| point[0] = 5),
        with(|point| point.push(0)),
        with(|point| point.truncate(64)),
        [&[2 + (point[64] & 1)][..], &point[1..33]].concat(),
        [&[4][..], &[0; 64]].concat(),
        [&[4][..], &[0xff; 64]].concat(),
        beyond,
    ] {
        assert_eq!(
            refusal(oid::EC_PUBLIC_KEY, P256, &wrong).slug(),
            "key_invalid",
            "{wrong:02x?}"
        );
    }
    assert!(PublicKey::from_spki_der(&spki(oid::EC_PUBLIC_KEY, P256, &point)).is_ok());
    assert_eq!(refusal(oid::EC_PUBLIC_KEY, P384, &point).slug(), "key_invalid");
    assert_eq!(refusal(oid::EC_PUBLIC_KEY, NULL, &point).slug(), "key_invalid");
    assert_eq!(
        refusal(oid::EC_PUBLIC_KEY, &[0x30, 0], &point).slug(),
        "key_invalid"
    );
    assert_eq!(refusal(oid::EC_PUBLIC_KEY, &[], &point).slug(), "key_invalid");
}

#[test]
fn ed25519_keys_of_small_order_or_not_canonical_are_refused() {
    for y in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    ] {
        assert_eq!(refusal(oid::ED25519, &[], &hex(y)).slug(), "weak_key", "{y}");
    }
    for y in [
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ] {
        assert_eq!(refusal(oid::ED25519, &[], &hex(y)).slug(), "key_invalid", "{y}");
    }
    assert_eq!(refusal(oid::ED25519, &[], &[9; 31]).slug(), "key_invalid");
    assert_eq!(refusal(oid::ED25519, &[], &[9; 33]).slug(), "key_invalid");
    assert_eq!(refusal(oid::ED25519, NULL, &[9; 32]).slug(), "key_invalid");
}

fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write::sequence(&mut out, |out| {
        for number in [modulus, exponent] {
            let padding: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
            write::primitive(out, tlv::INTEGER, &[padding, number].concat());
        }
    });
    out
}

/// The modulus of a sound fixture.
fn modulus() -> Vec<u8> {
    let key = TestKey::load("device-rsa2048");
    let mut fields = Reader::new(tlv::only(&key.public_key().raw, tlv::SEQUENCE).unwrap().value);
    fields.any().unwrap().value[1..].to_vec()
}

#[test]
fn rsa_keys_with_a_visible_weakness_are_refused() {
    let modulus = modulus();
    let e = &[1, 0, 1][..];
    assert!(PublicKey::from_spki_der(&spki(oid::RSA_ENCRYPTION, NULL, &rsa_key(&modulus, e))).is_ok());
    let mut even = modulus.clone();
    even[255] &= 0xfe;
    for (key, slug, word) in [
        (rsa_key(&even, e), "weak_key", "even"),
        (rsa_key(&divisible(&modulus, 751), e), "weak_key", "factor"),
        (rsa_key(&divisible(&modulus, 3), e), "weak_key", "factor"),
        (rsa_key(&roca(), e), "weak_key", "ROCA"),
        (rsa_key(&modulus[..255], e), "weak_key", "2048 bits"),
        (
            rsa_key(&[&[1][..], &modulus].concat(), e),
            "key_invalid",
            "multiple of eight",
        ),
        (
            rsa_key(&[&modulus[..], &modulus, &[0xff]].concat(), e),
            "key_invalid",
            "4096 bits",
        ),
        (rsa_key(&modulus, &[1]), "weak_key", "below 65537"),
        (rsa_key(&modulus, &[3]), "weak_key", "below 65537"),
        (rsa_key(&modulus, &[1, 0, 0]), "weak_key", "exponent is even"),
        (rsa_key(&modulus, &[0xff, 0xff]), "weak_key", "below 65537"),
        (rsa_key(&modulus, &[1, 0, 0, 0, 1]), "key_invalid", "is not 65537"),
        (rsa_key(&modulus, &[1; 9]), "key_invalid", "is not 65537"),
    ] {
        let refusal = refusal(oid::RSA_ENCRYPTION, NULL, &key);
        assert_eq!(refusal.slug(), slug, "{refusal}");
        assert!(refusal.to_string().contains(word), "{refusal}");
    }
    let key = rsa_key(&modulus, e);
    assert_eq!(refusal(oid::RSA_ENCRYPTION, &[], &key).slug(), "key_invalid");
    assert_eq!(
        refusal(oid::RSA_ENCRYPTION, NULL, &[&key[..], &[0]].concat()).slug(),
        "key_invalid"
    );
}

/// The largest multiple of `factor` not above `modulus` that is odd.
fn divisible(modulus: &[u8], factor: u64) -> Vec<u8> {
    let mut number = modulus.to_vec();
    let rest = number
        .iter()
        .fold(0, |rest, octet| (rest * 256 + u64::from(*octet)) % factor);
    subtract(&mut number, rest);
    if number[255] & 1 == 0 {
        subtract(&mut number, factor);
    }
    number
}

fn subtract(number: &mut [u8], mut value: u64) {
    for octet in number.iter_mut().rev() {
        let (next, borrowed) = octet.overflowing_sub((value & 0xff) as u8);
        *octet = next;
        value = (value >> 8) + u64::from(borrowed);
    }
}

/// A modulus with the fingerprint: congruent to 1 = 65537⁰ modulo every small prime that is tested.
fn roca() -> Vec<u8> {
    let primes = (3_u64..168).filter(|n| (2..*n).all(|d| n % d != 0));
    let mut number = vec![0_u8; 256];
    number[255] = 2;
    let multiply = |number: &mut Vec<u8>, factor: u64| {
        let mut carry = 0;
        for octet in number.iter_mut().rev() {
            carry += u64::from(*octet) * factor;
            *octet = carry as u8;
            carry >>= 8;
        }
        carry
    };
    primes.for_each(|prime| assert_eq!(multiply(&mut number, prime), 0));
    while number[0] < 0x80 {
        let factor = if number[0] == 0 { 256 } else { 2 };
        assert_eq!(multiply(&mut number, factor), 0);
    }
    number[255] |= 1;
    // None of the primes up to 751 beyond the tested ones divides it, or another check would speak first.
    number
}

#[test]
fn keys_are_named_by_their_hash_and_identifier() {
    for name in ["device-p256", "device-p384", "device-rsa2048", "device-ed25519"] {
        let key = TestKey::load(name).public_key().clone();
        let (_, found) = x509_parser::x509::SubjectPublicKeyInfo::from_der(key.spki_der()).unwrap();
        let digest = sha256(&found.subject_public_key.data);
        assert_eq!(key.key_identifier(), digest[..20]);
        assert_eq!(key.spki_hash().0, sha256(key.spki_der()));
        assert_eq!(key.spki_hash().to_string().len(), 64);
    }
    use x509_parser::prelude::FromDer;
}

#[test]
fn a_signature_is_checked_with_the_algorithm_it_names() {
    let (ec, rsa) = (TestKey::load("device-p256"), TestKey::load("device-rsa2048"));
    let signature = ec.sign_octets(b"message");
    let verify = |algorithm, message: &[u8]| ec.public_key().verify(algorithm, message, &signature);
    assert_eq!(verify(SignatureAlgorithm::EcdsaSha256, b"message"), Ok(()));
    assert_eq!(
        verify(SignatureAlgorithm::EcdsaSha384, b"message"),
        Err(BadSignature)
    );
    assert_eq!(
        verify(SignatureAlgorithm::RsaSha256, b"message"),
        Err(BadSignature)
    );
    assert_eq!(
        verify(SignatureAlgorithm::EcdsaSha256, b"massage"),
        Err(BadSignature)
    );
    assert_eq!(
        rsa.public_key()
            .verify(SignatureAlgorithm::EcdsaSha256, b"message", &signature),
        Err(BadSignature)
    );
}

#[test]
fn key_algorithms_are_spelled_one_way() {
    for word in ["P-256", "P-384", "RSA-2048", "RSA-3072", "RSA-4096", "Ed25519"] {
        assert_eq!(word.parse::<KeyAlgorithm>().unwrap().to_string(), word);
    }
    for word in ["p-256", "RSA-1024", "RSA-2056", "RSA", "", "ed25519", "P-521"] {
        assert_eq!(word.parse::<KeyAlgorithm>(), Err(UnknownAlgorithm), "{word}");
    }
}
