// SPDX-License-Identifier: Apache-2.0
//! The invariants and the oracle themselves: what they are to notice, they notice.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::story;

/// What the panic of some work says.
async fn complaint(work: impl Future<Output = ()>) -> String {
    let caught = AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .expect_err("it complains");
    let text = caught.downcast_ref::<String>().cloned();
    text.or_else(|| caught.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .expect("words")
}

// Its damage is written, and mended, in SQLite's words.
#[story(sqlite)]
async fn the_end_of_a_story_knows_what_was_handed_out_and_what_was_signed() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let memory = house.memory();
    group.device("pump-1").enrolls(&KeyPair::new()).await.certified();
    house.is_lawful().await;
    memory
        .rows("CREATE TABLE kept AS SELECT * FROM certificate WHERE device_id IS NOT NULL")
        .await;
    let breaches = [
        (
            "I-03 signed_as_intended",
            "UPDATE certificate SET tbs_hash = (SELECT tbs_hash FROM crl LIMIT 1) WHERE device_id IS NOT NULL",
        ),
        (
            "I-07 handed_out_recorded",
            "UPDATE certificate SET der = NULL, state = 'intended' WHERE device_id IS NOT NULL",
        ),
    ];
    for (invariant, breach) in breaches {
        memory.writes(breach, &[]).await;
        let said = complaint(house.is_lawful()).await;
        assert!(said.contains(invariant), "{breach}: {said}");
        // What was changed is changed back: each breach stands alone.
        let restored = "REPLACE INTO certificate SELECT * FROM kept";
        memory.writes(restored, &[]).await;
        house.is_lawful().await;
    }
}

#[story]
async fn the_oracle_notices_what_happened() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let before = house.stands().await;
    let told = group.device("pump-1").enrolls(&KeyPair::new()).await;
    assert!(
        complaint(before.nothing_happened(&told))
            .await
            .contains("changed with")
    );
    assert!(
        complaint(before.only_refused(&told, (409, "key_in_use")))
            .await
            .contains("expected key_in_use")
    );
    assert_eq!(house.signatures(), 1);
    // A secret in an answer is noticed, whoever's it is.
    let leak = group.primary.to_base64();
    let noticed = std::panic::catch_unwind(AssertUnwindSafe(|| house.keeps_its_secrets(&leak)));
    assert!(noticed.is_err());
    house.ends_well().await;
}
