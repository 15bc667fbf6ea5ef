// SPDX-License-Identifier: Apache-2.0
//! Sealed values open at their own place only, and whole only.

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use secrecy::ExposeSecret;
use tamga_x509::chance::{Chance, ChanceFault};

use super::*;

/// Different octets at each call, the same in each run.
#[derive(Default)]
pub(super) struct Rolling(AtomicU64);

impl Chance for Rolling {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault> {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub(super) struct Dry;

impl Chance for Dry {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), ChanceFault> {
        Err(ChanceFault)
    }
}

const ACME: [u8; 16] = [0xac; 16];
const ORBIT: [u8; 16] = [0x0b; 16];
const SECRET: &[u8] = b"the group's primary key";

fn place() -> Place<'static> {
    Place {
        table: "group",
        row: b"grp-1",
        column: "primary_key",
        organization: &ACME,
        version: 1,
    }
}

fn data_key(chance: &Rolling) -> (RootKey, DataKey) {
    let root = RootKey::generate(Purpose::DeviceSecrets, chance).unwrap();
    let (data, _) = root.new_data_key(&ACME, chance).unwrap();
    (root, data)
}

#[test]
fn a_value_opens_at_its_place() {
    let chance = Rolling::default();
    let (_, key) = data_key(&chance);
    for plain in [SECRET, b"", &[7; 5000]] {
        let sealed = key.seal(&place(), plain, &chance).unwrap();
        assert_eq!(sealed.len(), plain.len() + 29);
        assert_eq!(key.open(&place(), &sealed).unwrap().expose_secret(), plain);
    }
}

#[test]
fn the_same_value_is_never_sealed_the_same_way_twice() {
    let chance = Rolling::default();
    let (_, key) = data_key(&chance);
    let first = key.seal(&place(), SECRET, &chance).unwrap();
    let second = key.seal(&place(), SECRET, &chance).unwrap();
    assert_ne!(first[1..13], second[1..13]);
    assert_ne!(first[13..], second[13..]);
}

#[test]
fn a_value_moved_to_another_place_does_not_open() {
    let chance = Rolling::default();
    let (_, key) = data_key(&chance);
    let sealed = key.seal(&place(), SECRET, &chance).unwrap();
    let here = place();
    for elsewhere in [
        Place {
            table: "enrollment",
            ..here
        },
        Place {
            row: b"grp-2",
            ..here
        },
        Place { row: b"", ..here },
        Place {
            column: "secondary_key",
            ..here
        },
        Place { version: 2, ..here },
        Place {
            table: "groupgrp-1",
            row: b"",
            ..here
        },
        Place {
            table: "grou",
            row: b"pgrp-1",
            ..here
        },
    ] {
        let fault = key.open(&elsewhere, &sealed).unwrap_err();
        assert!(matches!(fault, SealFault::NotAuthentic), "{elsewhere:?}: {fault}");
    }
    let fault = key
        .open(
            &Place {
                organization: &ORBIT,
                ..here
            },
            &sealed,
        )
        .unwrap_err();
    assert!(matches!(fault, SealFault::ForeignOrganization), "{fault}");
}

#[test]
fn the_organization_is_bound_even_when_two_share_a_key_by_mistake() {
    let chance = Rolling::default();
    let same = || envelope::key_from(&[5; 32]).unwrap();
    let acme = DataKey::new(Purpose::DeviceSecrets, ACME, same());
    let orbit = DataKey::new(Purpose::DeviceSecrets, ORBIT, same());
    let issuers = DataKey::new(Purpose::IssuerKeys, ACME, same());
    let sealed = acme.seal(&place(), SECRET, &chance).unwrap();
    let theirs = Place {
        organization: &ORBIT,
        ..place()
    };
    assert!(matches!(
        orbit.open(&theirs, &sealed),
        Err(SealFault::NotAuthentic)
    ));
    assert!(matches!(
        issuers.open(&place(), &sealed),
        Err(SealFault::NotAuthentic)
    ));
}

#[test]
fn any_bit_flipped_in_any_octet_is_noticed() {
    let chance = Rolling::default();
    let (root, key) = data_key(&chance);
    let sealed = key.seal(&place(), SECRET, &chance).unwrap();
    let (_, wrapped) = root.new_data_key(&ACME, &chance).unwrap();
    for octet in 0..sealed.len() {
        for bit in 0..8 {
            let mut altered = sealed.clone();
            altered[octet] ^= 1 << bit;
            assert!(key.open(&place(), &altered).is_err(), "octet {octet}, bit {bit}");
        }
    }
    for octet in 0..wrapped.as_bytes().len() {
        let mut altered = wrapped.as_bytes().to_vec();
        altered[octet] ^= 1;
        assert!(
            root.unwrap_data_key(&ACME, &altered).is_err(),
            "octet {octet} of a wrapped key"
        );
    }
}

#[test]
fn a_value_cut_or_lengthened_does_not_open() {
    let chance = Rolling::default();
    let (_, key) = data_key(&chance);
    let sealed = key.seal(&place(), SECRET, &chance).unwrap();
    for length in 0..sealed.len() {
        let fault = key.open(&place(), &sealed[..length]).unwrap_err();
        let expected = if length < 29 {
            matches!(fault, SealFault::Truncated)
        } else {
            matches!(fault, SealFault::NotAuthentic)
        };
        assert!(expected, "cut to {length}: {fault}");
    }
    let longer = [&sealed[..], &[0]].concat();
    assert!(matches!(
        key.open(&place(), &longer),
        Err(SealFault::NotAuthentic)
    ));
}

#[test]
fn a_form_of_the_future_is_called_that() {
    let chance = Rolling::default();
    let (_, key) = data_key(&chance);
    let mut sealed = key.seal(&place(), SECRET, &chance).unwrap();
    sealed[0] = 2;
    assert!(matches!(
        key.open(&place(), &sealed),
        Err(SealFault::UnknownVersion(2))
    ));
}

#[test]
fn a_data_key_unwraps_for_its_own_organization_purpose_and_root_only() {
    let chance = Rolling::default();
    let root = RootKey::generate(Purpose::DeviceSecrets, &chance).unwrap();
    let (key, wrapped) = root.new_data_key(&ACME, &chance).unwrap();
    let sealed = key.seal(&place(), SECRET, &chance).unwrap();
    let again = root.unwrap_data_key(&ACME, wrapped.as_bytes()).unwrap();
    assert_eq!(again.open(&place(), &sealed).unwrap().expose_secret(), SECRET);
    assert_eq!(
        (again.purpose(), again.organization()),
        (Purpose::DeviceSecrets, &ACME)
    );

    assert!(matches!(
        root.unwrap_data_key(&ORBIT, wrapped.as_bytes()),
        Err(SealFault::NotAuthentic)
    ));
    let other_root = RootKey::generate(Purpose::DeviceSecrets, &chance).unwrap();
    assert!(matches!(
        other_root.unwrap_data_key(&ACME, wrapped.as_bytes()),
        Err(SealFault::NotAuthentic)
    ));
    let text = root
        .to_text()
        .expose_secret()
        .replace("device_secrets", "issuer_keys");
    let relabelled = RootKey::parse(&text, Purpose::IssuerKeys).unwrap();
    assert!(matches!(
        relabelled.unwrap_data_key(&ACME, wrapped.as_bytes()),
        Err(SealFault::NotAuthentic)
    ));
}

#[test]
fn another_organizations_data_key_opens_nothing_and_seals_nothing_here() {
    let chance = Rolling::default();
    let (root, acme) = data_key(&chance);
    let (orbit, _) = root.new_data_key(&ORBIT, &chance).unwrap();
    let sealed = acme.seal(&place(), SECRET, &chance).unwrap();
    assert!(matches!(
        orbit.open(&place(), &sealed),
        Err(SealFault::ForeignOrganization)
    ));
    let theirs = Place {
        organization: &ORBIT,
        ..place()
    };
    assert!(matches!(
        orbit.open(&theirs, &sealed),
        Err(SealFault::NotAuthentic)
    ));
    assert!(matches!(
        orbit.seal(&place(), SECRET, &chance),
        Err(SealFault::ForeignOrganization)
    ));
}

#[test]
fn a_wrapped_key_is_no_value_and_a_value_no_wrapped_key() {
    let chance = Rolling::default();
    let (root, key) = data_key(&chance);
    let sealed = key.seal(&place(), &[1; 32], &chance).unwrap();
    assert!(root.unwrap_data_key(&ACME, &sealed).is_err());
    assert!(root.unwrap_data_key(&ACME, b"").is_err());
}

#[test]
fn without_chance_nothing_is_sealed() {
    let (root, key) = data_key(&Rolling::default());
    assert!(matches!(
        key.seal(&place(), SECRET, &Dry),
        Err(SealFault::Chance(_))
    ));
    assert!(matches!(
        root.new_data_key(&ACME, &Dry),
        Err(SealFault::Chance(_))
    ));
}

#[test]
fn nothing_secret_is_printed() {
    let chance = Rolling::default();
    let (root, key) = data_key(&chance);
    let sealed = key.seal(&place(), &[0x41; 40], &chance).unwrap();
    let opened = key.open(&place(), &sealed).unwrap();
    let text = root.to_text();
    let printed = format!("{root:?} {key:?} {opened:?} {text:?}");
    let root_key = text.expose_secret().split(' ').nth(3).unwrap().trim();
    assert!(!printed.contains(&root_key[..12]) && !printed.contains("65, 65") && !printed.contains("[0"));
    assert!(
        printed.contains("RootKey(device_secrets, secret) DataKey(device_secrets, secret)"),
        "{printed}"
    );
}

type Parts = (String, Vec<u8>, String, [u8; 16], u32);

fn parts() -> impl Strategy<Value = Parts> {
    // Short parts over few letters, so that different places often spell the same without their lengths.
    let row = prop::collection::vec(prop::sample::select(vec![b'a', 0, 1]), 0..4);
    (
        "[a-b]{0,3}",
        row,
        "[a-b]{0,3}",
        prop::sample::select(vec![ACME, ORBIT]),
        0..3_u32,
    )
}

fn at(parts: &Parts) -> Place<'_> {
    Place {
        table: &parts.0,
        row: &parts.1,
        column: &parts.2,
        organization: &parts.3,
        version: parts.4,
    }
}

proptest! {
    #[test]
    fn two_places_spell_the_same_only_when_they_are_the_same(one in parts(), other in parts()) {
        let purpose = Purpose::DeviceSecrets;
        let same = at(&one).associated_data(purpose) == at(&other).associated_data(purpose);
        prop_assert_eq!(same, one == other);
        prop_assert!(at(&one).associated_data(purpose) != at(&one).associated_data(Purpose::IssuerKeys));
    }

    #[test]
    fn any_octets_are_answered_without_panic(octets in prop::collection::vec(any::<u8>(), 0..80)) {
        let (root, key) = data_key(&Rolling::default());
        prop_assert!(key.open(&place(), &octets).is_err());
        prop_assert!(root.unwrap_data_key(&ACME, &octets).is_err());
        let text = String::from_utf8_lossy(&octets);
        prop_assert!(RootKey::parse(&text, Purpose::DeviceSecrets).is_err());
    }
}
