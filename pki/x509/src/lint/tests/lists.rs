// SPDX-License-Identifier: Apache-2.0
//! Breaks each rule for revocation lists alone.

use super::*;
use crate::crl::{CrlBuilder, CrlDraft, CrlHeader, RevocationReason, RevokedEntry};

fn list() -> CrlDraft {
    let (_, issuer) = p256_issuer();
    let mut builder = CrlBuilder::new(CrlHeader {
        issuer: &issuer,
        number: 7,
        this_update: NOW,
        next_update: NOW.saturating_add(std::time::Duration::from_secs(86_400)),
        distribution_point: Some("http://status.tamga.example/c/iss_1/0.crl".to_owned()),
    })
    .unwrap();
    for (last, reason) in [
        (1, RevocationReason::KeyCompromise),
        (2, RevocationReason::Unspecified),
    ] {
        builder
            .push(&RevokedEntry {
                serial: serial(last),
                revoked_at: NOW,
                reason,
            })
            .unwrap();
    }
    builder.finish()
}

type BreakList = fn(&mut CrlDraft);

const LIST_BREAKS: &[(&str, BreakList)] = &[
    ("crl_version", |draft| {
        let at = draft
            .tbs
            .windows(3)
            .position(|window| window == [2, 1, 1])
            .unwrap();
        draft.tbs[at + 2] = 0;
    }),
    ("crl_algorithm", |draft| {
        draft.expectation.algorithm = SignatureAlgorithm::EcdsaSha384;
    }),
    ("crl_issuer", |draft| {
        draft.expectation.issuer_subject = vec![0x30, 0];
    }),
    ("crl_updates", |draft| {
        draft.expectation.next_update = draft
            .expectation
            .next_update
            .saturating_add(std::time::Duration::from_secs(1));
    }),
    ("crl_entries", |draft| {
        let other = serial(1).as_bytes().to_vec();
        draft.tbs = replace(&draft.tbs, serial(2).as_bytes(), &other);
    }),
    ("crl_entry_reasons", |draft| {
        // removeFromCRL has no place in a full list.
        draft.tbs = replace(&draft.tbs, &[0x0a, 1, 1], &[0x0a, 1, 8]);
    }),
    ("crl_extensions", |draft| draft.expectation.number = 8),
];

#[test]
fn every_lint_of_lists_notices_its_own_fault_and_no_other() {
    assert_eq!(revocation_list(&list().tbs, &list().expectation), Ok(()));
    for (lint, spoil) in LIST_BREAKS {
        let mut draft = list();
        spoil(&mut draft);
        let failures = revocation_list(&draft.tbs, &draft.expectation).expect_err(lint);
        assert_eq!(
            failures.0.iter().map(|failure| failure.lint).collect::<Vec<_>>(),
            [*lint]
        );
    }
    assert_eq!(LIST_BREAKS.len(), CRL_LINTS.len());
}

#[test]
fn a_list_of_the_wrong_count_shard_or_key_is_noticed() {
    let spoil: [BreakList; 4] = [
        |draft| draft.expectation.entries = 3,
        |draft| draft.expectation.distribution_point = None,
        |draft| draft.expectation.distribution_point = Some("http://other.example/".to_owned()),
        |draft| draft.expectation.authority_key_identifier = vec![7; 20],
    ];
    for spoil in spoil {
        let mut draft = list();
        spoil(&mut draft);
        assert!(revocation_list(&draft.tbs, &draft.expectation).is_err());
    }
}
