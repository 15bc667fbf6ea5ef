// SPDX-License-Identifier: Apache-2.0
//! A credential and an error at once: the error wins, and nobody has the credential.

use data_encoding::BASE64;
use serde_json::json;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::relying_party::Downloaded;
use tamga_tests::story;
use tamga_tests::wire::Request;

/// What would be shown once, had it been made.
const CREDENTIALS: [&str; 4] = ["primaryKey", "secondaryKey", "\"key\"", "tmg_"];

/// Waits until what a certificate will say is written down: it is being signed.
async fn is_intended(house: &House) {
    eventually("the intent is kept", || async {
        let intended = "SELECT count(*) FROM certificate WHERE state = 'intended'";
        (house.memory().number(intended).await == 1).then_some(())
    })
    .await;
}

#[story]
async fn a_022_a_secret_whose_act_cannot_be_kept_is_neither_shown_nor_there() {
    let house = House::new().await;
    let operator = house.operator();
    let own = operator.organization.clone();
    operator.creates_group("line").await;
    operator.enrolls("fan-1").await;
    let visitor = operator.makes_account(&own, "visitor", Some("factory")).await;
    let post = |path: &str| Request::new("POST", &operator.target(path));
    let calls = [
        post("/tokens").json(&json!({ "name": "late", "holder": visitor, "role": "factory" })),
        post("/groups").json(&json!({ "name": "late" })),
        post("/enrollments").json(&json!({ "registrationId": "late" })),
        Request::new("PUT", &operator.target("/groups/later")).json(&json!({})),
        post("/groups/line/regenerate-key").json(&json!({ "slot": "primary" })),
        post("/enrollments/fan-1/regenerate-key").json(&json!({ "slot": "secondary" })),
    ];
    let before = house.stands().await;
    let memory = house.memory();
    // Everything of the act is done; only that it was done can no longer be written down.
    memory
        .rows("ALTER TABLE journal RENAME TO journal_out_of_reach")
        .await;
    let mut told = Vec::new();
    for call in calls {
        told.push(operator.asks(call).await);
    }
    memory
        .rows("ALTER TABLE journal_out_of_reach RENAME TO journal")
        .await;
    for answer in told {
        let text = answer.text();
        assert!(answer.status >= 500, "{}: {text}", answer.status);
        assert!(answer.json()["code"].is_string(), "{text}");
        for credential in CREDENTIALS {
            assert!(!text.contains(credential), "{text}");
        }
        before.is_as_before(&text).await;
    }
    let made = "SELECT count(*) FROM journal WHERE object LIKE '%late%' AND outcome = 'done'";
    assert_eq!(memory.number(made).await, 0);
    // What was there goes on as if nothing had been asked.
    operator.creates_group("late").await;
    house.ends_well().await;
}

#[story]
async fn a_022_a_certificate_that_was_signed_and_cannot_be_recorded_is_nobodys() {
    let house = House::new().await;
    let operator = house.operator();
    let pump = operator.creates_group("line").await.device("pump-1");
    let neighbour = operator.creates_group("other").await.device("fan-1");
    let neighbour = neighbour.enrolls(&KeyPair::new()).await.certified();
    let (key, memory) = (KeyPair::new(), house.memory());
    let signatures = house.signatures();
    house.watch.holds();
    let (told, ()) = tokio::join!(pump.enrolls(&key), async {
        is_intended(&house).await;
        memory
            .rows(memory.either(
                "CREATE TRIGGER unrecorded BEFORE UPDATE OF der ON certificate WHEN NEW.device_id IS NOT NULL
                 BEGIN SELECT RAISE(ABORT, 'the story says so'); END",
                "ALTER TABLE certificate ADD CONSTRAINT unrecorded CHECK (der IS NULL OR device_id IS NULL) NOT VALID",
            ))
            .await;
        house.watch.lets_go();
        eventually("it is signed", || async {
            (house.signatures() > signatures).then_some(())
        })
        .await;
        // Whether what was signed is thrown away by now or a moment later: nobody is given it.
        operator
            .revokes_device(&pump)
            .because("cessation_of_operation")
            .await;
    });
    assert_ne!(told.answer.status, 200, "{}", told.answer.text());
    assert!(told.chain().is_empty(), "{}", told.answer.text());
    pump.enrolls(&key).await.refused(401, "device_revoked");
    let row = "SELECT state, serial, der IS NULL FROM certificate WHERE device_id IS NOT NULL AND state <> 'issued'";
    let rows = memory.rows(row).await;
    let (state, serial, unrecorded): (String, Vec<u8>, bool) =
        (rows[0].get(0), rows[0].get(1), rows[0].get(2));
    assert_eq!((rows.len(), state.as_str(), unrecorded), (1, "revoked", true));
    let list = Downloaded::named_by(neighbour.leaf()).await;
    eventually("the serial of what was signed is listed", || async {
        list.again().await.lists_serial(&serial).then_some(())
    })
    .await;
    house.ends_well().await;
}

#[story]
async fn a_022_a_unit_that_is_scrapped_while_its_certificate_is_being_signed_never_gets_it() {
    let house = House::new().await;
    let operator = house.operator();
    operator.creates_group("line").await;
    let station = house.station("flash-1", "line", json!({})).await;
    let key = KeyPair::new();
    house.watch.holds();
    let csr = json!({ "csr": BASE64.encode(&key.request("pump-1")) });
    let (told, ()) = tokio::join!(station.asks_for("pump-1", &csr), async {
        is_intended(&house).await;
        let scrapped = station.visitor.posts("/devices/pump-1/scrap", &json!(null)).await;
        assert_eq!(scrapped.status, 200, "{}", scrapped.text());
        house.watch.lets_go();
    });
    let problem = told.refused(409, "device_revoked");
    assert!(problem.get("certificate").is_none() && problem.get("chain").is_none());
    let recorded = "SELECT count(*) FROM certificate WHERE device_id IS NOT NULL AND der IS NOT NULL";
    assert_eq!(house.memory().number(recorded).await, 0);
    station
        .furnishes("pump-1", &key)
        .await
        .refused(409, "device_revoked");
    house.ends_well().await;
}
