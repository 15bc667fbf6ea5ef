// SPDX-License-Identifier: Apache-2.0
//! Which of many groups decides: the one whose anchor is nearest to the leaf, and no other.

use tamga_attestation::certificate_chain::nearest;
use tamga_attestation::{AnchorReference, Doubt, ForeignStatus, SasLimits, TrustedAnchor};

use crate::factory::*;

fn decided(presented: &[&Holder], groups: &[&AnchorReference]) -> Result<usize, Doubt> {
    let limits = SasLimits::default();
    nearest(&chain(presented), groups, &context(&limits)).map(|decision| decision.reference)
}

#[test]
fn the_nearest_anchor_decides_in_whatever_order_the_groups_are_asked() {
    let root = root("Vendor Root");
    let plant = root.issues(authority("Plant"));
    let line = plant.issues(authority("Line"));
    let pump = line.issues(device(ID));
    let (by_root, by_plant, by_line) = (group(&[&root]), group(&[&plant]), group(&[&line]));
    let stranger = group(&[&crate::factory::root("Vendor Root")]);
    let presented = [&pump, &line, &plant, &root];
    assert_eq!(decided(&presented, &[&by_root, &by_plant, &by_line]), Ok(2));
    assert_eq!(decided(&presented, &[&by_line, &by_root]), Ok(0));
    assert_eq!(decided(&presented, &[&stranger, &by_root, &by_plant]), Ok(2));
    assert_eq!(decided(&presented, &[&by_root]), Ok(0));
    assert_eq!(
        decided(&presented, &[&stranger]),
        Err(Doubt::CertificateUntrusted)
    );
    assert_eq!(decided(&presented, &[]), Err(Doubt::CertificateUntrusted));
}

#[test]
fn an_intermediate_known_to_one_group_is_nearer_than_the_root_of_another() {
    let root = root("Vendor Root");
    let plant = root.issues(authority("Plant"));
    let pump = plant.issues(device(ID));
    let knowing = TrustedAnchor::new(&root.der, &[&plant.der], ForeignStatus::None).unwrap();
    let by_root = AnchorReference {
        anchors: vec![knowing],
    };
    let by_plant = group(&[&plant]);
    assert_eq!(decided(&[&pump], &[&by_root, &by_plant]), Ok(1));
    assert_eq!(decided(&[&pump], &[&by_root]), Ok(0));
}

#[test]
fn an_expired_anchor_that_is_nearer_does_not_give_way_to_a_farther_one() {
    let root = root("Vendor Root");
    let fresh = root.issues(authority("Plant"));
    let mut params = authority("Plant");
    params.not_after = second(NOW - 1);
    let key = rcgen::KeyPair::from_pem(&fresh.key.serialize_pem()).unwrap();
    let expired = root.issues_for(params, key);
    let pump = fresh.issues(device(ID));
    let (by_root, by_expired, by_fresh) = (group(&[&root]), group(&[&expired]), group(&[&fresh]));
    let presented = [&pump, &fresh];
    assert_eq!(decided(&presented, &[&by_root]), Ok(0));
    assert_eq!(
        decided(&presented, &[&by_root, &by_expired]),
        Err(Doubt::CertificateUntrusted)
    );
    assert_eq!(
        decided(&presented, &[&by_expired, &by_fresh]),
        Ok(1),
        "the same authority renewed is as near, and alive"
    );
}
