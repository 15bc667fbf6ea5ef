// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::fixtures::{TestKey, issuer, root, serial};
use crate::signer::Signer;
use crate::text;
use crate::time::Timestamp;

#[test]
fn a_root_certifies_itself() {
    let key = TestKey::load("root-p256");
    let (der, certificate) = root(&key);
    assert_eq!(certificate.path_length(), None);
    assert_eq!(certificate.key_identifier(), key.public_key().key_identifier());
    let (_, found) = x509_parser::parse_x509_certificate(&der).unwrap();
    found.verify_signature(None).unwrap();
    assert!(found.is_ca());
    assert_eq!(found.issuer().as_raw(), found.subject().as_raw());
    // Beyond 2049 a time is GeneralizedTime; the snapshot shows both forms.
    insta::assert_snapshot!(
        "root",
        text::to_be_signed_certificate(found.tbs_certificate.as_ref()).unwrap()
    );
}

#[test]
fn an_issuing_authority_is_certified_by_its_root_and_certifies_no_other() {
    let (der, certificate) = issuer(&TestKey::load("issuer-p384"));
    let (root_der, _) = root(&TestKey::load("root-p256"));
    let (_, found) = x509_parser::parse_x509_certificate(&der).unwrap();
    let (_, authority) = x509_parser::parse_x509_certificate(&root_der).unwrap();
    found.verify_signature(Some(authority.public_key())).unwrap();
    assert_eq!(certificate.path_length(), Some(0));
    insta::assert_snapshot!(
        "issuing",
        text::to_be_signed_certificate(found.tbs_certificate.as_ref()).unwrap()
    );

    let key = TestKey::load("issuer-p256");
    let name = AuthorityName::new("Below", "Acme Pumps").unwrap();
    let draft = AuthorityDraft {
        name: &name,
        key: key.public_key(),
        issuer: Some(&certificate),
        serial: serial(3),
        validity: certificate.validity(),
        locations: &StatusLocations::default(),
    };
    assert_eq!(draft.draft().unwrap_err(), AuthorityFault::PathLength);
}

#[test]
fn an_authority_does_not_outlive_its_root() {
    let (_, root) = root(&TestKey::load("root-p256"));
    let key = TestKey::load("issuer-p256");
    let name = AuthorityName::new("Acme Devices 2", "Acme Pumps").unwrap();
    let life = root.validity();
    let second = |at: Timestamp, more: i64| Timestamp::from_seconds(at.seconds() + more);
    for (not_before, not_after) in [
        (second(life.not_before(), -1), life.not_after()),
        (life.not_before(), second(life.not_after(), 1)),
    ] {
        let draft = AuthorityDraft {
            name: &name,
            key: key.public_key(),
            issuer: Some(&root),
            serial: serial(3),
            validity: Validity::new(not_before, not_after).unwrap(),
            locations: &StatusLocations::default(),
        };
        assert_eq!(draft.draft().unwrap_err(), AuthorityFault::Life);
    }
}
