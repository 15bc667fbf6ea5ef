// SPDX-License-Identifier: Apache-2.0
//! Feeds any octets to the chain parser and the path search: no panic, and no belief without a signature.
//!
//! From the folder above: `cargo +nightly fuzz run presented_chain`. The input is certificates in DER, one after the
//! other; whatever is left is a last one. Chains below the anchors of `testdata` are in the corpus, so that the search
//! gets far; the anchor asked here signed none of them.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tamga_attestation::certificate_chain::nearest;
use tamga_attestation::{
    AnchorReference, AuthorityCertificate, Context, ForeignList, ForeignStatus, PresentedChain, SasLimits, TrustedAnchor,
};
use tamga_x509::time::Timestamp;

/// The anchors of the corpus, with lists that cover nothing: paths are found, and none is believed.
static ANCHORS: LazyLock<AnchorReference> = LazyLock::new(|| {
    let anchor = |der: &[u8]| {
        TrustedAnchor::new(der, &[] as &[&[u8]], ForeignStatus::Lists(Vec::new())).expect("an authority")
    };
    AnchorReference {
        anchors: vec![
            anchor(include_bytes!("../../testdata/anchor-openssl.der")),
            anchor(include_bytes!("../../testdata/anchor-gnutls.der")),
        ],
    }
});

fn certificates(mut octets: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !octets.is_empty() {
        let length = match octets {
            [0x30, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => octets.len(),
        };
        let (one, rest) = octets.split_at(length.min(octets.len()));
        found.push(one);
        octets = rest;
    }
    found
}

fuzz_target!(|octets: &[u8]| {
    let certificates = certificates(octets);
    for one in &certificates {
        let _authority = AuthorityCertificate::parse(one);
    }
    let _list = ForeignList::load(octets, &[]);
    let Ok(chain) = PresentedChain::parse(&certificates) else {
        return;
    };
    let limits = SasLimits::default();
    let context = Context {
        id_scope: "0tmK4Q8Z1RW",
        registration_id: "pump-1",
        now: Timestamp::from_seconds(1_821_225_600),
        judged_at: Timestamp::from_seconds(1_821_225_600),
        limits: &limits,
    };
    if let Ok(decision) = nearest(&chain, &[&ANCHORS], &context) {
        assert!(decision.verdict.is_err(), "believed without a list");
    }
});
