// SPDX-License-Identifier: Apache-2.0
//! The life of a device as its operator makes it: kept out, restored, bound to another credential, let go, deleted.

use std::sync::Arc;

use serde_json::{Value, json};
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::operator::Operator;
use tamga_tests::patience::eventually;
use tamga_tests::relying_party::Downloaded;
use tamga_tests::story;
use tamga_tests::vendor::{Birth, Vendor};
use tamga_tests::wire::{Answer, Request};

async fn deletes(operator: &Operator, path: &str) -> Answer {
    operator
        .asks(Request::new("DELETE", &operator.target(path)))
        .await
}

/// Does it, with this answer.
async fn acts(operator: &Operator, path: &str, body: &Value, status: u16) -> Answer {
    let answer = operator.posts(path, body).await;
    assert_eq!(answer.status, status, "{path}: {}", answer.text());
    answer
}

fn within(operator: &Operator, organization: &str) -> Operator {
    Operator {
        organization: organization.to_owned(),
        ..operator.clone()
    }
}

#[story]
async fn a_disabled_device_is_refused_by_every_road_and_its_certificate_stays_good() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), Arc::new(KeyPair::new()));
    let told = pump.enrolls(&key).await;
    let certified = told.certified();
    let holder = pump.showing(&Birth::issued(&certified.chain, &key));
    for _ in 0..2 {
        operator.disables("devices/pump-1").await;
    }
    let before = house.stands().await;
    for refused in [
        pump.registers().await,
        pump.enrolls(&key).await,
        pump.enrolls(&KeyPair::new()).await,
        pump.polls(&told.operation()).await,
        pump.looks_up().await,
        holder.enrolls(&key).await,
    ] {
        before.only_refused(&refused, (401, "device_disabled")).await;
    }
    assert_eq!(operator.looks_at(&pump).await["state"], "disabled");
    assert_eq!(
        operator.looks_at_certificate(&pump, &certified).await["state"],
        "issued"
    );
    let list = Downloaded::named_by(certified.leaf()).await;
    assert!(!list.lists(certified.leaf()));
    group.device("pump-2").enrolls(&KeyPair::new()).await.certified();

    operator.enables("devices/pump-1").await;
    assert_eq!(
        pump.enrolls(&key).await.certified(),
        certified,
        "nothing was lost"
    );
    operator.revokes_device(&pump).because("superseded").await;
    let before = house.stands().await;
    for switch in ["enable", "disable"] {
        let answer = operator
            .posts(&format!("/devices/pump-1/{switch}"), &Value::Null)
            .await;
        before.refused_at_the_rim(&answer, (409, "device_revoked")).await;
        let answer = operator
            .posts(&format!("/devices/nobody/{switch}"), &Value::Null)
            .await;
        before.refused_at_the_rim(&answer, (404, "not_found")).await;
    }
    house.ends_well().await;
}

#[story]
async fn a_022_a_device_disabled_while_its_certificate_is_being_signed_never_gets_it() {
    let house = House::new().await;
    let operator = house.operator();
    let (pump, key) = (
        operator.creates_group("line").await.device("pump-1"),
        KeyPair::new(),
    );
    pump.registers().await.assigned();
    house.watch.holds();
    let (told, ()) = tokio::join!(pump.enrolls(&key), async {
        eventually("the intent is kept", || async {
            let intended = "SELECT count(*) FROM certificate WHERE state = 'intended'";
            (house.memory().number(intended).await == 1).then_some(())
        })
        .await;
        operator.disables("devices/pump-1").await;
        house.watch.lets_go();
    });
    told.refused(401, "device_disabled");
    let recorded = "SELECT count(*) FROM certificate WHERE device_id IS NOT NULL AND der IS NOT NULL";
    assert_eq!(house.memory().number(recorded).await, 0);
    operator.enables("devices/pump-1").await;
    operator.revokes_device(&pump).because("superseded").await;
    house.ends_well().await;
}

#[story]
async fn a_restored_device_enrolls_anew_and_what_was_revoked_stays_revoked() {
    let house = House::new().await;
    let operator = house.operator();
    let (pump, key) = (
        operator.creates_group("line").await.device("pump-1"),
        KeyPair::new(),
    );
    let old = pump.enrolls(&key).await.certified();
    operator
        .revokes_device(&pump)
        .because("privilege_withdrawn")
        .await;
    pump.enrolls(&key).await.refused(401, "device_revoked");
    for _ in 0..2 {
        acts(&operator, "/devices/pump-1/restore", &Value::Null, 204).await;
    }
    let new = pump.enrolls(&key).await.certified();
    assert_ne!(new.serial(), old.serial(), "the epoch has risen");
    let seen = operator.looks_at(&pump).await;
    assert_eq!(seen["state"], "active");
    assert_eq!(
        operator.looks_at_certificate(&pump, &old).await["state"],
        "revoked"
    );
    assert_eq!(operator.looks_at_certificate(&pump, &new).await["epoch"], 2);
    let list = Downloaded::named_by(old.leaf()).await;
    eventually("the old one is listed", || async {
        list.again().await.lists(old.leaf()).then_some(())
    })
    .await;
    assert!(!list.again().await.lists(new.leaf()));
    let before = house.stands().await;
    let nobody = operator.posts("/devices/nobody/restore", &Value::Null).await;
    before.refused_at_the_rim(&nobody, (404, "not_found")).await;
    house.ends_well().await;
}

#[story]
async fn a_021_what_a_device_was_bound_to_before_proves_it_no_longer() {
    let house = House::new().await;
    let operator = house.operator();
    let (line, hall) = (
        operator.creates_group("line").await,
        operator.creates_group("hall").await,
    );
    let (by_line, by_hall, key) = (line.device("pump-1"), hall.device("pump-1"), KeyPair::new());
    let told = by_line.enrolls(&key).await;
    let old = told.certified();
    let before = house.stands().await;
    let refused = by_hall.enrolls(&key).await;
    before.only_refused(&refused, (401, "identity_bound")).await;

    acts(
        &operator,
        "/devices/pump-1/rekey",
        &json!({ "group": "hall" }),
        204,
    )
    .await;
    let before = house.stands().await;
    for refused in [
        by_line.registers().await,
        by_line.enrolls(&key).await,
        by_line.enrolls(&KeyPair::new()).await,
        by_line.polls(&told.operation()).await,
        by_line.looks_up().await,
    ] {
        before.only_refused(&refused, (401, "identity_bound")).await;
    }
    let new = by_hall.enrolls(&key).await.certified();
    assert_ne!(
        new.serial(),
        old.serial(),
        "the epoch has risen with the new credential"
    );
    assert_eq!(
        operator.looks_at_certificate(&by_hall, &old).await["state"],
        "issued"
    );

    let before = house.stands().await;
    for (path, body, refusal) in [
        (
            "/devices/pump-1/rekey",
            json!({ "group": "nowhere" }),
            (404, "not_found"),
        ),
        (
            "/devices/nobody/rekey",
            json!({ "group": "line" }),
            (404, "not_found"),
        ),
        (
            "/devices/pump-1/rekey",
            json!({ "enrollment": "pump-1" }),
            (404, "not_found"),
        ),
        (
            "/devices/pump-1/rekey",
            json!({ "enrollment": "pump-2" }),
            (422, "invalid"),
        ),
        ("/devices/pump-1/rekey", json!({}), (400, "body_malformed")),
    ] {
        let answer = operator.posts(path, &body).await;
        before.refused_at_the_rim(&answer, refusal).await;
    }
    house.ends_well().await;
}

#[story]
async fn a_021_an_order_begun_by_the_old_credential_is_not_finished_by_the_new_one() {
    let house = House::new().await;
    let operator = house.operator();
    let (line, hall) = (
        operator.creates_group("line").await,
        operator.creates_group("hall").await,
    );
    let (by_line, by_hall, key) = (line.device("pump-1"), hall.device("pump-1"), KeyPair::new());
    by_line.registers().await.assigned();
    house.watch.holds();
    let (told, ()) = tokio::join!(by_line.enrolls(&key), async {
        eventually("the intent is kept", || async {
            let intended = "SELECT count(*) FROM certificate WHERE state = 'intended'";
            (house.memory().number(intended).await == 1).then_some(())
        })
        .await;
        acts(
            &operator,
            "/devices/pump-1/rekey",
            &json!({ "group": "hall" }),
            204,
        )
        .await;
        house.watch.lets_go();
    });
    assert!(
        told.chain().is_empty() && told.answer.status >= 400,
        "{}",
        told.answer.text()
    );
    let recorded = "SELECT count(*) FROM certificate WHERE device_id IS NOT NULL AND der IS NOT NULL";
    assert_eq!(
        house.memory().number(recorded).await,
        0,
        "it is not recorded, and its serial is revoked"
    );
    by_hall.enrolls(&key).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_192_a_198_a_deleted_device_leaves_a_tombstone_and_comes_back_as_another() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("Pump-1"), KeyPair::new());
    let told = pump.enrolls(&key).await;
    let old = told.certified();
    let first = operator.looks_at(&pump).await;
    let answer = deletes(&operator, "/devices/pump-1").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["certificates"].as_array().map(Vec::len), Some(1));
    assert_eq!(deletes(&operator, "/devices/pump-1").await.status, 404);
    assert_eq!(operator.gets("/devices/pump-1").await.status, 404);
    let list = Downloaded::named_by(old.leaf()).await;
    eventually("its certificate is listed, out of operation", || async {
        (list.again().await.reason_of(old.leaf()) == Some(5)).then_some(())
    })
    .await;
    // What is left: a tombstone, its certificates and its orders.
    assert_eq!(operator.gets("/devices").await.json()["items"], json!([]));
    let gone = operator.gets("/devices?state=deleted").await.json();
    assert_eq!(
        (&gone["items"][0]["id"], &gone["items"][0]["registrationId"]),
        (&first["id"], &"Pump-1".into())
    );
    for past in ["/certificates?device=pump-1", "/orders?device=pump-1"] {
        let items = operator.gets(past).await.json()["items"].clone();
        assert_eq!(items.as_array().map(Vec::len), Some(1), "{past}: {items}");
    }

    // Its operation is nobody's, its key stays its own, and under a new key it is a new device.
    pump.polls(&told.operation()).await.refused(404, "not_found");
    let before = house.stands().await;
    let refused = pump.enrolls(&key).await;
    before.only_refused(&refused, (409, "key_in_use")).await;
    let new = pump.enrolls(&KeyPair::new()).await.certified();
    let second = operator.looks_at(&pump).await;
    assert_ne!(second["id"], first["id"]);
    assert_ne!(new.serial(), old.serial());
    assert_eq!(deletes(&operator, "/devices/pump-1").await.status, 200);
    let gone = operator.gets("/devices?state=deleted&limit=1").await.json();
    assert!(gone["next"].is_string(), "each has a tombstone of its own");
    house.ends_well().await;
}

#[story]
async fn a_192_no_deletion_washes_a_revocation_away() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let pump = group.device("pump-1");
    pump.enrolls(&KeyPair::new()).await.certified();
    operator
        .revokes_device(&pump)
        .because("privilege_withdrawn")
        .await;
    assert_eq!(deletes(&operator, "/devices/pump-1").await.status, 200);
    let before = house.stands().await;
    for refused in [
        pump.registers().await,
        pump.enrolls(&KeyPair::new()).await,
        pump.looks_up().await,
    ] {
        before.only_refused(&refused, (401, "device_revoked")).await;
    }
    acts(&operator, "/devices/pump-1/restore", &Value::Null, 204).await;
    pump.enrolls(&KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_192_a_device_born_with_its_certificate_comes_back_by_it() {
    let house = House::new().await;
    let operator = house.operator();
    let vendor = Vendor::root("Pump Works Root", &house.clock);
    operator.brings_anchor("pumps", &vendor, json!({})).await;
    operator.trusts("pumps", "line").await;
    let pump = tamga_tests::device::Device::born(house.door(), "pump-1", &vendor.births("pump-1"));
    pump.enrolls(&KeyPair::new()).await.certified();
    assert_eq!(deletes(&operator, "/devices/pump-1").await.status, 200);
    pump.enrolls(&KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_193_a_device_goes_to_another_organization_only_where_its_own_lets_it_go() {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    for slug in ["beside", "yard"] {
        operator.makes_organization(&own, slug).await;
    }
    let (beside, yard) = (within(&operator, "beside"), within(&operator, "yard"));
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let certified = pump.enrolls(&key).await.certified();
    let claim = |from: &str| json!({ "from": from });

    // Nobody takes what is not let go, and whether it is there at all is not told.
    let before = house.stands().await;
    let mut answers = Vec::new();
    for (name, from) in [
        ("pump-1", own.as_str()),
        ("nobody", own.as_str()),
        ("pump-1", "nowhere"),
    ] {
        let answer = beside
            .posts(&format!("/devices/{name}/claim"), &claim(from))
            .await;
        before.refused_at_the_rim(&answer, (404, "not_found")).await;
        answers.push(answer.json()["detail"].clone());
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:?}");

    acts(
        &operator,
        "/devices/pump-1/release",
        &json!({ "to": "yard" }),
        204,
    )
    .await;
    assert_eq!(operator.looks_at(&pump).await["releasedTo"], "yard");
    assert_eq!(
        pump.enrolls(&key).await.certified(),
        certified,
        "until then nothing changes"
    );
    acts(&beside, "/devices/pump-1/claim", &claim(&own), 404).await;
    // It is let go to another one, then to nobody, then again.
    acts(
        &operator,
        "/devices/pump-1/release",
        &json!({ "to": "beside" }),
        204,
    )
    .await;
    acts(&yard, "/devices/pump-1/claim", &claim(&own), 404).await;
    assert_eq!(deletes(&operator, "/devices/pump-1/release").await.status, 204);
    assert_eq!(deletes(&operator, "/devices/pump-1/release").await.status, 404);
    acts(&beside, "/devices/pump-1/claim", &claim(&own), 404).await;
    acts(&operator, "/devices/pump-1/release", &json!({ "to": own }), 422).await;
    acts(
        &operator,
        "/devices/pump-1/release",
        &json!({ "to": "nobody-there" }),
        204,
    )
    .await;
    acts(
        &operator,
        "/devices/pump-1/release",
        &json!({ "to": "beside" }),
        204,
    )
    .await;

    let claimed = acts(&beside, "/devices/pump-1/claim", &claim(&own), 200)
        .await
        .json();
    assert_eq!(claimed["certificates"].as_array().map(Vec::len), Some(1));
    acts(&beside, "/devices/pump-1/claim", &claim(&own), 404).await;
    let list = Downloaded::named_by(certified.leaf()).await;
    eventually("its certificate is listed: it belongs elsewhere", || async {
        (list.again().await.reason_of(certified.leaf()) == Some(3)).then_some(())
    })
    .await;
    let before = house.stands().await;
    for refused in [pump.registers().await, pump.enrolls(&KeyPair::new()).await] {
        before.only_refused(&refused, (401, "device_released")).await;
    }
    for (operator, object) in [(&operator, "dev_"), (&beside, "pump-1")] {
        let told = operator
            .gets("/journal?act=device.claim&outcome=done")
            .await
            .json();
        let found = told["items"][0]["object"]
            .as_str()
            .expect("both journals tell of it");
        assert!(found.starts_with(object), "{told}");
    }
    acts(&operator, "/devices/pump-1/restore", &Value::Null, 204).await;
    pump.enrolls(&KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_revoked_device_goes_nowhere() {
    let house = House::new().await;
    let operator = house.operator();
    operator
        .makes_organization(&operator.organization, "beside")
        .await;
    let pump = operator.creates_group("line").await.device("pump-1");
    pump.enrolls(&KeyPair::new()).await.certified();
    acts(
        &operator,
        "/devices/pump-1/release",
        &json!({ "to": "beside" }),
        204,
    )
    .await;
    operator.revokes_device(&pump).because("superseded").await;
    let before = house.stands().await;
    let release = operator
        .posts("/devices/pump-1/release", &json!({ "to": "beside" }))
        .await;
    before.refused_at_the_rim(&release, (409, "device_revoked")).await;
    let claim = json!({ "from": operator.organization });
    let claim = within(&operator, "beside")
        .posts("/devices/pump-1/claim", &claim)
        .await;
    before.refused_at_the_rim(&claim, (404, "not_found")).await;
    house.ends_well().await;
}
