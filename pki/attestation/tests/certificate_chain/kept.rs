// SPDX-License-Identifier: Apache-2.0
//! A chain that a door kept is, read again, the chain that was presented.

use tamga_attestation::Evidence;

use crate::factory::{authority, chain, device, root};

#[test]
fn a_kept_chain_is_the_one_that_was_presented() {
    let maker = root("Maker Root");
    let line = maker.issues(authority("Maker Line 3"));
    let pump = line.issues(device("pump-1"));
    let presented = chain(&[&pump, &line]);
    let kept = Evidence::CertificateChain(chain(&[&pump, &line])).to_kept();
    let Ok(Evidence::CertificateChain(again)) = Evidence::from_kept(&kept) else {
        panic!("it is a chain")
    };
    assert_eq!(again, presented);
    for end in 0..kept.len() {
        // Cut where a certificate ends, it is a shorter chain; the seal sees to it that nobody cuts.
        if let Ok(Evidence::CertificateChain(cut)) = Evidence::from_kept(&kept[..end]) {
            assert_eq!(cut.der(), &presented.der()[..1]);
        }
    }
    let overlong = [&kept[..2], &u32::MAX.to_be_bytes(), &kept[6..]].concat();
    assert!(Evidence::from_kept(&overlong).is_err());
}
