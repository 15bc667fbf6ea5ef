// SPDX-License-Identifier: Apache-2.0
//! Same key, same epoch: the same certificate, byte for byte, however and whenever it is asked for (F-10, F-25).

use std::time::Duration;

use futures::future::join_all;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::sas::{C, C_SHARP, IDENTITY_SERVICE, JAVA};
use tamga_tests::story;

#[story]
async fn a_retry_yields_the_same_bytes_by_every_door_and_spelling() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("Pump-1"), KeyPair::new());
    let first = pump.enrolls(&key).await;
    let certified = first.certified();
    let before = house.stands().await;

    let again = pump.enrolls(&key).await;
    assert_eq!(again.certified(), certified, "another request on the same key");
    assert_eq!(again.operation(), first.operation(), "the same order");
    let payload = pump.enrolls_by_payload(&key).await;
    assert_eq!(payload.certified(), certified, "by the payload");
    assert!(
        payload.state()["issuedCertificateChain"].is_null(),
        "it goes out by the door it came in"
    );
    for dialect in [C, C_SHARP, JAVA, IDENTITY_SERVICE] {
        assert_eq!(
            pump.speaking(dialect).enrolls(&key).await.certified(),
            certified,
            "{}",
            dialect.client
        );
    }
    for derived in ["PUMP-1", "pump-1"] {
        let spelled = pump.spelled("PUMP-1").with_key_of(derived, &group);
        assert_eq!(
            spelled.enrolls(&key).await.certified(),
            certified,
            "another spelling is the same device"
        );
    }
    let polled = pump.polls(&first.operation()).await;
    assert_eq!(polled.certified(), certified, "by a poll");
    assert_eq!(polled.answer.status, 200);

    before.nothing_happened(&polled).await;
    house.ends_well().await;
}

#[story]
async fn twenty_requests_in_parallel_are_one_order_and_one_certificate() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());

    let told = join_all((0..20).map(|_| pump.enrolls(&key))).await;

    let certified = told[0].certified();
    for told in &told {
        assert_eq!(told.certified(), certified);
    }
    assert_eq!(house.signatures(), 1, "one signature for all of them");
    assert_eq!(
        house.memory().number("SELECT count(*) FROM issuance_order").await,
        1
    );
    house.ends_well().await;
}

#[story]
async fn twenty_devices_in_parallel_send_everything_three_times() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let devices: Vec<_> = (0..20)
        .map(|at| (group.device(&format!("pump-{at}")), KeyPair::new()))
        .collect();
    let thrice = devices.iter().flat_map(|device| [device; 3]);
    let told = join_all(thrice.map(|(pump, key)| pump.enrolls(key))).await;
    for same in told.chunks(3) {
        assert_eq!(same[0].certified(), same[1].certified());
        assert_eq!(same[0].certified(), same[2].certified());
    }
    assert_eq!(
        house
            .memory()
            .number("SELECT count(*) FROM certificate WHERE device_id IS NOT NULL")
            .await,
        20
    );
    house.ends_well().await;
}

#[story]
async fn a_retry_after_a_restart_or_a_crash_of_the_house_yields_the_same_bytes() {
    let mut house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let first = pump.enrolls(&key).await;
    let certified = first.certified();

    house.restarts().await;
    assert_eq!(pump.enrolls(&key).await.certified(), certified);
    house.crashes_and_restarts().await;
    assert_eq!(pump.enrolls(&key).await.certified(), certified);
    assert_eq!(pump.polls(&first.operation()).await.certified(), certified);
    assert_eq!(house.signatures(), 1);
    house.ends_well().await;
}

#[story]
async fn f_10_a_lost_reply_costs_nothing() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let csr = key.request("pump-1");
    {
        // The request goes out; the device is gone before the answer.
        let mut wire = pump.connects().await;
        wire.send_request(&pump.registration_of(&csr))
            .await
            .expect("it is sent");
        tamga_tests::patience::eventually("the certificate is recorded", || async {
            let issued = house
                .memory()
                .number("SELECT count(*) FROM certificate WHERE device_id IS NOT NULL AND der IS NOT NULL");
            (issued.await == 1).then_some(())
        })
        .await;
    }
    let certified = pump.sends(&csr).await.certified();
    let recorded: Vec<u8> = house
        .memory()
        .rows("SELECT der FROM certificate WHERE device_id IS NOT NULL")
        .await[0]
        .get(0);
    assert_eq!(certified.leaf(), recorded);
    house.ends_well().await;
}

#[story]
async fn the_hours_within_an_epoch_change_nothing() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let certified = pump.enrolls(&key).await.certified();
    for _ in 0..3 {
        house.lets_pass(Duration::from_hours(24 * 10)).await;
        assert_eq!(pump.enrolls(&key).await.certified(), certified);
    }
    house.ends_well().await;
}
