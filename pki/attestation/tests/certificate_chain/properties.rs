// SPDX-License-Identifier: Apache-2.0
//! What holds for every chain: an altered octet is never believed, and no octets stop us.

use proptest::prelude::*;
use tamga_attestation::{
    AuthorityCertificate, Evidence, ForeignList, PinnedCertificates, PresentedChain, Reference, SasLimits,
    judge,
};

use crate::factory::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_altered_bit_breaks_a_chain(which in 0..2_usize, at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let root = root("Vendor Root");
        let plant = root.issues(authority("Plant"));
        let pump = plant.issues(device(ID));
        let mut ders = [pump.der, plant.der];
        let at = at.index(ders[which].len());
        ders[which][at] ^= 1 << bit;
        if let Ok(chain) = PresentedChain::parse(&ders) {
            let reference = Reference::Anchors(group(&[&root]));
            prop_assert!(judged(chain, &reference).is_err());
        }
    }

    #[test]
    fn one_altered_bit_is_another_certificate_than_the_pinned_one(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let own = self_signed(device(ID));
        let mut altered = own.der.clone();
        let at = at.index(altered.len());
        altered[at] ^= 1 << bit;
        let pinned = Reference::Pinned(PinnedCertificates { primary: own.der, secondary: None });
        if let Ok(chain) = PresentedChain::parse(&[altered]) {
            prop_assert!(judged(chain, &pinned).is_err());
        }
    }

    #[test]
    fn any_octets_are_answered_without_panic(chain in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..12)) {
        let limits = SasLimits::default();
        if let Ok(chain) = PresentedChain::parse(&chain) {
            let anchors = Reference::Anchors(group(&[]));
            prop_assert!(judge(&Evidence::CertificateChain(chain), &anchors, &context(&limits)).is_err());
        }
        for octets in &chain {
            prop_assert!(AuthorityCertificate::parse(octets).is_err());
            prop_assert!(ForeignList::load(octets, &[]).is_err());
        }
    }
}
