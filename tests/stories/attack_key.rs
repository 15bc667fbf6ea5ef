// SPDX-License-Identifier: Apache-2.0
//! Requests that ask for more than a device may have, or are not what they seem, over the wire.

use tamga_tests::house::House;
use tamga_tests::key_pair::{KeyPair, tlv};
use tamga_tests::programs::repository;
use tamga_tests::story;

/// Requests of `pump-1` of `acme`, made by OpenSSL.
fn kept(name: &str) -> Vec<u8> {
    let path = repository().join(format!("pki/x509/testdata/requests/{name}.der"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Each is refused by its slug, by either door, and nothing happens.
async fn all_refused(cases: &[(&str, &str)]) {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    pump.registers().await.assigned();
    let before = house.stands().await;
    for (name, slug) in cases {
        let told = pump.sends(&kept(name)).await;
        before.only_refused(&told, (400, slug)).await;
    }
    // The device is as welcome as before.
    pump.sends(&kept("good-p256-sha256")).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_037_signatures_by_weak_or_odd_algorithms_are_refused() {
    all_refused(&[
        ("bad-md5", "csr_algorithm"),
        ("bad-sha1", "csr_algorithm"),
        ("bad-ecdsa-sha1", "csr_algorithm"),
        ("bad-pss", "csr_algorithm"),
        ("bad-ed448", "csr_algorithm"),
    ])
    .await;
}

#[story]
async fn a_038_a_039_nobody_becomes_an_authority() {
    all_refused(&[
        ("ask-ca-true", "csr_ca_requested"),
        ("ask-ca-true-critical-pathlen", "csr_ca_requested"),
        ("ask-cert-sign", "csr_key_usage"),
        ("ask-crl-sign", "csr_key_usage"),
        ("ask-key-agreement", "csr_key_usage"),
    ])
    .await;
}

#[story]
async fn a_040_nobody_gets_another_purpose() {
    all_refused(&[
        ("ask-ocsp-signing", "csr_extended_key_usage"),
        ("ask-any-purpose", "csr_extended_key_usage"),
        ("ask-server-auth", "csr_extended_key_usage"),
    ])
    .await;
}

#[story]
async fn a_041_extensions_of_the_authority_never_come_from_a_request() {
    all_refused(&[
        ("ask-crl-location", "csr_foreign_extension"),
        ("ask-issuer-location", "csr_foreign_extension"),
        ("ask-policies", "csr_foreign_extension"),
        ("ask-name-constraints", "csr_foreign_extension"),
        ("ask-ocsp-nocheck", "csr_foreign_extension"),
        ("ask-unknown-critical", "csr_foreign_extension"),
        ("ask-foreign-key-identifier", "csr_foreign_extension"),
    ])
    .await;
}

#[story]
async fn a_043_a_044_weak_and_odd_keys_are_refused() {
    all_refused(&[
        ("bad-rsa1024", "weak_key"),
        ("bad-rsa2047", "weak_key"),
        ("bad-rsa-e3", "weak_key"),
        ("bad-rsa2050", "key_invalid"),
        ("bad-rsa8192", "key_invalid"),
        ("bad-p521", "key_type_refused"),
        ("bad-secp256k1", "key_type_refused"),
        ("bad-explicit-curve", "key_invalid"),
        ("bad-compressed-point", "key_invalid"),
    ])
    .await;
}

#[story]
async fn a_047_a_048_nobody_gets_another_name() {
    all_refused(&[
        ("ask-dns-name", "csr_names"),
        ("ask-email", "csr_names"),
        ("ask-upn", "csr_names"),
        ("ask-other-uri", "csr_names"),
        ("ask-two-names", "csr_names"),
        ("ask-address", "csr_names"),
        ("ask-second-name", "csr_subject"),
        ("ask-other-name", "csr_subject"),
        ("ask-other-organization", "csr_subject"),
        ("ask-email-subject", "csr_subject"),
        ("ask-multi-valued", "csr_subject"),
        ("ask-serial-number", "csr_subject"),
    ])
    .await;
}

#[story]
async fn a_036_a_bent_signature_proves_nothing() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    pump.registers().await.assigned();
    let before = house.stands().await;
    let good = KeyPair::new().request("pump-1");
    for at in 1..=8 {
        let mut bent = good.clone();
        let place = bent.len() - at;
        bent[place] ^= 0x01;
        let told = pump.sends(&bent).await;
        let slug = told.answer.json()["info"]["slug"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(
            ["csr_signature", "csr_malformed"].contains(&slug.as_str()),
            "{slug}"
        );
        before.only_refused(&told, (400, &slug)).await;
    }
    // The right words under another key's signature: the name in the middle is changed, the signature is kept.
    let mut swapped = good.clone();
    let name = swapped
        .windows(6)
        .position(|octets| octets == b"pump-1")
        .expect("the name");
    swapped[name + 5] = b'2';
    before
        .only_refused(&pump.sends(&swapped).await, (400, "csr_signature"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_042_what_stands_twice_is_refused() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    pump.registers().await.assigned();
    let before = house.stands().await;
    // basicConstraints with CA:FALSE, which is harmless once; extensionRequest (RFC 2985 §5.4.2); challengePassword.
    let extension = tlv(
        0x30,
        &[tlv(0x06, &[vec![0x55, 0x1d, 0x13]]), tlv(0x04, &[tlv(0x30, &[])])],
    );
    let attribute = |oid: u8, value: Vec<u8>| {
        let oid = tlv(0x06, &[vec![0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, oid]]);
        tlv(0x30, &[oid, tlv(0x31, &[value])])
    };
    let once = attribute(14, tlv(0x30, std::slice::from_ref(&extension)));
    let twice_within = attribute(14, tlv(0x30, &[extension.clone(), extension]));
    let password = attribute(7, tlv(0x0c, &[b"secret1".to_vec()]));
    let key = KeyPair::new();
    for doubled in [
        vec![once.clone(), once.clone()],
        vec![twice_within],
        vec![password.clone(), password],
    ] {
        let told = pump.sends(&key.request_with("pump-1", &doubled)).await;
        before.only_refused(&told, (400, "csr_duplicate")).await;
    }
    pump.sends(&key.request_with("pump-1", &[once])).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_042_octets_that_are_no_request_are_refused() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    pump.registers().await.assigned();
    let before = house.stands().await;
    let good = KeyPair::new().request("pump-1");
    let trailing = [good.as_slice(), &[0]].concat();
    for odd in [
        &[][..],
        &[0x30],
        &[0x30, 0x00],
        &[0x30, 0x80, 0x00, 0x00],
        &good[..good.len() - 1],
        &trailing,
        &[0xff; 512],
    ] {
        let told = pump.sends(odd).await;
        assert_eq!(told.answer.status, 400, "{}", told.answer.text());
        before.nothing_happened(&told).await;
    }
    let large = pump.sends(&vec![0x30; 20_000]).await;
    large.refused(400, "csr_too_large");
    before.nothing_happened(&large).await;
    house.ends_well().await;
}

#[story]
async fn what_is_weaker_than_the_profile_is_ignored_and_every_sound_request_is_served() {
    let house = House::new().await;
    let operator = house.operator();
    // Kept requests share their keys: each key is one device's, so each kind of key has a house of its own line.
    for name in [
        "good-weaker-extensions",
        "good-p384-sha384",
        "good-rsa2048-sha256",
        "good-rsa4096-sha512",
        "good-ed25519",
    ] {
        let house = House::new().await;
        let pump = house.operator().creates_group("line").await.device("pump-1");
        let told = pump.sends(&kept(name)).await;
        match name {
            // It names the device id of another installation.
            "good-weaker-extensions" => told.refused(400, "csr_names").answer.status,
            _ => told
                .certified()
                .read()
                .version
                .0
                .try_into()
                .expect("a small number"),
        };
        house.ends_well().await;
    }
    let pump = operator.creates_group("line").await.device("pump-1");
    let certified = pump.sends(&kept("good-p256-sha256")).await.certified();
    let forms = [
        "good-p256-sha512",
        "good-empty-subject",
        "good-full-subject",
        "good-full-subject-turned",
        "good-challenge-password",
    ];
    for same_key in forms {
        assert_eq!(
            pump.sends(&kept(same_key)).await.certified(),
            certified,
            "{same_key}"
        );
    }
    house.ends_well().await;
}
