// SPDX-License-Identifier: Apache-2.0
//! The epoch rises: in the renewal window, after expiry, after `certificate.revoke`. Make before break.

use std::time::Duration;

use tamga_tests::answer::Certified;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::relying_party::Downloaded;
use tamga_tests::story;

/// Behind the latest instant at which the window of a 90-day certificate opens (67 % and 5 % of jitter).
const INTO_THE_WINDOW: Duration = Duration::from_hours(24 * 66);
const BEYOND_EXPIRY: Duration = Duration::from_hours(24 * 91);

async fn place(house: &House, device: &Device, certified: &Certified) -> (String, String) {
    let seen = house.operator().looks_at_certificate(device, certified).await;
    let word = |name: &str| seen[name].as_str().unwrap_or("none").to_owned();
    (word("state"), word("place"))
}

fn is((state, place): (String, String), expected_state: &str, expected_place: &str) {
    assert_eq!((state.as_str(), place.as_str()), (expected_state, expected_place));
}

#[story]
async fn the_same_key_is_renewed_once_in_the_window_and_both_certificates_are_good() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let old = pump.enrolls(&key).await.certified();
    house.lets_pass(INTO_THE_WINDOW).await;

    let told = pump.enrolls(&key).await;
    let new = told.certified();

    assert_ne!(new.serial(), old.serial());
    assert_eq!(new.spki_hash(), old.spki_hash());
    assert!(new.read().validity().not_after > old.read().validity().not_after);
    is(place(&house, &pump, &old).await, "issued", "current");
    is(place(&house, &pump, &new).await, "issued", "provisional");
    let list = Downloaded::named_by(new.leaf()).await;
    assert!(
        !list.lists(old.leaf()) && !list.lists(new.leaf()),
        "nothing is said against either"
    );
    let journal = house.memory().journal_of(told.request_id()).await;
    assert_eq!(
        journal.last().and_then(|row| row.reason.as_deref()),
        Some("renewal"),
        "{journal:?}"
    );

    assert_eq!(
        pump.enrolls(&key).await.certified(),
        new,
        "the epoch has risen once, not twice"
    );
    assert_eq!(house.signatures(), 2);
    house.ends_well().await;
}

#[story]
async fn in_the_window_twenty_parallel_requests_raise_the_epoch_once() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let old = pump.enrolls(&key).await.certified();
    house.lets_pass(INTO_THE_WINDOW).await;
    let told = futures::future::join_all((0..20).map(|_| pump.enrolls(&key))).await;
    let new = told[0].certified();
    assert_ne!(new, old);
    assert!(told.iter().all(|told| told.certified() == new));
    assert_eq!(house.signatures(), 2);
    house.ends_well().await;
}

#[story]
async fn a_new_key_in_the_window_is_provisional_and_both_certificates_are_good() {
    let house = House::new().await;
    let group = house
        .operator()
        .creates_group_with("line", serde_json::json!({ "rekey": "refuse" }))
        .await;
    let (pump, old_key, new_key) = (group.device("pump-1"), KeyPair::new(), KeyPair::new());
    let old = pump.enrolls(&old_key).await.certified();
    house.lets_pass(INTO_THE_WINDOW).await;

    let new = pump.enrolls(&new_key).await.certified();

    assert_eq!(new.spki_hash(), new_key.spki_hash());
    is(place(&house, &pump, &old).await, "issued", "current");
    is(place(&house, &pump, &new).await, "issued", "provisional");
    assert_eq!(pump.enrolls(&new_key).await.certified(), new);
    house.ends_well().await;
}

#[story]
async fn after_expiry_the_same_key_gets_a_certificate_that_is_current_at_once() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let old = pump.enrolls(&key).await.certified();
    house.lets_pass(BEYOND_EXPIRY).await;
    let new = pump.enrolls(&key).await.certified();
    assert_ne!(new, old);
    is(place(&house, &pump, &new).await, "issued", "current");
    assert_eq!(pump.enrolls(&key).await.certified(), new);
    house.ends_well().await;
}

#[story]
async fn after_its_certificate_is_revoked_the_device_enrolls_anew_on_either_key() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    for (id, same) in [("pump-1", true), ("pump-2", false)] {
        let (pump, key, other) = (group.device(id), KeyPair::new(), KeyPair::new());
        let told = pump.enrolls(&key).await;
        let old = told.certified();
        operator
            .revokes_certificate(&pump, &old)
            .await
            .because("cessation_of_operation")
            .await;
        pump.polls(&told.operation()).await.failed("certificate_revoked");

        let key = if same { &key } else { &other };
        let new = pump.enrolls(key).await.certified();

        assert_ne!(new.serial(), old.serial());
        is(place(&house, &pump, &old).await, "revoked", "none");
        is(place(&house, &pump, &new).await, "issued", "current");
        assert_eq!(pump.enrolls(key).await.certified(), new);
    }
    house.ends_well().await;
}

#[story]
async fn a_profile_that_demands_rotation_refuses_the_same_key_at_renewal() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    demand_rotation(&house).await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let old = pump.enrolls(&key).await.certified();
    assert_eq!(
        pump.enrolls(&key).await.certified(),
        old,
        "a repeat is no renewal"
    );
    house.lets_pass(INTO_THE_WINDOW).await;

    let before = house.stands().await;
    let told = pump.enrolls(&key).await;
    before.only_refused(&told, (409, "rotation_required")).await;

    let new = pump.enrolls(&KeyPair::new()).await.certified();
    is(place(&house, &pump, &new).await, "issued", "provisional");
    house.ends_well().await;
}

/// A new revision of the profile `device`, written where the admin plane's road to profiles will lead.
async fn demand_rotation(house: &House) {
    let memory = house.memory();
    let rotating = memory.either(
        "json_set(config, '$.rotation', 'required')",
        "jsonb_set(config::jsonb, '{rotation}', '\"required\"')::text",
    );
    let revision = format!(
        "INSERT INTO profile_revision SELECT profile_id, 2, {rotating}, created_at \
         FROM profile_revision WHERE profile_id = (SELECT id FROM profile WHERE name = 'device')"
    );
    let statements = [
        revision.as_str(),
        "UPDATE profile SET revision = 2 WHERE name = 'device'",
        "UPDATE installation SET policy_version = policy_version + 1",
    ];
    for statement in statements {
        memory.writes(statement, &[]).await;
    }
    // Other replicas learn of a change within a second; this one wrote it behind the house's back.
    let group = house.operator().creates_group("whoever").await;
    drop(group);
}
