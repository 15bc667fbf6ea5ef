// SPDX-License-Identifier: Apache-2.0
//! Authorities, each damaged in one way. Names and keys of an issuer are also those its certificates are held against:
//! so only what is found of authorities is compared.

use std::collections::BTreeSet;

use super::edit::{
    AUTHORITY_KEY_IDENTIFIER, BASIC_CONSTRAINTS, DISTRIBUTION_POINTS, KEY_USAGE, SUBJECT_KEY_IDENTIFIER,
    node, tlv,
};
use super::key::{Key, RSA_SHA512};
use super::small::{ISSUER, Small, serial};

type Damage = fn(&mut Small);

/// The law that is broken, and how.
pub(super) const DAMAGE: &[(&str, Damage)] = &[
    ("authority_serial_taken", |small| {
        small.rows.given.remove(serial(2).as_bytes().as_slice());
    }),
    ("authority_serial_taken", |small| {
        let given = small.rows.given.get_mut(serial(2).as_bytes().as_slice());
        given.unwrap().issuer = ISSUER.to_vec();
    }),
    ("authority_life", |small| {
        // One century later, by the second digit of a UTCTime.
        small.edits_issuer(|tbs| tbs.children[4].children[1].octets[0] = b'4');
        small.rows.issuers[1].not_after = micros_of_end(small);
    }),
    ("authority_form", |small| {
        small.edits_issuer(|tbs| *tbs.value(BASIC_CONSTRAINTS) = tlv(0x30, &[]));
    }),
    ("authority_form", |small| {
        small.edits_issuer(|tbs| *tbs.value(KEY_USAGE) = vec![3, 2, 1, 0x86]);
    }),
    ("issuer_name", |small| {
        small.edits_issuer(|tbs| tbs.children[3].misspell("root"));
    }),
    ("issuer_name", |small| {
        small.rows.issuers.remove(0);
    }),
    ("key_identifiers", |small| {
        small.edits_issuer(|tbs| *tbs.value(AUTHORITY_KEY_IDENTIFIER).last_mut().unwrap() ^= 1);
    }),
    ("key_identifiers", |small| {
        small.edits_issuer(|tbs| *tbs.value(SUBJECT_KEY_IDENTIFIER).last_mut().unwrap() ^= 1);
    }),
    ("locations", |small| {
        small.edits_issuer(|tbs| *tbs.value(DISTRIBUTION_POINTS).last_mut().unwrap() ^= 1);
    }),
    ("algorithms_agree", |small| {
        small.edits_issuer(|tbs| tbs.children[2] = node(RSA_SHA512));
    }),
    ("algorithm", |small| {
        *small = Small::signed_by(Key::rsa(), Key::rsa());
        let tbs = node(&small.rows.issuers[1].certificate).children[0].der();
        small.rows.issuers[1].certificate = small.root.seal_by_sha512(&tbs, 2);
    }),
    ("signature", |small| {
        let tbs = node(&small.rows.issuers[1].certificate).children[0].der();
        small.rows.issuers[1].certificate = Key::new().seal(&tbs);
    }),
    ("authority_columns", |small| {
        small.rows.issuers[1].not_after += 1_000_000;
    }),
    ("authority_columns", |small| {
        small.rows.issuers[1].not_before += 1_000_000;
    }),
    ("authority_columns", |small| {
        small.rows.issuers[1].certificate.push(0);
    }),
    ("authority_columns", |small| {
        small.rows.issuers[1].certificate = vec![0x30];
    }),
];

fn micros_of_end(small: &Small) -> i64 {
    let certificate = tamga_x509::certificate::IssuerCertificate::parse(&small.rows.issuers[1].certificate);
    certificate.unwrap().validity().not_after().as_micros()
}

#[tokio::test]
async fn each_damage_is_found_as_what_it_is() {
    for (at, (law, damage)) in DAMAGE.iter().enumerate() {
        let mut small = Small::new();
        damage(&mut small);
        let report = small.verified().await;
        let found = report
            .findings
            .iter()
            .filter(|found| found.object.starts_with("iss_"));
        let found: BTreeSet<&str> = found.map(|found| found.law.name).collect();
        assert_eq!(
            found,
            BTreeSet::from([*law]),
            "damage {at}: {:#?}",
            report.findings
        );
    }
}
