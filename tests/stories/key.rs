// SPDX-License-Identifier: Apache-2.0
//! Keys that are somebody else's, or blocked.

use futures::future::join_all;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::story;

#[story]
async fn a_054_the_key_of_another_device_is_refused() {
    let house = House::new().await;
    let operator = house.operator();
    let (line, other_line) = (
        operator.creates_group("line").await,
        operator.creates_group("other-line").await,
    );
    let key = KeyPair::new();
    let certified = line.device("pump-1").enrolls(&key).await.certified();

    for thief in [
        line.device("pump-2"),
        other_line.device("pump-3"),
        operator.enrolls("pump-4").await.its_device(),
    ] {
        let before = house.stands().await;
        let told = thief.enrolls(&key).await;
        before.only_refused(&told, (409, "key_in_use")).await;
        let before = house.stands().await;
        let told = thief.enrolls_by_payload(&key).await;
        before.only_refused(&told, (409, "key_in_use")).await;
    }
    // Another spelling of the same id is no other device.
    let spelled = line.device("PUMP-1");
    assert_eq!(spelled.enrolls(&key).await.certified(), certified);
    house.ends_well().await;
}

#[story]
async fn one_key_that_twenty_devices_race_for_goes_to_one_of_them() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let key = KeyPair::new();
    let devices: Vec<_> = (0..20).map(|at| group.device(&format!("pump-{at}"))).collect();

    let told = join_all(devices.iter().map(|device| device.enrolls(&key))).await;

    let won = told.iter().filter(|told| told.answer.status == 202).count();
    assert_eq!(won, 1, "one winner");
    for lost in told.iter().filter(|told| told.answer.status != 202) {
        lost.refused(409, "key_in_use");
    }
    assert_eq!(house.signatures(), 1);
    house.ends_well().await;
}

#[story]
async fn a_key_of_the_house_itself_is_refused() {
    let house = House::new().await;
    let memory = house.memory();
    let own = memory
        .number("SELECT count(*) FROM subject_key WHERE role = 'issuer'")
        .await;
    assert_eq!(own, 4, "two roots and two issuers");
    assert!(
        memory
            .number("SELECT count(*) FROM subject_key WHERE role = 'service'")
            .await
            >= 1
    );

    // Nobody outside can prove a key of the house; so a key is made one, as one of an imported issuer will be.
    let group = house.operator().creates_group("line").await;
    for role in ["issuer", "service", "birth", "stranger"] {
        let key = KeyPair::new();
        let statement =
            format!("INSERT INTO subject_key (spki_hash, role, created_at) VALUES ($1, '{role}', 0)");
        memory.writes(&statement, &key.spki_hash()).await;
        let before = house.stands().await;
        let told = group.device("pump-1").enrolls(&key).await;
        before.only_refused(&told, (409, "key_in_use")).await;
    }
    house.ends_well().await;
}

#[story]
async fn a_055_a_compromised_key_is_blocked_for_everybody_for_ever() {
    let mut house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let certified = pump.enrolls(&key).await.certified();
    let struck = operator
        .revokes_certificate(&pump, &certified)
        .await
        .because("key_compromise")
        .await;
    assert_eq!(struck["already"], false);
    assert_eq!(struck["certificates"].as_array().map(Vec::len), Some(1));

    for device in [pump.clone(), group.device("pump-2")] {
        let before = house.stands().await;
        let told = device.enrolls(&key).await;
        before.only_refused(&told, (409, "key_blocked")).await;
    }
    house.restarts().await;
    pump.enrolls(&key).await.refused(409, "key_blocked");
    // The device itself is welcome, on a new key.
    pump.enrolls(&KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_renewed_key_that_is_compromised_loses_every_certificate() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let old = pump.enrolls(&key).await.certified();
    house.lets_pass(std::time::Duration::from_hours(24 * 66)).await;
    let new = pump.enrolls(&key).await.certified();

    operator
        .revokes_certificate(&pump, &new)
        .await
        .because("key_compromise")
        .await;

    for certified in [&old, &new] {
        let seen = operator.looks_at_certificate(&pump, certified).await;
        assert_eq!(seen["state"], "revoked", "both stood on the key: {seen}");
    }
    house.ends_well().await;
}
