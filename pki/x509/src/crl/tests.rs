// SPDX-License-Identifier: Apache-2.0

use std::time::Duration;

use x509_parser::prelude::*;

use super::*;
use crate::fixtures::{NOW, TestKey, file, issuer, p256_issuer, serial};
use crate::key::BadSignature;
use crate::text;
use crate::to_be_signed::{Kind, ToBeSigned};

fn header(issuer: &IssuerCertificate) -> CrlHeader<'_> {
    CrlHeader {
        issuer,
        number: 42,
        this_update: NOW,
        next_update: NOW.saturating_add(Duration::from_secs(7 * 86_400)),
        distribution_point: None,
    }
}

fn entry(last: u8, reason: RevocationReason) -> RevokedEntry {
    RevokedEntry {
        serial: serial(last),
        revoked_at: NOW.saturating_sub(Duration::from_secs(60)),
        reason,
    }
}

fn sharded(issuer: &IssuerCertificate) -> CrlHeader<'_> {
    let url = "http://status.tamga.example/c/iss_1/3.crl".to_owned();
    CrlHeader {
        distribution_point: Some(url),
        ..header(issuer)
    }
}

fn written(header: CrlHeader<'_>, entries: &[RevokedEntry]) -> ToBeSigned {
    let mut builder = CrlBuilder::new(header).unwrap();
    entries.iter().for_each(|entry| builder.push(entry).unwrap());
    ToBeSigned::revocation_list(builder.finish()).unwrap()
}

#[test]
fn snapshots_of_complete_sharded_and_empty_lists() {
    let (_, issuer) = p256_issuer();
    let entries: Vec<_> = RevocationReason::ALL
        .iter()
        .zip(1..)
        .map(|(reason, last)| entry(last, *reason))
        .collect();
    let print = |sealed: ToBeSigned| text::to_be_signed_revocation_list(sealed.bytes()).unwrap();
    insta::assert_snapshot!("complete", print(written(header(&issuer), &entries)));
    insta::assert_snapshot!("sharded", print(written(sharded(&issuer), &entries[..1])));
    insta::assert_snapshot!("empty", print(written(header(&issuer), &[])));
}

#[test]
fn what_is_written_reads_back_and_verifies_here_and_elsewhere() {
    for kind in ["issuer-p256", "issuer-p384", "issuer-rsa2048", "issuer-ed25519"] {
        let key = TestKey::load(kind);
        let (issuer_der, issuer) = issuer(&key);
        let entries = [
            entry(3, RevocationReason::KeyCompromise),
            entry(9, RevocationReason::Unspecified),
        ];
        let sealed = written(sharded(&issuer), &entries);
        assert_eq!(sealed.kind(), Kind::RevocationList { number: 42 });
        let der = key.finish(&sealed);

        let list = Crl::parse(&der).unwrap();
        assert_eq!((list.number(), list.entry_count()), (42, 2));
        assert_eq!(list.this_update(), NOW.floor_to_second());
        assert_eq!(
            list.distribution_point(),
            Some("http://status.tamga.example/c/iss_1/3.crl")
        );
        assert!(list.contains(&serial(3)) && list.contains(&serial(9)) && !list.contains(&serial(4)));
        list.verify(&issuer).unwrap();

        let (rest, found) = CertificateRevocationList::from_der(&der).unwrap();
        let (_, authority) = X509Certificate::from_der(&issuer_der).unwrap();
        assert!(rest.is_empty());
        found.verify_signature(authority.public_key()).unwrap();
        let reasons: Vec<_> = found
            .iter_revoked_certificates()
            .map(|revoked| {
                (
                    revoked.raw_serial().to_vec(),
                    revoked.reason_code().map(|(_, code)| code.0),
                )
            })
            .collect();
        assert_eq!(
            reasons,
            [
                (serial(3).as_bytes().to_vec(), Some(1)),
                (serial(9).as_bytes().to_vec(), None)
            ]
        );
        assert_eq!(found.crl_number().unwrap().to_string(), "42");
    }
}

#[test]
fn a_list_of_another_issuer_or_with_a_changed_octet_does_not_verify() {
    let (key, issuer) = p256_issuer();
    let (_, other) = crate::fixtures::issuer(&TestKey::load("issuer-p384"));
    let der = key.finish(&written(
        header(&issuer),
        &[entry(3, RevocationReason::Superseded)],
    ));
    assert_eq!(Crl::parse(&der).unwrap().verify(&other), Err(BadSignature));
    for index in 0..der.len() {
        let mut changed = der.clone();
        changed[index] ^= 0x01;
        if let Ok(list) = Crl::parse(&changed) {
            assert_eq!(list.verify(&issuer), Err(BadSignature), "octet {index}");
        }
        assert!(Crl::parse(&der[..index]).is_err());
    }
}

#[test]
fn entries_out_of_order_twice_or_from_the_future_are_not_written() {
    let (_, issuer) = p256_issuer();
    let mut builder = CrlBuilder::new(header(&issuer)).unwrap();
    builder.push(&entry(5, RevocationReason::Superseded)).unwrap();
    assert_eq!(
        builder.push(&entry(5, RevocationReason::Superseded)),
        Err(CrlFault::Order)
    );
    assert_eq!(
        builder.push(&entry(4, RevocationReason::Superseded)),
        Err(CrlFault::Order)
    );
    let mut future = entry(6, RevocationReason::Superseded);
    future.revoked_at = NOW.saturating_add(Duration::from_secs(1));
    assert_eq!(builder.push(&future), Err(CrlFault::RevokedLater));
    let draft = builder.finish();
    assert_eq!(draft.expectation.entries, 1);
    assert!(ToBeSigned::revocation_list(draft).is_ok());
}

#[test]
fn a_list_whose_next_update_does_not_follow_is_not_begun() {
    let (_, issuer) = p256_issuer();
    for next_update in [
        NOW,
        NOW.saturating_sub(Duration::from_secs(1)),
        Timestamp::from_micros(i64::MAX),
    ] {
        let header = CrlHeader {
            next_update,
            ..header(&issuer)
        };
        assert_eq!(CrlBuilder::new(header).unwrap_err(), CrlFault::Updates);
    }
}

#[test]
fn a_hundred_thousand_entries_take_the_octets_arithmetic_says() {
    const COUNT: u32 = 100_000;
    let (key, issuer) = p256_issuer();
    let mut builder = CrlBuilder::new(header(&issuer)).unwrap();
    builder.reserve(COUNT as usize);
    let serial = |number: u32| {
        let mut random = [0; 16];
        random[..4].copy_from_slice(&number.to_be_bytes());
        Serial::compose(0, NOW, random).unwrap()
    };
    for number in 0..COUNT {
        let reason = if number % 2 == 0 {
            RevocationReason::KeyCompromise
        } else {
            RevocationReason::Unspecified
        };
        builder
            .push(&RevokedEntry {
                serial: serial(number),
                revoked_at: NOW,
                reason,
            })
            .unwrap();
    }
    let sealed = ToBeSigned::revocation_list(builder.finish()).unwrap();
    let empty = written(header(&issuer), &[]);
    // Half the entries of 53 octets, half of 39; two more octets for the longer outer length, five for the
    // header of the list.
    let entries = COUNT as usize / 2 * (53 + 39);
    assert_eq!(sealed.bytes().len() - empty.bytes().len(), entries + 2 + 5);

    let der = key.finish(&sealed);
    let list = Crl::parse(&der).unwrap();
    list.verify(&issuer).unwrap();
    assert_eq!(list.entry_count(), u64::from(COUNT));
    assert!(list.contains(&serial(COUNT - 1)) && !list.contains(&serial(COUNT)));
    let (_, found) = CertificateRevocationList::from_der(&der).unwrap();
    assert_eq!(found.iter_revoked_certificates().count(), COUNT as usize);
}

#[test]
fn what_would_change_the_meaning_of_a_list_makes_it_unreadable() {
    let (key, issuer) = p256_issuer();
    let der = key.finish(&written(
        sharded(&issuer),
        &[entry(3, RevocationReason::KeyCompromise)],
    ));
    let replaced = |found: &[u8], by: &[u8]| {
        let at = der
            .windows(found.len())
            .position(|window| window == found)
            .unwrap();
        let mut changed = der.clone();
        changed[at..at + by.len()].copy_from_slice(by);
        changed
    };
    // The distribution point becomes an unknown critical extension, the number a delta indicator (critical or
    // not, the number is then missing), the version 1.
    for (found, by) in [
        (&[0x06, 3, 0x55, 0x1d, 0x1c][..], &[0x06, 3, 0x55, 0x1d, 0x7f][..]),
        (&[0x06, 3, 0x55, 0x1d, 0x14], &[0x06, 3, 0x55, 0x1d, 0x1b]),
        (&[0x02, 1, 1, 0x30], &[0x02, 1, 0, 0x30]),
    ] {
        assert!(Crl::parse(&der).is_ok());
        assert!(Crl::parse(&replaced(found, by)).is_err(), "{found:02x?}");
    }
    for other in [&b""[..], b"\x30\x00", &file("keys/device-p256.pk8"), issuer.der()] {
        assert!(Crl::parse(other).is_err());
    }
}

#[test]
fn reasons_have_one_word_and_one_number_each() {
    for reason in RevocationReason::ALL {
        assert_eq!(reason.slug().parse(), Ok(reason));
        assert_eq!(RevocationReason::from_code(reason.code()), Some(reason));
    }
    assert_eq!("certificate_hold".parse::<RevocationReason>(), Err(UnknownReason));
    assert_eq!(RevocationReason::from_code(6), None);
}
