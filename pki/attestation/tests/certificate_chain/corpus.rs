// SPDX-License-Identifier: Apache-2.0
//! Replays what the fuzzer starts from: chains by other encoders, each answered as its name says.

use std::fs;
use std::path::{Path, PathBuf};

use tamga_attestation::{
    AnchorReference, Doubt, Evidence, ForeignStatus, PinnedCertificates, PresentedChain, Reference,
    SasLimits, TrustedAnchor, judge,
};

use crate::factory::{DAY, NOW, at};

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The certificates of a file: DER, one after the other, and a last one of whatever is left.
fn certificates(mut octets: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while !octets.is_empty() {
        let length = match octets {
            [0x30, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => octets.len(),
        };
        let (one, rest) = octets.split_at(length.min(octets.len()));
        found.push(one.to_vec());
        octets = rest;
    }
    found
}

fn verdict(octets: &[u8], maker: &str) -> Result<(), Doubt> {
    let chain = PresentedChain::parse(&certificates(octets))?;
    let anchor = fs::read(place(&format!("testdata/anchor-{maker}.der"))).unwrap();
    let anchor = TrustedAnchor::new(&anchor, &[] as &[&[u8]], ForeignStatus::None).unwrap();
    let group = Reference::Anchors(AnchorReference {
        anchors: vec![anchor],
    });
    let limits = SasLimits::default();
    // The corpus was made in the days after NOW and lives for decades.
    let context = at(&limits, NOW + 300 * DAY);
    judge(&Evidence::CertificateChain(chain), &group, &context).map(drop)
}

fn corpus() -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(place("fuzz/corpus/presented_chain")).unwrap();
    let read = |file: std::io::Result<fs::DirEntry>| {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read(path).unwrap())
    };
    files.map(read).collect()
}

#[test]
fn every_chain_of_the_corpus_is_answered_as_its_name_says() {
    let mut named = 0;
    for (name, octets) in corpus() {
        let Some((maker, rest)) = name.split_once('_') else {
            continue;
        };
        let verdict = verdict(&octets, maker);
        match rest.strip_prefix("refused_") {
            Some(slug) => {
                let doubt = verdict.expect_err(&name);
                assert!(slug.starts_with(doubt.slug()), "{name}: {doubt}");
            }
            None => assert_eq!(verdict, Ok(()), "{name}"),
        }
        named += 1;
    }
    assert!(named >= 23, "the corpus was only {named} named files large");
}

#[test]
fn a_certificate_of_version_1_may_be_pinned() {
    let (_, octets) = corpus()
        .into_iter()
        .find(|(name, _)| name.ends_with("version_1_leaf"))
        .unwrap();
    let pinned = Reference::Pinned(PinnedCertificates {
        primary: octets.clone(),
        secondary: None,
    });
    let chain = PresentedChain::parse(&[octets]).unwrap();
    assert_eq!(chain.leaf().version(), 1);
    let limits = SasLimits::default();
    let context = at(&limits, NOW + 300 * DAY);
    assert!(judge(&Evidence::CertificateChain(chain), &pinned, &context).is_ok());
}
