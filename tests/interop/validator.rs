// SPDX-License-Identifier: Apache-2.0
//! OpenSSL, GnuTLS, Python's cryptography and pkilint judge what a house issued, with the lists its certificates name.

use serde_json::Value;
use tamga_tests::answer::Certified;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::programs::Files;
use tamga_tests::relying_party::Downloaded;

/// The issuer's list and the root's, each from where the certificate below it says.
async fn lists_of(certified: &Certified) -> [Downloaded; 2] {
    [
        Downloaded::named_by(certified.leaf()).await,
        Downloaded::named_by(&certified.chain[1]).await,
    ]
}

fn files_of(certified: &Certified, lists: &[Downloaded; 2]) -> Files {
    Files::of(&certified.chain, &[&lists[0].der, &lists[1].der])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stack_trusts_the_chain_and_no_stack_trusts_it_once_revoked() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, fan) = (group.device("Pump-1"), group.device("fan-1"));
    let revoked = pump.enrolls(&KeyPair::new()).await.certified();
    let good = fan.enrolls(&KeyPair::new()).await.certified();
    let mut lists = lists_of(&good).await;
    for certified in [&revoked, &good] {
        let files = files_of(certified, &lists);
        for (stack, said) in [
            ("OpenSSL", files.openssl().await),
            ("GnuTLS", files.gnutls().await),
            ("Python", files.python().await),
        ] {
            assert_eq!(said.code, 0, "{stack}: {said:?}");
        }
        assert!(
            files.openssl_list("list0.pem", "issuer.pem").await
                && files.openssl_list("list1.pem", "root.pem").await
        );
        assert!(
            !files.openssl_list("list0.pem", "root.pem").await,
            "OpenSSL does look"
        );
        for (list, authority) in [("list0.pem", "issuer.pem"), ("list1.pem", "root.pem")] {
            assert_eq!(files.gnutls_list(list, authority).await.code, 0);
        }
    }

    operator
        .revokes_certificate(&pump, &revoked)
        .await
        .because("key_compromise")
        .await;
    lists[0] = eventually("it is listed", || async {
        let list = lists[0].again().await;
        list.lists(revoked.leaf()).then_some(list)
    })
    .await;

    let files = files_of(&revoked, &lists);
    let openssl = files.openssl().await;
    assert!(
        openssl.code != 0 && openssl.err.contains("certificate revoked"),
        "{openssl:?}"
    );
    let gnutls = files.gnutls().await;
    assert!(gnutls.code != 0 && gnutls.out.contains("revoked"), "{gnutls:?}");
    let python = files.python().await;
    let status: Value = serde_json::from_str(&python.out).expect("JSON");
    assert_eq!(
        (python.code, &status["trusted"]),
        (1, &false.into()),
        "{python:?}"
    );
    let files = files_of(&good, &lists);
    for (stack, said) in [
        ("OpenSSL", files.openssl().await),
        ("GnuTLS", files.gnutls().await),
        ("Python", files.python().await),
    ] {
        assert_eq!(said.code, 0, "{stack}, of its neighbour: {said:?}");
    }
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pkilint_finds_no_error_in_certificates_authorities_and_lists() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let pump = group.device("pump-1");
    let certified = pump.enrolls(&KeyPair::new()).await.certified();
    // A list with an entry has more to be found fault with than an empty one.
    let fan = group.device("fan-1");
    let revoked = fan.enrolls(&KeyPair::new()).await.certified();
    operator
        .revokes_certificate(&fan, &revoked)
        .await
        .because("superseded")
        .await;
    let mut lists = lists_of(&certified).await;
    lists[0] = eventually("it is listed", || async {
        let list = lists[0].again().await;
        list.lists(revoked.leaf()).then_some(list)
    })
    .await;
    let said = files_of(&certified, &lists)
        .lint(&["leaf.pem", "issuer.pem", "root.pem"])
        .await;
    assert_eq!(said.code, 0, "{said:?}");

    let unnamed = KeyPair::new();
    let long = group.device(&"p".repeat(128));
    let long = long.sends(&unnamed.request_without_subject()).await.certified();
    let said = files_of(&long, &lists)
        .lint(&["leaf.pem", "issuer.pem", "root.pem"])
        .await;
    assert_eq!(said.code, 0, "a certificate without a name: {said:?}");
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_certificate_of_the_house_itself_is_sound() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let mut chain = pump.connects().await.server_chain;
    chain.extend(house.server_anchors());
    let server = Certified { chain };
    let lists = lists_of(&server).await;
    let files = files_of(&server, &lists);
    let said = files.lint(&["leaf.pem", "issuer.pem", "root.pem"]).await;
    assert_eq!(said.code, 0, "pkilint: {said:?}");
    let said = files.openssl_for("sslserver").await;
    assert_eq!(said.code, 0, "OpenSSL: {said:?}");
    assert_ne!(files.openssl().await.code, 0, "it is no client");
    house.ends_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_key_is_understood_by_every_stack() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    for (id, kind) in [
        ("pump-1", &rcgen::PKCS_ECDSA_P384_SHA384),
        ("pump-2", &rcgen::PKCS_ED25519),
    ] {
        let certified = group.device(id).enrolls(&KeyPair::by(kind)).await.certified();
        let lists = lists_of(&certified).await;
        let files = files_of(&certified, &lists);
        for (stack, said) in [
            ("OpenSSL", files.openssl().await),
            ("GnuTLS", files.gnutls().await),
        ] {
            assert_eq!(said.code, 0, "{stack}, {id}: {said:?}");
        }
        assert_eq!(
            files.lint(&["leaf.pem", "issuer.pem", "root.pem"]).await.code,
            0,
            "pkilint, {id}"
        );
    }
    house.ends_well().await;
}
