// SPDX-License-Identifier: Apache-2.0
//! Chains that must not be believed: each is sound but for the one thing its test is named after.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use tamga_attestation::{Doubt, ForeignStatus, Reference, TrustedAnchor};

use crate::factory::*;

/// root → plant → pump, the plant and the pump altered before they are issued.
fn altered(
    plant: impl FnOnce(&mut CertificateParams),
    pump: impl FnOnce(&mut CertificateParams),
) -> (Holder, Holder, Holder) {
    let root = root("Vendor Root");
    let mut params = authority("Plant");
    plant(&mut params);
    let plant = root.issues(params);
    let mut params = device(ID);
    pump(&mut params);
    let pump = plant.issues(params);
    (root, plant, pump)
}

fn doubt_over_plant(change: impl FnOnce(&mut CertificateParams)) -> Doubt {
    let (root, plant, pump) = altered(change, |_| {});
    by(&root, &[&pump, &plant]).unwrap_err()
}

fn doubt_over_pump(change: impl FnOnce(&mut CertificateParams)) -> Doubt {
    let (root, plant, pump) = altered(|_| {}, change);
    by(&root, &[&pump, &plant]).unwrap_err()
}

#[test]
fn the_chain_all_these_are_made_from_is_sound() {
    let (root, plant, pump) = altered(|_| {}, |_| {});
    assert_eq!(depth(by(&root, &[&pump, &plant])), 1);
}

#[test]
fn certificates_that_are_not_alive() {
    let expired = |params: &mut CertificateParams| params.not_after = second(NOW - 1);
    let unborn = |params: &mut CertificateParams| params.not_before = second(NOW + 1);
    for doubt in [
        doubt_over_plant(expired),
        doubt_over_plant(unborn),
        doubt_over_pump(expired),
        doubt_over_pump(unborn),
    ] {
        assert_eq!(doubt, Doubt::ChainExpired);
    }
}

#[test]
fn an_intermediate_that_is_no_authority() {
    let no_authority = |params: &mut CertificateParams| params.is_ca = IsCa::ExplicitNoCa;
    let silent = |params: &mut CertificateParams| params.is_ca = IsCa::NoCa;
    let may_not_sign = |params: &mut CertificateParams| params.key_usages = vec![KeyUsagePurpose::CrlSign];
    for doubt in [
        doubt_over_plant(no_authority),
        doubt_over_plant(silent),
        doubt_over_plant(may_not_sign),
    ] {
        assert_eq!(doubt, Doubt::CertificateUntrusted);
    }
}

#[test]
fn a_device_cannot_vouch_for_another() {
    let (root, plant, pump) = altered(|_| {}, |_| {});
    let fellow = pump.issues(device(ID));
    let verdict = by(&root, &[&fellow, &pump, &plant]);
    assert_eq!(verdict.unwrap_err(), Doubt::CertificateUntrusted);
}

#[test]
fn more_authorities_than_one_of_them_allows() {
    let limited = |length| {
        move |params: &mut CertificateParams| {
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(length));
        }
    };
    for (allowed, expected) in [(0, Err(Doubt::CertificateUntrusted)), (1, Ok(()))] {
        let (root, plant, _) = altered(limited(allowed), |_| {});
        let line = plant.issues(authority("Line"));
        let pump = line.issues(device(ID));
        assert_eq!(
            by(&root, &[&pump, &line, &plant]).map(drop),
            expected,
            "intermediate"
        );

        let mut params = authority("Vendor Root");
        limited(allowed)(&mut params);
        let root = self_signed(params);
        let plant = root.issues(authority("Plant"));
        let pump = plant.issues(device(ID));
        assert_eq!(by(&root, &[&pump, &plant]).map(drop), expected, "anchor");
    }
}

#[test]
fn the_same_name_over_another_key() {
    let (_, plant, pump) = altered(|_| {}, |_| {});
    let namesake = root("Vendor Root");
    assert_eq!(
        by(&namesake, &[&pump, &plant]).unwrap_err(),
        Doubt::CertificateUntrusted
    );
    let (root, _, pump) = altered(|_| {}, |_| {});
    let namesake = root.issues(authority("Plant"));
    assert_eq!(
        by(&root, &[&pump, &namesake]).unwrap_err(),
        Doubt::CertificateUntrusted
    );
}

#[test]
fn the_same_key_under_another_name() {
    let (root, plant, pump) = altered(|_| {}, |_| {});
    let key = KeyPair::from_pem(&plant.key.serialize_pem()).unwrap();
    let renamed = root.issues_for(authority("Plant 2"), key);
    let verdict = by(&root, &[&pump, &renamed]);
    assert_eq!(verdict.unwrap_err(), Doubt::CertificateUntrusted);
}

#[test]
fn an_authority_that_speaks_as_a_device() {
    let (root, plant, _) = altered(|_| {}, |_| {});
    let mut params = authority(ID);
    params.key_usages.push(KeyUsagePurpose::DigitalSignature);
    let pump = plant.issues(params);
    assert_eq!(
        by(&root, &[&pump, &plant]).unwrap_err(),
        Doubt::CertificateUntrusted
    );
    let mut params = authority(ID);
    params.key_usages.push(KeyUsagePurpose::DigitalSignature);
    let own = self_signed(params);
    assert_eq!(by(&own, &[&own]).unwrap_err(), Doubt::CertificateUntrusted);
}

#[test]
fn a_key_that_may_not_be_used_so() {
    let servers = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    let may_not_sign =
        |params: &mut CertificateParams| params.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    for doubt in [
        doubt_over_pump(servers),
        doubt_over_pump(may_not_sign),
        doubt_over_plant(servers),
    ] {
        assert_eq!(doubt, Doubt::CertificateUntrusted);
    }
    let silent = |params: &mut CertificateParams| {
        params.key_usages.clear();
        params.extended_key_usages.clear();
    };
    let (root, plant, pump) = altered(|_| {}, silent);
    assert!(
        by(&root, &[&pump, &plant]).is_ok(),
        "what says nothing may do anything"
    );
}

#[test]
fn names_an_authority_was_not_given() {
    let within = |subtrees| {
        move |params: &mut CertificateParams| {
            params.name_constraints = Some(NameConstraints {
                permitted_subtrees: subtrees,
                excluded_subtrees: Vec::new(),
            });
        }
    };
    let named = |name: &str| {
        let name = SanType::DnsName(name.try_into().unwrap());
        |params: &mut CertificateParams| params.subject_alt_names = vec![name]
    };
    let vendor = || vec![GeneralSubtree::DnsName("vendor.example".to_owned())];
    let (root, plant, pump) = altered(within(vendor()), named("pump-1.vendor.example"));
    assert!(by(&root, &[&pump, &plant]).is_ok());
    let (root, plant, pump) = altered(within(vendor()), named("pump-1.other.example"));
    assert_eq!(
        by(&root, &[&pump, &plant]).unwrap_err(),
        Doubt::CertificateUntrusted
    );
}

#[test]
fn a_critical_extension_nobody_knows() {
    let foreign = |critical: bool| {
        move |params: &mut CertificateParams| {
            let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 55555, 1], vec![5, 0]);
            extension.set_criticality(critical);
            params.custom_extensions.push(extension);
        }
    };
    assert_eq!(doubt_over_pump(foreign(true)), Doubt::CertificateUntrusted);
    assert_eq!(doubt_over_plant(foreign(true)), Doubt::CertificateUntrusted);
    let (root, plant, pump) = altered(foreign(false), foreign(false));
    assert!(by(&root, &[&pump, &plant]).is_ok());
}

#[test]
fn a_leaf_that_vouches_for_itself() {
    let (root, plant, _) = altered(|_| {}, |_| {});
    let own = self_signed(device(ID));
    assert_eq!(
        by(&root, &[&own, &plant]).unwrap_err(),
        Doubt::CertificateUntrusted
    );
}

#[test]
fn a_known_intermediate_is_no_anchor() {
    let (root, plant, pump) = altered(|_| {}, |_| {});
    let stranger = crate::factory::root("Other Vendor");
    let knowing = TrustedAnchor::new(&stranger.der, &[&plant.der, &root.der], ForeignStatus::None).unwrap();
    let reference = Reference::Anchors(tamga_attestation::AnchorReference {
        anchors: vec![knowing],
    });
    let verdict = judged(chain(&[&pump, &plant]), &reference);
    assert_eq!(verdict.unwrap_err(), Doubt::CertificateUntrusted);
}
