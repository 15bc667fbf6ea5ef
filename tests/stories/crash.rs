// SPDX-License-Identifier: Apache-2.0
//! Between intent and record: recovery finishes the very bytes that were kept, or records their serial as revoked.

use std::time::Duration;

use tamga_tests::answer::Told;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::relying_party::Downloaded;
use tamga_tests::story;
use tamga_tests::topology::Topology;

/// Longer than an order is leased to the hand that began it.
const BEYOND_THE_LEASE: Duration = Duration::from_secs(61);

/// An intent as its row tells of it.
struct Intent {
    state: String,
    serial: Vec<u8>,
    tbs_hash: Vec<u8>,
    has_certificate: bool,
}

async fn intents(house: &House) -> Vec<Intent> {
    let query = "SELECT state, serial, tbs_hash, der IS NOT NULL FROM certificate WHERE device_id IS NOT NULL ORDER BY id";
    let rows = house.memory().rows(query).await;
    rows.iter()
        .map(|row| Intent {
            state: row.get(0),
            serial: row.get(1),
            tbs_hash: row.get(2),
            has_certificate: row.get(3),
        })
        .collect()
}

/// Waits until the one intent is no longer open.
async fn settled(house: &House) -> Intent {
    eventually("recovery settles the order", || async {
        let intent = intents(house).await.remove(0);
        (intent.state != "intended").then_some(intent)
    })
    .await
}

/// A house that answers soon, a device of it, and its key.
async fn hasty() -> (House, Device, KeyPair) {
    let house = House::with(|settings| settings.door.patience = Duration::from_millis(200)).await;
    let group = house.operator().creates_group("line").await;
    let device = group.device("pump-1");
    (house, device, KeyPair::new())
}

/// The key of the issuer cannot be reached: a fault of ours, which the device is told as such.
async fn fails_to_sign(house: &House, device: &Device, key: &KeyPair) -> Intent {
    house.watch.lets_fail(1);
    let told = device.enrolls(key).await;
    match Topology::here() {
        Topology::Sqlite | Topology::Postgres => assert_our_fault(&told),
        // A door without keys knows no more than that the request is stored.
        Topology::Split => {
            told.assigning();
        }
    }
    house.keeps_its_secrets(&told.answer.text());
    let mut kept = eventually("an intent is kept", || async {
        let kept = intents(house).await;
        (!kept.is_empty()).then_some(kept)
    })
    .await;
    assert_eq!(kept.len(), 1, "one intent");
    let intent = kept.remove(0);
    assert_eq!(
        (intent.state.as_str(), intent.has_certificate),
        ("intended", false)
    );
    intent
}

fn assert_our_fault(told: &Told) {
    let body = told.answer.json();
    assert_eq!(
        (told.answer.status, &body["errorCode"]),
        (500, &500_000.into()),
        "{body}"
    );
    assert!(
        body["trackingId"].is_string() && body["info"].is_null(),
        "an id, and no cause: {body}"
    );
}

#[story]
async fn an_intent_that_was_not_signed_is_finished_on_the_same_bytes() {
    let (house, pump, key) = hasty().await;
    let intent = fails_to_sign(&house, &pump, &key).await;
    pump.enrolls(&key).await.assigning();

    // Recovery looks every half minute, and at each start; this story waits for it to look.
    house.clock.pass(BEYOND_THE_LEASE);
    let finished = settled(&house).await;

    assert_eq!(
        (&finished.serial, &finished.tbs_hash),
        (&intent.serial, &intent.tbs_hash)
    );
    let certified = pump.enrolls(&key).await.certified();
    assert_eq!(certified.read().raw_serial(), intent.serial, "the same serial");
    assert_eq!(house.signatures(), 2, "asked twice, for the same bytes");
    let asked = house.watch.asked();
    assert!(
        asked
            .iter()
            .filter(|asked| asked.digest.as_slice() == intent.tbs_hash)
            .count()
            == 2
    );
    assert_eq!(intents(&house).await.len(), 1);
    house.ends_well().await;
}

#[story]
async fn a_house_that_dies_between_intent_and_record_finishes_after_its_restart() {
    let (mut house, pump, key) = hasty().await;
    house.watch.holds();
    let told = pump.enrolls(&key).await;
    told.assigning();
    // A door that is in a hurry may say so before the intent is kept.
    let intent = eventually("the intent is kept", || async { intents(&house).await.pop() }).await;

    house.crashes();
    // What was in the middle of signing is signed after the house is gone: that signature is lost.
    house.watch.lets_go();
    house.clock.pass(BEYOND_THE_LEASE);
    house.starts_again().await;
    settled(&house).await;

    let certified = pump.enrolls(&key).await.certified();
    assert_eq!(certified.read().raw_serial(), intent.serial, "the same serial");
    assert_eq!(
        pump.polls(&told.operation()).await.certified(),
        certified,
        "the old operation still answers"
    );
    assert_eq!(intents(&house).await.len(), 1);
    house.ends_well().await;
}

#[story]
async fn an_intent_whose_second_ended_while_it_was_drafted_is_finished_all_the_same() {
    let (mut house, pump, key) = hasty().await;
    house.clock.stride(Duration::from_millis(1_500));
    let intent = fails_to_sign(&house, &pump, &key).await;
    house.clock.stride(Duration::ZERO);

    house.clock.pass(BEYOND_THE_LEASE);
    house.restarts().await;
    settled(&house).await;

    let certified = pump.enrolls(&key).await.certified();
    assert_eq!(certified.read().raw_serial(), intent.serial, "the same serial");
    house.ends_well().await;
}

#[story]
async fn an_intent_whose_device_was_revoked_is_recorded_as_revoked() {
    let (mut house, pump, key) = hasty().await;
    let intent = fails_to_sign(&house, &pump, &key).await;
    house
        .operator()
        .revokes_device(&pump)
        .because("key_compromise")
        .await;

    house.clock.pass(BEYOND_THE_LEASE);
    house.restarts().await;
    let settled = settled(&house).await;

    assert_eq!(
        (settled.state.as_str(), &settled.serial),
        ("revoked", &intent.serial)
    );
    let neighbour = house.operator().creates_group("other").await.device("pump-2");
    let certified = neighbour.enrolls(&KeyPair::new()).await.certified();
    let list = Downloaded::named_by(certified.leaf()).await;
    eventually("its serial is listed", || async {
        list.again().await.lists_serial(&intent.serial).then_some(())
    })
    .await;
    pump.enrolls(&key).await.refused(401, "device_revoked");
    house.ends_well().await;
}

#[story]
async fn an_intent_that_is_too_old_is_given_up_and_the_device_enrolls_anew() {
    let (mut house, pump, key) = hasty().await;
    let intent = fails_to_sign(&house, &pump, &key).await;

    house.clock.pass(Duration::from_hours(25));
    house.restarts().await;
    let settled = settled(&house).await;
    assert_eq!(
        (settled.state.as_str(), settled.has_certificate),
        ("revoked", false),
        "its serial is spent"
    );

    let certified = pump.enrolls(&key).await.certified();
    assert_ne!(
        certified.read().raw_serial(),
        intent.serial,
        "a serial is never used twice"
    );
    let list = Downloaded::named_by(certified.leaf()).await;
    eventually("the spent serial is listed", || async {
        list.again().await.lists_serial(&intent.serial).then_some(())
    })
    .await;
    let journal = house.memory().journal("WHERE act = 'order.fail'").await;
    assert_eq!(journal.len(), 1, "{journal:?}");
    assert_eq!(journal[0].reason.as_deref(), Some("intent_too_old"));
    house.ends_well().await;
}

#[story]
async fn a_signature_that_fails_for_one_device_costs_its_neighbours_nothing() {
    let (house, pump, key) = hasty().await;
    fails_to_sign(&house, &pump, &key).await;
    let group = house.operator().creates_group("other").await;
    let devices: Vec<_> = (0..8)
        .map(|at| (group.device(&format!("fan-{at}")), KeyPair::new()))
        .collect();
    // They ask again until they have it: this house answers soon.
    let served = devices.iter().map(|(fan, key)| {
        eventually("a neighbour is served", async || {
            let told = fan.enrolls(key).await;
            (!told.chain().is_empty()).then(|| told.certified())
        })
    });
    futures::future::join_all(served).await;
    house.ends_well().await;
}
