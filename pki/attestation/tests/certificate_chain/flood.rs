// SPDX-License-Identifier: Apache-2.0
//! Chains made to cost time: loops of cross-signed authorities, and as many namesakes as a handshake holds.

use std::time::{Duration, Instant};

use rcgen::KeyPair;
use tamga_attestation::Doubt;

use crate::factory::*;

/// Far above what the budget allows on any machine, far below what an unbounded search takes.
const SOON: Duration = Duration::from_secs(2);

fn same_key(holder: &Holder) -> KeyPair {
    KeyPair::from_pem(&holder.key.serialize_pem()).unwrap()
}

#[test]
fn authorities_that_signed_each_other_lead_nowhere() {
    let (one, other) = (root("One"), root("Other"));
    let one_by_other = other.issues_for(authority("One"), same_key(&one));
    let other_by_one = one.issues_for(authority("Other"), same_key(&other));
    let pump = one.issues(device(ID));
    let presented = [&pump, &one_by_other, &other_by_one, &one, &other];
    let stranger = root("Vendor Root");
    assert_eq!(
        by(&stranger, &presented).unwrap_err(),
        Doubt::CertificateUntrusted
    );
    assert_eq!(depth(by(&other, &presented)), 1);
    assert_eq!(depth(by(&one, &presented)), 0);
}

#[test]
fn a_cross_signed_authority_is_followed_to_the_root_that_is_trusted() {
    let (old, new) = (root("Old Root"), root("New Root"));
    let plant = old.issues(authority("Plant"));
    let plant_by_new = new.issues_for(authority("Plant"), same_key(&plant));
    let pump = plant.issues(device(ID));
    let presented = [&pump, &plant, &plant_by_new];
    assert_eq!(depth(by(&old, &presented)), 1);
    assert_eq!(depth(by(&new, &presented)), 1);
}

#[test]
fn nine_namesakes_in_three_rings_are_given_up_soon() {
    let name = "Vendor Root";
    let rings: Vec<Holder> = (0..3).map(|_| root(name)).collect();
    let ring = |at: usize| {
        let (above, own) = (&rings[(at + 1) % 3], &rings[at]);
        (0..3).map(move |_| above.issues_for(authority(name), same_key(own)))
    };
    let namesakes: Vec<Holder> = (0..3).flat_map(ring).collect();
    let pump = rings[0].issues(device(ID));
    let presented: Vec<&Holder> = core::iter::once(&pump).chain(&namesakes).collect();
    let trusted = root(name);
    let begun = Instant::now();
    assert_eq!(by(&trusted, &presented).unwrap_err(), Doubt::CertificateUntrusted);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}

#[test]
fn many_anchors_of_one_name_do_not_make_a_stranger_expensive() {
    let name = "Vendor Root";
    let anchors: Vec<Holder> = (0..200).map(|_| root(name)).collect();
    let groups = group(&anchors.iter().collect::<Vec<_>>());
    let stranger = root(name);
    let begun = Instant::now();
    let verdict = judged(
        chain(&[&stranger.issues(device(ID))]),
        &tamga_attestation::Reference::Anchors(groups),
    );
    assert_eq!(verdict.unwrap_err(), Doubt::CertificateUntrusted);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}

#[test]
fn seven_authorities_between_leaf_and_root_are_too_many() {
    let root = root("Root");
    for (length, expected) in [(6, Ok(())), (7, Err(Doubt::CertificateUntrusted))] {
        let mut above: Vec<Holder> = Vec::new();
        for level in 0..length {
            let issuer = above.last().unwrap_or(&root);
            let next = issuer.issues(authority(&format!("Level {level}")));
            above.push(next);
        }
        let pump = above.last().unwrap().issues(device(ID));
        let presented: Vec<&Holder> = core::iter::once(&pump).chain(above.iter().rev()).collect();
        assert_eq!(by(&root, &presented).map(drop), expected, "{length}");
    }
}
