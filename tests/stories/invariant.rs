// SPDX-License-Identifier: Apache-2.0
//! The invariants and the oracle themselves: what they are to notice, they notice.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_invariant_notices_its_breach() {
    let house = House::new().await;
    let group = house.operator().creates_group("line").await;
    let memory = house.memory();
    for at in 0..2 {
        group
            .device(&format!("pump-{at}"))
            .enrolls(&KeyPair::new())
            .await
            .certified();
    }
    house.is_lawful().await;
    // What is changed is changed back: each breach stands alone.
    memory
        .rows("CREATE TABLE kept AS SELECT * FROM certificate WHERE device_id IS NOT NULL")
        .await;
    let breaches = [
        (
            "I-03",
            "UPDATE certificate SET tbs_hash = (SELECT tbs_hash FROM crl LIMIT 1) WHERE device_id IS NOT NULL",
        ),
        (
            "I-39",
            "UPDATE certificate SET not_after = not_after + 1000000 WHERE device_id IS NOT NULL",
        ),
        (
            "I-16",
            "UPDATE certificate SET spki_hash = zeroblob(32) WHERE id = (SELECT min(id) FROM kept)",
        ),
        (
            "I-07",
            "UPDATE certificate SET der = NULL, state = 'intended' WHERE id = (SELECT min(id) FROM kept)",
        ),
        (
            "I-08",
            "UPDATE certificate SET state = 'revoked', revoked_at = 1, revoked_reason = 'superseded' WHERE id = (SELECT min(id) FROM kept)",
        ),
        (
            "I-27",
            "UPDATE certificate SET state = 'revoked', revoked_at = 1, revoked_reason = 'key_compromise' WHERE id = (SELECT min(id) FROM kept)",
        ),
        (
            "I-13",
            "UPDATE certificate SET device_id = (SELECT max(device_id) FROM kept) WHERE device_id IS NOT NULL",
        ),
        (
            "I-05",
            "UPDATE certificate SET intended_at = intended_at + 7200000000, issued_at = issued_at + 7200000000 WHERE id = (SELECT min(id) FROM kept)",
        ),
        (
            "I-19",
            "UPDATE certificate SET shard = 1 WHERE id = (SELECT min(id) FROM kept)",
        ),
    ];
    for (invariant, breach) in breaches {
        memory.writes(breach, &[]).await;
        let said = complaint(house.is_lawful()).await;
        assert!(said.contains(invariant), "{breach}: {said}");
        let restored = "REPLACE INTO certificate SELECT * FROM kept";
        memory.writes(restored, &[]).await;
        house.is_lawful().await;
    }
    memory.writes("UPDATE lineage SET current_id = NULL", &[]).await;
    assert!(complaint(house.is_lawful()).await.contains("I-13"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
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
