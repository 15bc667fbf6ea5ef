// SPDX-License-Identifier: Apache-2.0
//! What is known from outside: what clients were handed, what keys signed. And what is left out.

use std::collections::BTreeSet;

use super::small::{ISSUER, NOW, Small, names};
use crate::{Question, Signed, SignedKind, VerifyFault, verify};

/// The laws that are broken here.
pub(super) const LAWS: [&str; 2] = ["handed_out_recorded", "signed_as_intended"];

fn signed(digest: &[u8], kind: SignedKind) -> Signed {
    Signed {
        issuer: ISSUER.to_vec(),
        digest: digest.try_into().unwrap(),
        kind,
    }
}

#[tokio::test]
async fn what_was_handed_out_is_looked_for_octet_for_octet() {
    let small = Small::new();
    let mut question = Question::as_of(NOW);
    let handed = small.rows.certificates[0].der.clone().unwrap();
    question.handed_out = vec![handed.clone()];
    assert!(small.answers(&question).await.is_clean());
    // The same bytes signed a second time: a valid certificate that nobody recorded.
    let tbs = super::edit::node(&handed).children[0].der();
    question.handed_out.push(small.issuer.seal(&tbs));
    let report = small.answers(&question).await;
    assert_eq!(names(&report), BTreeSet::from(["handed_out_recorded"]));
    assert_eq!(report.findings.len(), 1);
}

#[tokio::test]
async fn what_was_signed_is_looked_for_among_intents() {
    let mut small = Small::new();
    small.rows.lists.remove(0);
    let rows = &small.rows;
    let mut question = Question::as_of(NOW);
    question.signed = vec![
        signed(&rows.certificates[0].tbs_hash, SignedKind::Certificate),
        signed(&rows.certificates[2].tbs_hash, SignedKind::Certificate),
        signed(&rows.lists[0].tbs_hash, SignedKind::List { number: 2 }),
        // Forgotten, with its intent.
        signed(&[1; 32], SignedKind::List { number: 1 }),
    ];
    assert!(small.answers(&question).await.is_clean());
    for stray in [
        signed(&[1; 32], SignedKind::Certificate),
        signed(&[1; 32], SignedKind::List { number: 2 }),
        signed(&rows.lists[0].tbs_hash, SignedKind::List { number: 3 }),
    ] {
        let mut question = question.clone();
        question.signed.push(stray);
        let report = small.answers(&question).await;
        assert_eq!(names(&report), BTreeSet::from(["signed_as_intended"]));
    }
}

#[tokio::test]
async fn what_is_left_out_is_not_told() {
    let mut small = Small::new();
    small.rows.certificates[0].shard = 1;
    small.rows.certificates[0].tbs_hash[0] ^= 1;
    let mut question = Question::as_of(NOW);
    question.without = vec!["I-39".to_owned()];
    let report = small.answers(&question).await;
    assert_eq!(names(&report), BTreeSet::from(["certificate_as_intended"]));
    question.without.push("certificate_as_intended".to_owned());
    assert!(small.answers(&question).await.is_clean());
}

#[tokio::test]
async fn where_nothing_was_founded_nothing_is_said_to_be_well() {
    let mut small = Small::new();
    small.rows.installation = None;
    let answer = verify(&small.rows, &Question::as_of(NOW), &|_| {}).await;
    assert!(matches!(answer, Err(VerifyFault::NotFounded)));
}

#[tokio::test]
async fn progress_is_told_to_the_end() {
    let told = std::sync::Mutex::new(Vec::new());
    let small = Small::new();
    let question = Question::as_of(NOW);
    verify(&small.rows, &question, &|progress| {
        told.lock().unwrap().push(progress);
    })
    .await
    .unwrap();
    let told = told.into_inner().unwrap();
    let certificates: Vec<u64> = told
        .iter()
        .filter(|progress| progress.step == crate::Step::Certificates)
        .map(|progress| progress.done)
        .collect();
    assert_eq!(certificates, [0, 1, 2, 3, 4, 5]);
    assert_eq!(told.last().map(|last| (last.done, last.of)), Some((2, 2)));
}
