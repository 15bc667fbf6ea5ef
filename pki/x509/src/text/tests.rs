// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::fixtures::{TestKey, csr, file, issuer};

#[test]
fn a_request_is_printed_whether_or_not_it_would_be_granted() {
    insta::assert_snapshot!(
        "request_granted",
        request(&csr("good-weaker-extensions")).unwrap()
    );
    insta::assert_snapshot!(
        "request_refused",
        request(&csr("ask-ca-true-critical-pathlen")).unwrap()
    );
}

#[test]
fn a_finished_certificate_is_printed_with_its_fingerprint() {
    let (der, _) = issuer(&TestKey::load("issuer-p256"));
    let printed = certificate(&der).unwrap();
    assert!(
        printed.contains("basicConstraints critical: CA:TRUE, path length 0"),
        "{printed}"
    );
    let fingerprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &der);
    assert!(
        printed.ends_with(&format!("fingerprint: SHA-256 {}\n", hex(fingerprint.as_ref()))),
        "{printed}"
    );
}

#[test]
fn what_is_not_of_a_kind_is_not_printed_as_it() {
    let key = file("keys/device-p256.pk8");
    for print in [
        certificate,
        to_be_signed_certificate,
        revocation_list,
        to_be_signed_revocation_list,
        request,
    ] {
        assert!(print(&key).is_err());
        assert!(print(&[]).is_err());
    }
}
