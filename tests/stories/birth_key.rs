// SPDX-License-Identifier: Apache-2.0
//! The birth key and the credential a device is bound to: what else it may come with, and what it may ask for.

use std::sync::Arc;

use serde_json::{Value, json};
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::operator::Operator;
use tamga_tests::story;
use tamga_tests::vendor::{Birth, Vendor};

/// A maker whose root is trusted by a group of its own.
async fn trusted(house: &House, operator: &Operator, name: &str) -> Vendor {
    let vendor = Vendor::root(&format!("{name} Root"), &house.clock);
    operator.brings_anchor(name, &vendor, json!({})).await;
    operator.trusts(name, &format!("{name}-line")).await;
    vendor
}

#[story]
async fn the_birth_key_is_no_operational_key() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = trusted(&house, &operator, "pumps").await;
    let pinned = Birth::self_signed("lone-1", &house.clock);
    operator.pins("lone-1", &pinned).await;

    for (id, birth) in [("pump-1", vendor.births("pump-1")), ("lone-1", pinned)] {
        let device = Device::born(house.door(), id, &birth);
        let before = house.stands().await;
        let told = device.enrolls(&birth.key).await;
        before.only_refused(&told, (409, "key_in_use")).await;
        let certified = device.enrolls(&KeyPair::new()).await.certified();
        let before = house.stands().await;
        let told = device.enrolls(&birth.key).await;
        before.only_refused(&told, (409, "key_in_use")).await;
        assert_ne!(certified.spki_hash(), birth.key.spki_hash());
    }
    house.ends_well().await;
}

#[story]
async fn a_018_a_birth_key_is_one_devices_and_no_others_with_or_without_a_request() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = trusted(&house, &operator, "pumps").await;
    let birth = vendor.births("pump-1");
    Device::born(house.door(), "pump-1", &birth)
        .registers()
        .await
        .assigned();

    let twin = Device::born(house.door(), "pump-2", &vendor.births_on(&birth.key, "pump-2"));
    let before = house.stands().await;
    for told in [
        twin.registers().await,
        twin.enrolls(&KeyPair::new()).await,
        twin.looks_up().await,
    ] {
        before.only_refused(&told, (409, "key_in_use")).await;
    }
    // Nor is it anybody's operational key, nor an operational key a birth key of another.
    let fan = Device::born(house.door(), "fan-1", &vendor.births("fan-1"));
    let before = house.stands().await;
    let told = fan.enrolls(&birth.key).await;
    before.only_refused(&told, (409, "key_in_use")).await;
    let own = Arc::new(KeyPair::new());
    fan.enrolls(&own).await.certified();
    let borrowed = Device::born(house.door(), "pump-3", &vendor.births_on(&own, "pump-3"));
    let before = house.stands().await;
    before
        .only_refused(&borrowed.registers().await, (409, "key_in_use"))
        .await;
    house.ends_well().await;
}

#[story]
async fn a_birth_certificate_made_anew_by_the_same_maker_is_the_same_credential() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = trusted(&house, &operator, "pumps").await;
    let pump = Device::born(house.door(), "pump-1", &vendor.births("pump-1"));
    let key = KeyPair::new();
    let certified = pump.enrolls(&key).await.certified();
    let anew = pump.showing(&vendor.births("PUMP-1"));
    assert_eq!(anew.enrolls(&key).await.certified(), certified);
    anew.enrolls(&KeyPair::new()).await.certified();
    let births = "SELECT count(*) FROM subject_key WHERE role = 'birth'";
    assert_eq!(house.memory().number(births).await, 2, "both are the device's");
    house.ends_well().await;
}

#[story]
async fn a_device_is_bound_to_its_makers_group_and_to_its_method() {
    let house = House::new().await;
    let operator = house.operator();
    let (pumps, fans) = (
        trusted(&house, &operator, "pumps").await,
        trusted(&house, &operator, "fans").await,
    );
    let keyed = operator.creates_group("keyed").await;
    let (pump, key) = (
        Device::born(house.door(), "pump-1", &pumps.births("pump-1")),
        KeyPair::new(),
    );
    let certified = pump.enrolls(&key).await.certified();
    let by_key = keyed.device("valve-1");
    by_key.registers().await.assigned();

    let before = house.stands().await;
    for elsewhere in [
        // The same name by another maker who is trusted, a key of another group, and a certificate for one bound to a key.
        Device::born(house.door(), "pump-1", &fans.births("pump-1")),
        keyed.device("pump-1"),
        Device::born(house.door(), "valve-1", &pumps.births("valve-1")),
    ] {
        for told in [
            elsewhere.registers().await,
            elsewhere.enrolls(&KeyPair::new()).await,
            elsewhere.enrolls(&key).await,
            elsewhere.looks_up().await,
        ] {
            before.only_refused(&told, (401, "identity_bound")).await;
        }
    }
    // The same name by a maker nobody trusts, even under the name of the one that is.
    for stranger in [
        Vendor::root("Nobody Root", &house.clock),
        Vendor::root("pumps Root", &house.clock),
    ] {
        let thief = Device::born(house.door(), "pump-1", &stranger.births("pump-1"));
        let told = thief.enrolls(&KeyPair::new()).await;
        before
            .only_turned_away(&told, (401, "certificate_untrusted"))
            .await;
    }
    assert_eq!(pump.enrolls(&key).await.certified(), certified);
    house.ends_well().await;
}

#[story]
async fn a_020_a_birth_certificate_speaks_for_the_device_it_names_and_for_no_other() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = trusted(&house, &operator, "pumps").await;
    let birth = vendor.births("pump-1");
    let told = Device::born(house.door(), "pump-1", &birth).registers().await;
    let other = Device::born(house.door(), "pump-2", &vendor.births("pump-2"));
    other.registers().await.assigned();

    let before = house.stands().await;
    let pretender = Device::born(house.door(), "pump-2", &birth);
    for refused in [
        pretender.registers().await,
        pretender.enrolls(&KeyPair::new()).await,
        pretender.looks_up().await,
        pretender.polls(&told.operation()).await,
    ] {
        before.only_turned_away(&refused, (401, "certificate_name")).await;
    }
    let told = other.polls(&told.operation()).await;
    before.only_refused(&told, (404, "not_found")).await;
    house.ends_well().await;
}

#[story]
async fn what_an_id_is_enrolled_with_is_not_told_to_who_has_something_else() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = trusted(&house, &operator, "pumps").await;
    let keyed = operator.creates_group("keyed").await;
    let pinned = Birth::self_signed("lone-1", &house.clock);
    operator.pins("lone-1", &pinned).await;
    operator.enrolls("keyed-1").await;

    let before = house.stands().await;
    let stranger = Vendor::root("Nobody Root", &house.clock);
    // One that is pinned, one that has a key of its own, one that nobody knows: a stranger is told the same of each.
    let mut told = Vec::new();
    for id in ["lone-1", "keyed-1", "nobody-1"] {
        let mut wrong = keyed.device(id);
        wrong.key = keyed.secondary.derived_for("somebody-else");
        let by_token = wrong.registers().await;
        before.only_turned_away(&by_token, (401, "token_signature")).await;
        let shown = Device::born(house.door(), id, &stranger.births(id));
        let by_certificate = shown.registers().await;
        before
            .only_turned_away(&by_certificate, (401, "certificate_untrusted"))
            .await;
        told.push((
            by_token.answer.json()["message"].clone(),
            by_certificate.answer.json()["message"].clone(),
        ));
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    // Whoever holds a good credential of the other kind is a stranger to an individual enrollment, too.
    let shown = Device::born(house.door(), "keyed-1", &vendor.births("keyed-1"));
    let told = shown.registers().await;
    before
        .only_turned_away(&told, (401, "certificate_untrusted"))
        .await;
    let told = keyed.device("lone-1").registers().await;
    before.only_turned_away(&told, (401, "token_signature")).await;
    house.ends_well().await;
}

#[story]
async fn a_192_what_a_revoked_device_was_born_with_comes_under_no_other_name() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = trusted(&house, &operator, "pumps").await;
    let birth = vendor.births("pump-1");
    let pump = Device::born(house.door(), "pump-1", &birth);
    pump.enrolls(&KeyPair::new()).await.certified();
    operator
        .revokes_device(&pump)
        .because("privilege_withdrawn")
        .await;
    assert_eq!(operator.deletes("/devices/pump-1").await.status, 200);
    let twin = Device::born(house.door(), "pump-2", &vendor.births_on(&birth.key, "pump-2"));
    let before = house.stands().await;
    for told in [twin.registers().await, twin.enrolls(&KeyPair::new()).await] {
        before.only_refused(&told, (409, "key_in_use")).await;
    }
    let restored = operator.posts("/devices/pump-1/restore", &Value::Null).await;
    assert_eq!(restored.status, 204, "{}", restored.text());
    pump.enrolls(&KeyPair::new()).await.certified();
    house.ends_well().await;
}
