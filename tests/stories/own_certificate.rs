// SPDX-License-Identifier: Apache-2.0
//! A device's own certificate proves it too: over mutual TLS, without a token, and as long as its row says so.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tamga_tests::answer::{Certified, Told};
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::story;
use tamga_tests::vendor::{Birth, Vendor};

/// The certificate as its device shows it.
fn own(certified: &Certified, key: &Arc<KeyPair>) -> Birth {
    Birth::issued(&certified.chain, key)
}

fn new_key() -> Arc<KeyPair> {
    Arc::new(KeyPair::new())
}

#[story]
async fn a_device_of_any_method_renews_by_its_own_certificate() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = Vendor::root("Pump Works Root", &house.clock);
    operator.brings_anchor("pumps", &vendor, json!({})).await;
    operator.trusts("pumps", "line").await;
    let pinned = Birth::self_signed("lone-1", &house.clock);
    operator.pins("lone-1", &pinned).await;
    let devices = [
        operator.creates_group("keyed").await.device("keyed-1"),
        operator.enrolls("own-key-1").await.its_device(),
        Device::born(house.door(), "pump-1", &vendor.births("pump-1")),
        Device::born(house.door(), "lone-1", &pinned),
    ];
    let mut holders = Vec::new();
    for device in devices {
        let key = new_key();
        let told = device.enrolls(&key).await;
        let certified = told.certified();
        let holder = device.showing(&own(&certified, &key));
        assert_eq!(holder.enrolls(&key).await.certified(), certified, "a repeat");
        assert_eq!(holder.polls(&told.operation()).await.certified(), certified);
        holder.looks_up().await.assigned();
        holder.registers().await.assigned();
        holders.push(holder);
    }
    house.lets_pass(Duration::from_hours(24 * 65)).await;
    for holder in holders {
        let key = new_key();
        let told = holder.enrolls(&key).await;
        let renewed = told.certified();
        let order = house
            .memory()
            .rows("SELECT evidence FROM issuance_order ORDER BY created_at DESC LIMIT 1");
        let evidence: String = order.await[0].get(0);
        assert!(evidence.starts_with("own_certificate crt_"), "{evidence}");
        // The provisional one proves it as well, and while it is unseen so does the current one.
        let by_new = holder.showing(&own(&renewed, &key));
        assert_eq!(by_new.enrolls(&key).await.certified(), renewed);
        holder.registers().await.assigned();
    }
    let births = "SELECT count(*) FROM subject_key WHERE role = 'birth'";
    assert_eq!(
        house.memory().number(births).await,
        2,
        "our own certificates are nobody's birth"
    );
    house.ends_well().await;
}

#[story]
async fn a_059_one_that_is_revoked_between_the_handshake_and_the_request_proves_nothing() {
    let house = House::new().await;
    let operator = house.operator();
    let pump = operator.creates_group("line").await.device("pump-1");
    let key = new_key();
    let certified = pump.enrolls(&key).await.certified();
    let holder = pump.showing(&own(&certified, &key));
    let mut open = holder.connects().await;
    let request = || holder.register(&json!({ "registrationId": "pump-1" }));
    let first = open.ask(&request()).await.expect("an answer");
    Told { answer: first }.assigned();

    let revocation = operator.revokes_certificate(&pump, &certified).await;
    revocation.because("cessation_of_operation").await;
    let before = house.stands().await;
    let told = Told {
        answer: open.ask(&request()).await.expect("the connection is kept"),
    };
    before.only_turned_away(&told, (401, "chain_revoked")).await;
    let csr = new_key().request("pump-1");
    let told = Told {
        answer: open.ask(&holder.registration_of(&csr)).await.expect("an answer"),
    };
    before.only_turned_away(&told, (401, "chain_revoked")).await;
    let told = holder.enrolls(&new_key()).await;
    before.only_turned_away(&told, (401, "chain_revoked")).await;
    pump.enrolls(&new_key()).await.certified();
    house.ends_well().await;
}

#[story]
async fn one_that_was_replaced_or_has_expired_proves_nothing() {
    let house = House::new().await;
    let pump = house.operator().creates_group("line").await.device("pump-1");
    let (first_key, lost_key, last_key) = (new_key(), new_key(), new_key());
    let first = pump.enrolls(&first_key).await.certified();
    let lost = pump.enrolls(&lost_key).await.certified();
    let last = pump.enrolls(&last_key).await.certified();

    let before = house.stands().await;
    let told = pump.showing(&own(&lost, &lost_key)).registers().await;
    before
        .only_turned_away(&told, (401, "certificate_replaced"))
        .await;
    for (certified, key) in [(&first, &first_key), (&last, &last_key)] {
        pump.showing(&own(certified, key)).registers().await.assigned();
    }
    house.lets_pass(Duration::from_hours(24 * 100)).await;
    let before = house.stands().await;
    let told = pump.showing(&own(&last, &last_key)).enrolls(&new_key()).await;
    before.only_turned_away(&told, (401, "chain_expired")).await;
    house.ends_well().await;
}

#[story]
async fn a_020_it_speaks_for_its_own_device_only() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, fan, key) = (group.device("pump-1"), group.device("fan-1"), new_key());
    let told = pump.enrolls(&key).await;
    let certified = told.certified();
    fan.registers().await.assigned();

    let before = house.stands().await;
    for other in [&fan, &group.device("nobody-1")] {
        let pretender = other.showing(&own(&certified, &key));
        for refused in [
            pretender.registers().await,
            pretender.enrolls(&new_key()).await,
            pretender.polls(&told.operation()).await,
        ] {
            before.only_turned_away(&refused, (401, "certificate_name")).await;
        }
    }
    house.ends_well().await;
}

#[story]
async fn a_056_a_look_alike_of_it_proves_nothing() {
    let house = House::new().await;
    let operator = house.operator();
    let pump = operator.creates_group("line").await.device("pump-1");
    let certified = pump.enrolls(&new_key()).await.certified();
    // The names of the issuer and of the device, and its serial, on keys of the forger's.
    let read = certified.read();
    let issuer = read
        .issuer()
        .iter_common_name()
        .next()
        .and_then(|name| name.as_str().ok());
    let forger = Vendor::root(issuer.expect("the issuer has a name"), &house.clock);
    let alike = forger.births_numbered("pump-1", read.raw_serial());

    let before = house.stands().await;
    for told in [
        pump.showing(&alike).registers().await,
        pump.showing(&alike).enrolls(&new_key()).await,
        pump.showing(&alike.alone()).registers().await,
    ] {
        before
            .only_turned_away(&told, (401, "certificate_untrusted"))
            .await;
    }
    house.ends_well().await;
}

#[story]
async fn one_that_memory_does_not_know_proves_nothing_though_we_signed_it() {
    let house = House::new().await;
    let operator = house.operator();
    let pump = operator.creates_group("line").await.device("pump-1");
    let (key, other_key) = (new_key(), new_key());
    let certified = pump.enrolls(&key).await.certified();
    // As after a restore from a backup that is older than the certificate: no road of the house forgets one.
    let memory = house.memory();
    let serial = certified.read().raw_serial().to_vec();
    let forgotten = memory.either("zeroblob(20)", "decode(repeat('00', 20), 'hex')");
    let forget = format!("UPDATE serial SET serial = {forgotten} WHERE serial = $1");
    memory.writes(&forget, &serial).await;
    let before = house.stands().await;
    let told = pump.showing(&own(&certified, &key)).enrolls(&other_key).await;
    before
        .only_turned_away(&told, (401, "certificate_untrusted"))
        .await;
    let remember = format!("UPDATE serial SET serial = $1 WHERE serial = {forgotten}");
    memory.writes(&remember, &serial).await;
    pump.showing(&own(&certified, &key)).registers().await.assigned();
    house.ends_well().await;
}

#[story]
async fn it_opens_no_door_that_its_enrollment_has_closed() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), new_key());
    let certified = pump.enrolls(&key).await.certified();
    let holder = pump.showing(&own(&certified, &key));
    operator.disables_group(&group).await;
    let before = house.stands().await;
    for told in [holder.enrolls(&new_key()).await, holder.registers().await] {
        before.only_refused(&told, (401, "enrollment_disabled")).await;
    }
    operator.enables_group(&group).await;
    holder.registers().await.assigned();
    house.ends_well().await;
}
