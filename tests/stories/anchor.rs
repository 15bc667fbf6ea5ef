// SPDX-License-Identifier: Apache-2.0
//! Trust anchors: whom they admit, when they have no say, and what their lists say.

use std::time::Duration;

use serde_json::json;
use tamga_tests::device::Device;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::story;
use tamga_tests::vendor::Vendor;
use tamga_tests::wire::Request;

#[story]
async fn a_disabled_anchor_admits_nobody_and_neither_does_what_stands_above_it() {
    let house = House::new().await;
    let operator = house.operator();
    let root = Vendor::root("Pump Works Root", &house.clock);
    let factory = root.intermediate("Pump Works Factory");
    for (name, vendor) in [("root", &root), ("factory", &factory)] {
        operator.brings_anchor(name, vendor, json!({})).await;
        operator.trusts(name, &format!("by-{name}")).await;
    }
    let pump = Device::born(house.door(), "pump-1", &factory.births("pump-1"));
    let key = KeyPair::new();
    let certified = pump.enrolls(&key).await.certified();
    let fan = Device::born(house.door(), "fan-1", &root.births("fan-1"));

    operator.disables("anchors/factory").await;
    let before = house.stands().await;
    let newcomer = Device::born(house.door(), "pump-2", &factory.births("pump-2"));
    for told in [
        pump.enrolls(&key).await,
        pump.registers().await,
        newcomer.registers().await,
    ] {
        before
            .only_turned_away(&told, (401, "certificate_untrusted"))
            .await;
    }
    fan.registers().await.assigned();
    operator.enables("anchors/factory").await;
    assert_eq!(pump.enrolls(&key).await.certified(), certified);
    house.ends_well().await;
}

#[story]
async fn an_anchor_without_a_group_admits_nobody_and_an_expired_one_does_no_longer() {
    let house = House::new().await;
    let operator = house.operator();
    let (idle, short) = (
        Vendor::root("Idle Root", &house.clock),
        Vendor::root_for("Short Root", &house.clock, Duration::from_hours(24 * 10)),
    );
    operator.brings_anchor("idle", &idle, json!({})).await;
    operator.brings_anchor("short", &short, json!({})).await;
    operator.trusts("short", "short-line").await;
    let before = house.stands().await;
    let nobody = Device::born(house.door(), "idle-1", &idle.births("idle-1"));
    let told = nobody.enrolls(&KeyPair::new()).await;
    before
        .only_turned_away(&told, (401, "certificate_untrusted"))
        .await;

    let pump = Device::born(house.door(), "pump-1", &short.births("pump-1"));
    let key = KeyPair::new();
    pump.enrolls(&key).await.certified();
    house.lets_pass(Duration::from_hours(24 * 11)).await;
    let before = house.stands().await;
    let told = pump.enrolls(&key).await;
    before
        .only_turned_away(&told, (401, "certificate_untrusted"))
        .await;
    house.ends_well().await;
}

#[story]
async fn an_expired_birth_certificate_proves_nothing() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = Vendor::root_for(
        "Pump Works Root",
        &house.clock,
        Duration::from_hours(24 * 365 * 20),
    );
    operator.brings_anchor("pumps", &vendor, json!({})).await;
    operator.trusts("pumps", "line").await;
    let pump = Device::born(house.door(), "pump-1", &vendor.births("pump-1"));
    pump.registers().await.assigned();
    house.lets_pass(Duration::from_hours(24 * 365 * 6)).await;
    let before = house.stands().await;
    let told = pump.registers().await;
    before.only_turned_away(&told, (401, "chain_expired")).await;
    house.ends_well().await;
}

#[story]
async fn below_an_anchor_that_asks_for_lists_only_what_fresh_ones_clear_is_admitted() {
    let house = House::new().await;
    let operator = house.operator();
    let root = Vendor::root("Pump Works Root", &house.clock);
    let factory = root.intermediate("Pump Works Factory");
    let known = json!({
        "status": "crl",
        "intermediates": [data_encoding::BASE64.encode(factory.certificate())],
    });
    operator.brings_anchor("root", &root, known).await;
    operator.trusts("root", "line").await;
    let (good, bad) = (factory.births("pump-1"), factory.births("pump-2"));
    let pump = Device::born(house.door(), "pump-1", &good);
    let struck = Device::born(house.door(), "pump-2", &bad);
    let key = KeyPair::new();

    let before = house.stands().await;
    let told = pump.enrolls(&key).await;
    before
        .only_turned_away(&told, (401, "certificate_status_unknown"))
        .await;
    assert_eq!(
        operator.brings_list("root", factory.lists(&[&bad])).await.status,
        200
    );
    let before = house.stands().await;
    let told = pump.enrolls(&key).await;
    before
        .only_turned_away(&told, (401, "certificate_status_unknown"))
        .await;

    // Each authority on the way is cleared by a list of its own.
    assert_eq!(operator.brings_list("root", root.lists(&[])).await.status, 200);
    let certified = pump.enrolls(&key).await.certified();
    let before = house.stands().await;
    let told = struck.enrolls(&KeyPair::new()).await;
    before.only_turned_away(&told, (401, "chain_revoked")).await;

    house.lets_pass(Duration::from_hours(25)).await;
    let before = house.stands().await;
    let told = pump.enrolls(&key).await;
    before
        .only_turned_away(&told, (401, "certificate_status_unknown"))
        .await;
    for list in [root.lists(&[]), factory.lists(&[&bad])] {
        assert_eq!(operator.brings_list("root", list).await.status, 200);
    }
    assert_eq!(pump.enrolls(&key).await.certified(), certified);

    house.lets_pass(Duration::from_secs(2)).await;
    let list = root.lists_authority(&factory);
    assert_eq!(operator.brings_list("root", list).await.status, 200);
    let before = house.stands().await;
    let told = pump.enrolls(&key).await;
    before.only_turned_away(&told, (401, "chain_revoked")).await;
    house.ends_well().await;
}

#[story]
async fn a_list_that_is_old_stale_forged_or_a_strangers_is_not_taken() {
    let house = House::new().await;
    let operator = house.operator();
    let (root, stranger) = (
        Vendor::root("Pump Works Root", &house.clock),
        Vendor::root("Nobody Root", &house.clock),
    );
    // Under the same name, on another key.
    let forger = Vendor::root("Pump Works Root", &house.clock);
    operator
        .brings_anchor("root", &root, json!({ "status": "crl" }))
        .await;
    let older = root.lists(&[]);
    house.lets_pass(Duration::from_secs(2)).await;
    let newer = root.lists(&[]);
    assert_eq!(operator.brings_list("root", newer.clone()).await.status, 200);

    for (list, status, code) in [
        (older, 409, "list_not_newer"),
        (newer, 409, "list_not_newer"),
        (stranger.lists(&[]), 422, "invalid"),
        (forger.lists(&[]), 422, "invalid"),
        (b"no list".to_vec(), 422, "invalid"),
    ] {
        let answer = operator.brings_list("root", list).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (status, &code.into()),
            "{}",
            answer.text()
        );
    }
    let stale = root.lists(&[]);
    house.lets_pass(Duration::from_hours(25)).await;
    let answer = operator.brings_list("root", stale).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (422, &"invalid".into()),
        "{}",
        answer.text()
    );
    let lists = "SELECT count(*) FROM anchor_list";
    assert_eq!(house.memory().number(lists).await, 1);
    house.ends_well().await;
}

#[story]
async fn an_anchor_admits_by_one_group_and_goes_when_none_refers_to_it() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = Vendor::root("Pump Works Root", &house.clock);
    operator.brings_anchor("pumps", &vendor, json!({})).await;
    operator.trusts("pumps", "line").await;
    let named = |anchor: &str| {
        json!({
            "name": "second",
            "attestation": { "type": "x509", "caReferences": { "primary": anchor } },
        })
    };
    let same = json!({ "name": "again", "certificate": data_encoding::BASE64.encode(vendor.certificate()) });
    for (path, body, status, code) in [
        ("/groups", named("pumps"), 409, "anchor_in_use"),
        ("/groups", named("nobody"), 404, "not_found"),
        ("/anchors", same, 409, "certificate_in_use"),
    ] {
        let answer = operator.posts(path, &body).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (status, &code.into()),
            "{}",
            answer.text()
        );
    }
    let delete = tamga_tests::wire::Request::new("DELETE", &operator.target("/anchors/pumps"));
    let answer = operator.asks(delete).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (409, &"anchor_in_use".into())
    );
    let refused = eventually("both refusals of known callers are journalled", || async {
        let rows = house
            .memory()
            .journal("WHERE outcome = 'refused' AND act LIKE 'anchor.%'")
            .await;
        (rows.len() == 2).then_some(rows)
    })
    .await;
    for (row, expected) in refused.iter().zip([
        ("anchor.create", "certificate_in_use"),
        ("anchor.delete", "anchor_in_use"),
    ]) {
        assert_eq!(
            (row.act.as_str(), row.reason.as_deref()),
            (expected.0, Some(expected.1))
        );
        assert!(row.actor.starts_with("local:"), "{row:?}");
    }
    house.ends_well().await;
}

#[story]
async fn a_list_may_be_large_and_no_other_body() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = Vendor::root("Vendor Root", &house.clock);
    operator.brings_anchor("vendor", &vendor, json!({})).await;
    let administrator = operator
        .invites(&operator.organization, "ada", "administrator")
        .await;
    let ada = house.visitor().with_token(&administrator.text);
    let (mebibyte, most) = (1024 * 1024, 16 * 1024 * 1024);
    let before = house.stands().await;
    // By either road, at the limits every listener has: a large list is read, and found to be none.
    for octets in [mebibyte, most] {
        let list = Request::new("POST", &operator.target("/anchors/vendor/lists"))
            .header("Content-Type", "application/pkix-crl")
            .body(vec![0x30; octets]);
        for answer in [operator.asks(list.clone()).await, ada.asks(list).await] {
            before.refused_at_the_rim(&answer, (422, "invalid")).await;
        }
    }
    let keyed = |request: Request| request.header("Idempotency-Key", "key-1");
    for path in [
        "/groups",
        "/anchors/vendor/intermediates",
        "/anchors/vendor/status",
    ] {
        let body = vec![b' '; 100 * 1024];
        let large = Request::new("POST", &operator.target(path))
            .header("Content-Type", "application/json")
            .body(body);
        for request in [large.clone(), keyed(large)] {
            for answer in [
                operator.asks(request.clone()).await,
                ada.asks(request.clone()).await,
            ] {
                before.refused_at_the_rim(&answer, (413, "body_too_large")).await;
            }
        }
    }
    house.ends_well().await;
}
