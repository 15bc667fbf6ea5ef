// SPDX-License-Identifier: Apache-2.0
//! Lists, each damaged in one way.

use std::collections::BTreeSet;

use tamga_registry::inspection::Given;

use super::edit::{AUTHORITY_KEY_IDENTIFIER, DISTRIBUTION_POINT_OF_LIST, extension, node, tlv};
use super::key::{Key, RSA_SHA512};
use super::small::{ISSUER, NOW, ROOT, Small, serial};
use crate::der::sha256;

type Damage = fn(&mut Small);

/// What is done, the law it breaks, and how it is done. List 1 is served; 5 is good, 6 revoked.
pub(super) const DAMAGE: &[(&str, &str, Damage)] = &[
    ("other bytes than intended", "list_as_intended", |small| {
        small.rows.lists[1].tbs_hash[0] ^= 1;
    }),
    ("a revocation left out", "list_complete", |small| {
        small.rows.lists[1] = small.list(2, &[]);
    }),
    ("another date", "list_complete", |small| {
        small.rows.revocations[0].revoked_at -= 1_000_000;
    }),
    ("another reason", "list_complete", |small| {
        small.rows.revocations[0].reason = "key_compromise".to_owned();
    }),
    ("an end too far away", "list_life", |small| {
        // The year, by its second digit.
        small.edits_list(|tbs| tbs.children[4].octets[1] += 1);
        small.rows.lists[1].next_update += 365 * 86_400_000_000;
    }),
    ("a number nobody gave", "list_names_its_own", |small| {
        small.rows.lists[1] = small.list(2, &[6, 9]);
    }),
    ("another issuer's number", "list_names_its_own", |small| {
        small.rows.lists[1] = small.list(2, &[1, 6]);
    }),
    ("a good certificate", "list_names_its_own", |small| {
        let given = Given {
            issuer: ISSUER.to_vec(),
            state: Some("issued".to_owned()),
        };
        small.rows.given.insert(serial(5).as_bytes().to_vec(), given);
        small.rows.lists[1] = small.list(2, &[5, 6]);
    }),
    ("a number twice", "list_names_its_own", |small| {
        small.rows.lists[1].entries = 2;
        small.edits_list(|tbs| {
            let twin = tbs.children[5].children[0].clone();
            tbs.children[5].children.push(twin);
        });
    }),
    ("another name", "list_names_its_issuer", |small| {
        small.edits_list(|tbs| tbs.children[2].misspell("issuer"));
    }),
    ("another key identifier", "list_names_its_issuer", |small| {
        small.edits_list(|tbs| *tbs.value(AUTHORITY_KEY_IDENTIFIER).last_mut().unwrap() ^= 1);
    }),
    ("a complete list that says it is a part", "list_place", |small| {
        small.edits_list(|tbs| {
            tbs.extensions()
                .push(extension(DISTRIBUTION_POINT_OF_LIST, &tlv(0x30, &[])));
        });
    }),
    ("a shard that says nothing", "list_place", |small| {
        small.rows.issuers[1].shards = 2;
    }),
    ("a signature by another key", "list_signature", |small| {
        let tbs = node(small.rows.lists[1].der.as_ref().unwrap()).children[0].der();
        small.rows.lists[1].der = Some(Key::new().seal(&tbs));
    }),
    ("a signature by a stronger hash", "algorithm", |small| {
        *small = Small::signed_by(Key::rsa(), Key::rsa());
        let tbs = node(small.rows.lists[1].der.as_ref().unwrap()).children[0].der();
        let sealed = small.issuer.seal_by_sha512(&tbs, 1);
        small.rows.lists[1].tbs_hash = sha256(&node(&sealed).children[0].der()).to_vec();
        small.rows.lists[1].der = Some(sealed);
    }),
    ("another algorithm inside", "algorithms_agree", |small| {
        small.edits_list(|tbs| tbs.children[1] = node(RSA_SHA512));
    }),
    ("another number in its row", "list_columns", |small| {
        small.rows.lists[1].number = 3;
    }),
    ("another time in its row", "list_columns", |small| {
        small.rows.lists[1].this_update += 1_000_000;
    }),
    ("another end in its row", "list_columns", |small| {
        small.rows.lists[1].next_update += 1;
    }),
    ("another count in its row", "list_columns", |small| {
        small.rows.lists[1].entries = 2;
    }),
    ("octets that are no list", "list_columns", |small| {
        // Not the one that is served: nothing else is asked of it.
        small.rows.lists[0].der = Some(vec![0x30, 0]);
    }),
    ("octets behind a list", "list_columns", |small| {
        small.rows.lists[0].der.as_mut().unwrap().push(0);
    }),
];

#[tokio::test]
async fn each_damage_is_found_as_what_it_is() {
    for (what, law, damage) in DAMAGE {
        let mut small = Small::new();
        let root = Given {
            issuer: ROOT.to_vec(),
            state: None,
        };
        assert_eq!(
            small
                .rows
                .given
                .insert(serial(1).as_bytes().to_vec(), root)
                .unwrap()
                .issuer,
            ROOT
        );
        damage(&mut small);
        let report = small.verified().await;
        // With two shards half the certificates point to the wrong one: that is found as well.
        let found = report
            .findings
            .iter()
            .filter(|found| found.object.starts_with("list "));
        let found: BTreeSet<&str> = found.map(|found| found.law.name).collect();
        assert_eq!(found, BTreeSet::from([*law]), "{what}: {:#?}", report.findings);
    }
}

#[tokio::test]
async fn what_expired_and_was_forgotten_may_stand_on_a_list_and_need_not() {
    let mut small = Small::new();
    let forgotten = small.rows.revocations.remove(0);
    assert!(small.verified().await.is_clean(), "it may still stand there");
    small.rows.lists[1] = small.list(2, &[]);
    small.rows.revocations.push(forgotten);
    small.rows.revocations[0].not_after = NOW.as_micros() - 1_000_000;
    assert!(
        small.verified().await.is_clean(),
        "it need not stand there any more"
    );
}

#[tokio::test]
async fn a_list_that_does_not_cover_what_came_since_is_not_blamed_for_it() {
    let mut small = Small::new();
    small.rows.lists[1] = small.list(2, &[]);
    small.rows.lists[1].covers = false;
    assert!(small.verified().await.is_clean());
}
