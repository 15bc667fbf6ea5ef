// SPDX-License-Identifier: Apache-2.0
//! What may become an anchor, and what an anchor may vouch for.

use rcgen::KeyUsagePurpose;
use tamga_attestation::{AnchorRefusal, AuthorityCertificate, Doubt, ForeignStatus, TrustedAnchor};

use crate::factory::*;

fn refused(der: &[u8]) -> AnchorRefusal {
    TrustedAnchor::new(der, &[] as &[&[u8]], ForeignStatus::None).unwrap_err()
}

#[test]
fn only_an_authority_becomes_an_anchor() {
    let device = self_signed(device(ID));
    let mut params = authority("Vendor");
    params.key_usages = vec![KeyUsagePurpose::CrlSign];
    let without_usage = self_signed(params);
    for der in [&device.der, &without_usage.der] {
        let refusal = refused(der);
        assert_eq!(refusal.slug(), "anchor_not_authority");
        assert!(
            refusal.to_string().contains("give the root or intermediate"),
            "{refusal}"
        );
    }
    assert_eq!(refused(b"-----BEGIN CERTIFICATE-----").slug(), "anchor_malformed");
    assert_eq!(refused(&[]).slug(), "anchor_malformed");
}

#[test]
fn a_known_intermediate_must_be_an_authority_too() {
    let root = root("Vendor");
    let pump = root.issues(device(ID));
    let refusal = TrustedAnchor::new(&root.der, &[&pump.der], ForeignStatus::None).unwrap_err();
    assert_eq!(refusal.slug(), "anchor_not_authority");
}

#[test]
fn an_anchor_that_is_not_alive_vouches_for_nobody() {
    for (from, until, expected) in [
        (NOW - 2, NOW - 1, Err(Doubt::CertificateUntrusted)),
        (NOW + 1, NOW + 2, Err(Doubt::CertificateUntrusted)),
        (NOW, NOW, Ok(())),
    ] {
        let mut params = authority("Vendor");
        params.not_before = second(from);
        params.not_after = second(until);
        let root = self_signed(params);
        let pump = root.issues(device(ID));
        assert_eq!(by(&root, &[&pump]).map(drop), expected);
    }
}

#[test]
fn an_authority_knows_whom_it_issued() {
    let root = root("Vendor");
    let plant = root.issues(authority("Plant"));
    let namesake = crate::factory::root("Vendor");
    let parse = |holder: &Holder| AuthorityCertificate::parse(&holder.der).unwrap();
    assert!(parse(&plant).issued_by(&parse(&root)));
    assert!(parse(&root).issued_by(&parse(&root)));
    assert!(!parse(&plant).issued_by(&parse(&namesake)));
    assert!(!parse(&root).issued_by(&parse(&plant)));
}
