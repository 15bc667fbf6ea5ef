// SPDX-License-Identifier: Apache-2.0
//! A new key within one epoch: what the enrollment's `rekey` policy makes of it, and what becomes of unseen provisionals.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::relying_party::Downloaded;
use tamga_tests::story;

#[story]
async fn where_rekeying_is_allowed_the_new_key_is_provisional_and_an_event() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let pump = group.device("pump-1");
    let (old_key, new_key) = (KeyPair::new(), KeyPair::new());
    let old = pump.enrolls(&old_key).await.certified();

    let told = pump.enrolls(&new_key).await;
    let new = told.certified();

    assert_eq!(
        operator.looks_at_certificate(&pump, &new).await["place"],
        "provisional"
    );
    assert_eq!(
        operator.looks_at_certificate(&pump, &old).await["place"],
        "current"
    );
    let journal = house.memory().journal_of(told.request_id()).await;
    assert_eq!(
        journal.last().and_then(|row| row.reason.as_deref()),
        Some("rekey"),
        "{journal:?}"
    );
    assert_eq!(pump.enrolls(&old_key).await.certified(), old, "both orders stand");
    assert_eq!(pump.enrolls(&new_key).await.certified(), new);
    house.ends_well().await;
}

#[story]
async fn where_rekeying_is_refused_a_new_key_waits_for_the_window() {
    let house = House::new().await;
    let group = house
        .operator()
        .creates_group_with("line", json!({ "rekey": "refuse" }))
        .await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let old = pump.enrolls(&key).await.certified();

    let before = house.stands().await;
    let told = pump.enrolls(&KeyPair::new()).await;
    before.only_refused(&told, (409, "rekey_refused")).await;

    assert_eq!(pump.enrolls(&key).await.certified(), old);
    house.ends_well().await;
}

#[story]
async fn f_24_keys_that_race_for_one_device_leave_one_winner() {
    let house = House::new().await;
    let group = house
        .operator()
        .creates_group_with("line", json!({ "rekey": "refuse" }))
        .await;
    let pump = group.device("pump-1");
    let keys: Vec<KeyPair> = (0..8).map(|_| KeyPair::new()).collect();

    let told = join_all(keys.iter().map(|key| pump.enrolls(key))).await;

    let won: Vec<_> = told.iter().filter(|told| told.answer.status == 202).collect();
    assert_eq!(won.len(), 1, "one winner");
    won[0].certified();
    for lost in told.iter().filter(|told| told.answer.status != 202) {
        lost.refused(409, "rekey_refused");
    }
    assert_eq!(house.signatures(), 1);
    house.ends_well().await;
}

#[story]
async fn a_device_that_changes_its_key_too_often_waits_a_day() {
    let house = House::new().await;
    let group = house
        .operator()
        .creates_group_with("line", json!({ "rekeysPerDay": 11 }))
        .await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let first = pump.enrolls(&key).await.certified();
    for _ in 0..11 {
        pump.enrolls(&KeyPair::new()).await.certified();
    }

    let before = house.stands().await;
    let told = pump.enrolls(&KeyPair::new()).await;
    before.only_refused(&told, (409, "rekey_limit")).await;
    assert_eq!(
        pump.enrolls(&key).await.certified(),
        first,
        "the key it has is served as ever"
    );

    house.lets_pass(Duration::from_hours(25)).await;
    pump.enrolls(&KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_192_no_number_of_deletions_washes_the_limit_away() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator
        .creates_group_with("line", json!({ "rekeysPerDay": 2 }))
        .await;
    let pump = group.device("pump-1");
    pump.enrolls(&KeyPair::new()).await.certified();
    for _ in 0..2 {
        pump.enrolls(&KeyPair::new()).await.certified();
        assert_eq!(operator.deletes("/devices/pump-1").await.status, 200);
    }
    pump.enrolls(&KeyPair::new()).await.certified();
    let before = house.stands().await;
    let told = pump.enrolls(&KeyPair::new()).await;
    before.only_refused(&told, (409, "rekey_limit")).await;
    house.ends_well().await;
}

#[story]
async fn a_190_a_hundred_new_keys_at_once_do_not_exceed_the_limit() {
    let house = House::new().await;
    let group = house
        .operator()
        .creates_group_with("line", json!({ "rekeysPerDay": 11 }))
        .await;
    let pump = group.device("pump-1");
    for _ in 0..11 {
        pump.enrolls(&KeyPair::new()).await.certified();
    }
    // One below the limit, and a hundred ask for that one.
    let keys: Vec<KeyPair> = (0..100).map(|_| KeyPair::new()).collect();
    let told = join_all(keys.iter().map(|key| pump.enrolls(key))).await;
    let mut won = 0;
    for told in &told {
        if told.answer.status != 202 {
            told.refused(409, "rekey_limit");
            continue;
        }
        let operation = told.operation();
        let settled = eventually("the request is settled", || async {
            let told = pump.polls(&operation).await;
            (told.state()["status"] != "assigning").then_some(told)
        })
        .await;
        won += i64::from(settled.state()["status"] == "assigned");
    }
    let orders = house.memory().number("SELECT COUNT(*) FROM issuance_order").await;
    assert_eq!((won, orders), (1, 12), "never beyond the limit");
    house.ends_well().await;
}

#[story]
async fn a_device_whose_new_certificate_was_never_seen_gets_another_however_strict_its_group() {
    let house = House::new().await;
    let strict = json!({ "rekey": "refuse", "rekeysPerDay": 0 });
    let group = house.operator().creates_group_with("line", strict).await;
    let pump = group.device("pump-1");
    pump.enrolls(&KeyPair::new()).await.certified();
    house.lets_pass(Duration::from_hours(24 * 65)).await;
    pump.enrolls(&KeyPair::new()).await.certified();
    pump.enrolls(&KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn an_unseen_provisional_that_is_replaced_is_superseded_stays_good_and_is_never_handed_out_again() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let pump = group.device("pump-1");
    let (first_key, lost_key, last_key) = (KeyPair::new(), KeyPair::new(), KeyPair::new());
    let first = pump.enrolls(&first_key).await.certified();
    let told = pump.enrolls(&lost_key).await;
    let lost = told.certified();

    let last = pump.enrolls(&last_key).await.certified();

    assert_eq!(
        operator.looks_at_certificate(&pump, &lost).await["state"],
        "superseded"
    );
    assert_eq!(
        operator.looks_at_certificate(&pump, &last).await["place"],
        "provisional"
    );
    let before = house.stands().await;
    let again = pump.enrolls(&lost_key).await;
    before.only_refused(&again, (409, "certificate_superseded")).await;
    pump.polls(&told.operation())
        .await
        .failed("certificate_superseded");
    assert!(
        !Downloaded::named_by(lost.leaf()).await.lists(lost.leaf()),
        "it stays good until its notAfter"
    );
    assert_eq!(pump.enrolls(&last_key).await.certified(), last);
    assert_eq!(pump.enrolls(&first_key).await.certified(), first);
    house.ends_well().await;
}
