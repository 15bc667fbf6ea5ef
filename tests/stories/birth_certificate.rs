// SPDX-License-Identifier: Apache-2.0
//! Devices that prove themselves by a birth certificate: the table of what a request becomes, as for symmetric keys.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::operator::Operator;
use tamga_tests::story;
use tamga_tests::vendor::{Birth, Vendor};

/// A maker whose root is trusted by the group `line`.
async fn trusted(house: &House, operator: &Operator) -> Vendor {
    let vendor = Vendor::root("Pump Works Root", &house.clock);
    operator.brings_anchor("pump-works", &vendor, json!({})).await;
    operator.trusts("pump-works", "line").await;
    vendor
}

#[story]
async fn every_road_of_a_birth_certificate_leads_to_a_certificate_that_is_current_at_once() {
    let house = House::new().await;
    let operator = house.operator();
    let root = Vendor::root("Pump Works Root", &house.clock);
    let factory = root.intermediate("Pump Works Factory");
    let known = json!({ "intermediates": [data_encoding::BASE64.encode(factory.certificate())] });
    operator.brings_anchor("root", &root, known).await;
    operator.trusts("root", "by-root").await;
    let other = Vendor::root("Fan Works Root", &house.clock).intermediate("Fan Works Factory");
    operator.brings_anchor("fans", &other, json!({})).await;
    operator.trusts("fans", "by-intermediate").await;
    let own = Birth::self_signed("lone-1", &house.clock);
    operator.pins("lone-1", &own).await;

    for (road, id, birth) in [
        ("the root", "pump-1", root.births("pump-1")),
        (
            "an intermediate that is presented",
            "pump-2",
            factory.births("PUMP-2"),
        ),
        (
            "a known intermediate, the leaf alone",
            "pump-3",
            factory.births("pump-3").alone(),
        ),
        (
            "an intermediate that is the anchor",
            "fan-1",
            other.births("fan-1"),
        ),
        ("a self-signed certificate that is pinned", "lone-1", own.clone()),
    ] {
        let device = Device::born(house.door(), id, &birth);
        let told = device.enrolls(&KeyPair::new()).await;
        let certified = told.certified();
        let seen = operator.looks_at_certificate(&device, &certified).await;
        assert_eq!(seen["place"], "current", "{road}");
        device.polls(&told.operation()).await.certified();
        device.looks_up().await.assigned();
    }
    house.ends_well().await;
}

#[story]
async fn the_journal_names_what_a_birth_was_believed_for() {
    let house = House::new().await;
    let operator = house.operator();
    let factory = trusted(&house, &operator)
        .await
        .intermediate("Pump Works Factory");
    let own = Birth::self_signed("lone-1", &house.clock);
    operator.pins("lone-1", &own).await;

    for (id, birth, words) in [
        (
            "pump-1",
            factory.births("pump-1"),
            ["certificate_chain anchor anc_", " depth 1 key "],
        ),
        ("lone-1", own, ["certificate_chain pin primary key ", " of enr_"]),
    ] {
        let told = Device::born(house.door(), id, &birth).registers().await;
        told.assigned();
        let journal = house.memory().journal_of(told.request_id()).await;
        let reason = journal[0].reason.as_deref().unwrap_or_default();
        assert_eq!(journal[0].act, "device.register");
        for word in words {
            assert!(reason.contains(word), "{word:?} in {reason:?}");
        }
    }
    house.ends_well().await;
}

#[story]
async fn fifty_requests_in_parallel_are_one_order_and_one_certificate() {
    let house = House::new().await;
    let vendor = trusted(&house, &house.operator()).await;
    let (pump, key) = (
        Device::born(house.door(), "pump-1", &vendor.births("pump-1")),
        KeyPair::new(),
    );

    let told = join_all((0..50).map(|_| pump.enrolls(&key))).await;

    let first = told[0].certified();
    for told in &told {
        assert_eq!(told.certified(), first);
    }
    assert_eq!(house.signatures(), 1);
    let before = house.stands().await;
    let again = pump.enrolls(&key).await;
    assert_eq!(again.certified(), first, "and so is a retry");
    before.nothing_happened(&again).await;
    house.ends_well().await;
}

#[story]
async fn fifty_first_registrations_in_parallel_are_one_device() {
    let house = House::new().await;
    let vendor = trusted(&house, &house.operator()).await;
    let pump = Device::born(house.door(), "pump-1", &vendor.births("pump-1"));
    let told = join_all((0..50).map(|_| pump.registers())).await;
    for told in &told {
        told.assigned();
    }
    let memory = house.memory();
    assert_eq!(memory.number("SELECT count(*) FROM device").await, 1);
    let births = "SELECT count(*) FROM subject_key WHERE role = 'birth'";
    assert_eq!(memory.number(births).await, 1);
    house.ends_well().await;
}

#[story]
async fn inside_the_window_the_same_key_is_renewed_and_a_new_one_is_provisional() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = trusted(&house, &operator).await;
    let born = |id: &str| Device::born(house.door(), id, &vendor.births(id));
    let (keeper, changer) = (born("keeper-1"), born("changer-1"));
    let (kept, old_key) = (KeyPair::new(), KeyPair::new());
    let old = keeper.enrolls(&kept).await.certified();
    changer.enrolls(&old_key).await.certified();
    house.lets_pass(Duration::from_hours(24 * 65)).await;

    let renewed = keeper.enrolls(&kept).await.certified();
    assert_ne!(renewed, old, "another certificate on the same key");
    assert_eq!(renewed.spki_hash(), old.spki_hash());
    let new = changer.enrolls(&KeyPair::new()).await.certified();
    for (device, certified) in [(&keeper, &renewed), (&changer, &new)] {
        assert_eq!(
            operator.looks_at_certificate(device, certified).await["place"],
            "provisional"
        );
    }
    house.ends_well().await;
}

#[story]
async fn a_new_key_in_one_epoch_is_what_the_group_says() {
    let house = House::new().await;
    let operator = house.operator();
    let (lax, strict) = (
        Vendor::root("Lax Root", &house.clock),
        Vendor::root("Strict Root", &house.clock),
    );
    operator.brings_anchor("lax", &lax, json!({})).await;
    operator.trusts("lax", "lax-line").await;
    operator.brings_anchor("strict", &strict, json!({})).await;
    operator
        .trusts_with("strict", "strict-line", json!({ "rekey": "refuse" }))
        .await;
    let pump = Device::born(house.door(), "pump-1", &lax.births("pump-1"));
    pump.enrolls(&KeyPair::new()).await.certified();
    let new = pump.enrolls(&KeyPair::new()).await.certified();
    assert_eq!(
        operator.looks_at_certificate(&pump, &new).await["place"],
        "provisional"
    );

    let fan = Device::born(house.door(), "fan-1", &strict.births("fan-1"));
    let key = KeyPair::new();
    let old = fan.enrolls(&key).await.certified();
    let before = house.stands().await;
    let told = fan.enrolls(&KeyPair::new()).await;
    before.only_refused(&told, (409, "rekey_refused")).await;
    assert_eq!(fan.enrolls(&key).await.certified(), old);
    house.ends_well().await;
}

#[story]
async fn a_key_revoked_for_compromise_is_blocked_and_a_revoked_device_has_no_road_left() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = trusted(&house, &operator).await;
    let born = |id: &str| Device::born(house.door(), id, &vendor.births(id));
    let (pump, fan) = (born("pump-1"), born("fan-1"));
    let key = KeyPair::new();
    let certified = pump.enrolls(&key).await.certified();
    let revocation = operator.revokes_certificate(&pump, &certified).await;
    revocation.because("key_compromise").await;
    for device in [&pump, &fan] {
        let before = house.stands().await;
        let told = device.enrolls(&key).await;
        before.only_refused(&told, (409, "key_blocked")).await;
    }
    let anew = Arc::new(KeyPair::new());
    let current = pump.enrolls(&anew).await.certified();

    operator.revokes_device(&pump).because("key_compromise").await;
    let own = pump.showing(&Birth::issued(&current.chain, &anew));
    let before = house.stands().await;
    for told in [
        pump.enrolls(&KeyPair::new()).await,
        pump.registers().await,
        pump.looks_up().await,
    ] {
        before.only_refused(&told, (401, "device_revoked")).await;
    }
    let told = own.enrolls(&KeyPair::new()).await;
    before.only_turned_away(&told, (401, "chain_revoked")).await;
    house.ends_well().await;
}

#[story]
async fn a_disabled_group_blocks_what_its_anchor_matched_though_a_farther_one_would_admit() {
    let house = House::new().await;
    let operator = house.operator();
    let root = trusted(&house, &operator).await;
    let factory = root.intermediate("Pump Works Factory");
    operator.brings_anchor("factory", &factory, json!({})).await;
    operator.trusts("factory", "near").await;
    let pump = Device::born(house.door(), "pump-1", &factory.births("pump-1"));
    let key = KeyPair::new();
    let certified = pump.enrolls(&key).await.certified();

    operator.disables("groups/near").await;
    let before = house.stands().await;
    let newcomer = Device::born(house.door(), "pump-2", &factory.births("pump-2"));
    for told in [
        pump.enrolls(&key).await,
        newcomer.enrolls(&key).await,
        newcomer.registers().await,
    ] {
        before.only_refused(&told, (401, "enrollment_disabled")).await;
    }
    let farther = Device::born(house.door(), "pump-3", &root.births("pump-3"));
    farther.registers().await.assigned();
    operator.enables("groups/near").await;
    assert_eq!(
        pump.enrolls(&key).await.certified(),
        certified,
        "nothing was lost"
    );
    house.ends_well().await;
}

#[story]
async fn a_008_a_disabled_pin_never_falls_through_to_a_group() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = trusted(&house, &operator).await;
    let birth = vendor.births("pump-1");
    operator.pins("pump-1", &birth).await;
    operator.disables("enrollments/pump-1").await;

    let pump = Device::born(house.door(), "pump-1", &birth);
    let before = house.stands().await;
    for told in [pump.enrolls(&KeyPair::new()).await, pump.registers().await] {
        before.only_refused(&told, (401, "enrollment_disabled")).await;
    }
    // Another certificate of the same name, which the group's anchor vouches for, proves nothing about a pinned id.
    let other = Device::born(house.door(), "pump-1", &vendor.births("pump-1"));
    let told = other.enrolls(&KeyPair::new()).await;
    before
        .only_turned_away(&told, (401, "certificate_untrusted"))
        .await;
    operator.enables("enrollments/pump-1").await;
    pump.enrolls(&KeyPair::new()).await.certified();
    let told = other.enrolls(&KeyPair::new()).await;
    told.refused(401, "certificate_untrusted");
    house.ends_well().await;
}
