// SPDX-License-Identifier: Apache-2.0
//! The first CSR of an admitted device: a certificate, current at once.

use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::relying_party::read;
use tamga_tests::story;

#[story]
async fn a_device_of_a_group_gets_its_first_certificate_and_it_is_current_at_once() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("Line-1").await;
    let (pump, key) = (group.device("Pump-1"), KeyPair::new());

    let told = pump.enrolls(&key).await;
    let certified = told.certified();

    assert_eq!(
        told.answer.status, 202,
        "C# and the identity service take nothing else"
    );
    assert_eq!(certified.chain.len(), 3, "leaf, issuer, root");
    assert_eq!(
        certified.chain.last(),
        house.device_anchors().first(),
        "the root the house prints"
    );
    for pair in certified.chain.windows(2) {
        let above = read(&pair[1]);
        read(&pair[0])
            .verify_signature(Some(above.public_key()))
            .expect("each signs the one before");
    }
    let state = told.state();
    assert_eq!(state["registrationId"], "Pump-1", "as presented");
    assert_eq!(state["symmetricKey"]["enrollmentGroupId"], "Line-1");
    let seen = operator.looks_at_certificate(&pump, &certified).await;
    assert_eq!(
        (&seen["state"], &seen["place"], &seen["epoch"]),
        (&"issued".into(), &"current".into(), &1.into())
    );

    let journal = house.memory().journal_of(told.request_id()).await;
    let acts: Vec<(&str, &str)> = journal
        .iter()
        .map(|row| (row.act.as_str(), row.outcome.as_str()))
        .collect();
    assert_eq!(
        acts,
        [("device.register", "done"), ("certificate.issue", "done")],
        "{journal:?}"
    );
    assert_eq!(journal[1].reason.as_deref(), Some("first"));
    assert_eq!(
        journal[1].object,
        seen["id"].as_str().unwrap_or_default(),
        "the journal names the certificate"
    );
    house.ends_well().await;
}

#[story]
async fn a_device_of_its_own_enrollment_is_served_by_either_of_its_keys() {
    let house = House::new().await;
    let enrollment = house.operator().enrolls("pump-2").await;
    let key = KeyPair::new();
    let by_primary = enrollment.its_device().enrolls(&key).await;
    assert!(
        by_primary.state()["symmetricKey"].is_null(),
        "no group admitted it"
    );

    let mut device = enrollment.its_device();
    device.key = enrollment.secondary.clone();
    assert_eq!(device.enrolls(&key).await.certified(), by_primary.certified());
    house.ends_well().await;
}

#[story]
async fn a_device_may_register_first_and_ask_for_a_certificate_later() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("pump-3"), KeyPair::new());

    let registered = pump.registers().await;
    assert!(
        registered.assigned().chain().is_empty(),
        "nobody asked for a certificate"
    );
    assert_eq!(
        pump.polls(&registered.operation()).await.assigned().answer.status,
        200
    );

    let certified = pump.enrolls(&key).await.certified();
    let looked_up = pump.looks_up().await;
    assert!(
        looked_up.assigned().chain().is_empty(),
        "a lookup never hands a certificate out"
    );
    assert_eq!(looked_up.answer.status, 200);
    assert_eq!(
        house.operator().looks_at_certificate(&pump, &certified).await["place"],
        "current"
    );
    house.ends_well().await;
}

#[story]
async fn every_kind_of_key_is_certified() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let kinds = [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
    ];
    for (at, kind) in kinds.into_iter().enumerate() {
        let key = KeyPair::by(kind);
        let certified = group
            .device(&format!("pump-{at}"))
            .enrolls(&key)
            .await
            .certified();
        assert_eq!(certified.spki_hash(), key.spki_hash());
    }
    house.ends_well().await;
}

#[story]
async fn an_id_too_long_for_a_name_stands_in_the_san_alone() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let id = "p".repeat(128);
    let key = KeyPair::new();
    let certified = group
        .device(&id)
        .sends(&key.request_without_subject())
        .await
        .certified();
    assert_eq!(certified.read().subject().iter_common_name().count(), 0);
    house.ends_well().await;
}
