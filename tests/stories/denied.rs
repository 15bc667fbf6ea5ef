// SPDX-License-Identifier: Apache-2.0
//! Devices that proved who they are and are still refused: disabled, bound elsewhere, revoked.

use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::relying_party::Downloaded;
use tamga_tests::story;
use tamga_tests::wire::Request;

#[story]
async fn a_disabled_group_refuses_new_and_known_devices_until_it_is_enabled() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    let told = pump.enrolls(&key).await;
    let certified = told.certified();
    operator.disables_group(&group).await;

    let before = house.stands().await;
    for device in [pump.clone(), group.device("pump-2")] {
        for refused in [
            device.registers().await,
            device.enrolls(&KeyPair::new()).await,
            device.looks_up().await,
        ] {
            before.only_refused(&refused, (401, "enrollment_disabled")).await;
        }
    }
    for refused in [pump.enrolls(&key).await, pump.polls(&told.operation()).await] {
        before.only_refused(&refused, (401, "enrollment_disabled")).await;
    }

    operator.enables_group(&group).await;
    assert_eq!(
        pump.enrolls(&key).await.certified(),
        certified,
        "nothing was lost"
    );
    house.ends_well().await;
}

#[story]
async fn a_008_a_disabled_individual_enrollment_never_falls_through_to_a_group() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let enrollment = operator.enrolls("pump-1").await;
    operator.disables_enrollment(&enrollment).await;

    let before = house.stands().await;
    let told = enrollment.its_device().enrolls(&KeyPair::new()).await;
    before.only_refused(&told, (401, "enrollment_disabled")).await;

    // The group would admit the id, but the id is spoken for: the group's key proves nothing about it.
    let by_group = group.device("pump-1");
    let before = house.stands().await;
    let told = by_group.enrolls(&KeyPair::new()).await;
    before.only_turned_away(&told, (401, "token_signature")).await;
    group.device("pump-2").enrolls(&KeyPair::new()).await.certified();
    house.ends_well().await;
}

#[story]
async fn a_device_is_bound_to_the_credential_it_first_proved_itself_with() {
    let house = House::new().await;
    let operator = house.operator();
    let (line, other_line) = (
        operator.creates_group("line").await,
        operator.creates_group("other-line").await,
    );
    let (pump, key) = (line.device("pump-1"), KeyPair::new());
    let certified = pump.enrolls(&key).await.certified();

    let before = house.stands().await;
    for elsewhere in [other_line.device("pump-1"), other_line.device("PUMP-1")] {
        for told in [
            elsewhere.enrolls(&KeyPair::new()).await,
            elsewhere.enrolls(&key).await,
            elsewhere.registers().await,
        ] {
            before.only_refused(&told, (401, "identity_bound")).await;
        }
    }
    // Nor can an individual enrollment take it over: it could never be used.
    let taking = Request::new("POST", &operator.target("/enrollments"))
        .header("Content-Type", "application/json")
        .body(br#"{"registrationId":"PUMP-1"}"#.to_vec());
    let answer = operator.asks(taking).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (422, &"invalid".into()),
        "{}",
        answer.text()
    );

    assert_eq!(
        operator.looks_at_certificate(&pump, &certified).await["place"],
        "current"
    );
    house.ends_well().await;
}

#[story]
async fn a_revoked_device_is_refused_by_every_road_and_all_its_certificates_are_listed() {
    let mut house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, neighbour) = (group.device("pump-1"), group.device("pump-2"));
    let (old_key, new_key) = (KeyPair::new(), KeyPair::new());
    let told = pump.enrolls(&old_key).await;
    let (old, new) = (told.certified(), pump.enrolls(&new_key).await.certified());
    let good = neighbour.enrolls(&KeyPair::new()).await.certified();

    let struck = operator
        .revokes_device(&pump)
        .because("privilege_withdrawn")
        .await;
    assert_eq!(struck["certificates"].as_array().map(Vec::len), Some(2));

    let before = house.stands().await;
    for key in [&old_key, &new_key, &KeyPair::new()] {
        before
            .only_refused(&pump.enrolls(key).await, (401, "device_revoked"))
            .await;
    }
    for told in [
        pump.registers().await,
        pump.looks_up().await,
        pump.polls(&told.operation()).await,
    ] {
        before.only_refused(&told, (401, "device_revoked")).await;
    }
    let list = Downloaded::named_by(old.leaf()).await;
    eventually("both are listed", || async {
        let list = list.again().await;
        (list.lists(old.leaf()) && list.lists(new.leaf())).then_some(())
    })
    .await;
    assert!(!list.again().await.lists(good.leaf()), "its neighbour is not");

    let compromised = operator.revokes_device(&pump).because("key_compromise").await;
    assert_eq!(
        (
            &compromised["already"],
            compromised["certificates"].as_array().map(Vec::len)
        ),
        (&false.into(), Some(0)),
        "its keys are struck, however late; its certificates were"
    );
    assert_eq!(
        compromised["revokedAt"], struck["revokedAt"],
        "what came to light late does not move the date"
    );
    eventually("the lists tell of the compromise", || async {
        (list.again().await.reason_of(old.leaf()) == Some(1)).then_some(())
    })
    .await;
    let again = operator.revokes_device(&pump).because("key_compromise").await;
    assert_eq!(
        (&again["already"], &again["revokedAt"]),
        (&true.into(), &struck["revokedAt"]),
        "revoked is revoked"
    );
    house.restarts().await;
    pump.registers().await.refused(401, "device_revoked");
    house.ends_well().await;
}

#[story]
async fn a_device_revoked_while_its_certificate_is_being_signed_never_gets_it() {
    let house = House::new().await;
    let operator = house.operator();
    let group = operator.creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    pump.registers().await.assigned();
    house.watch.holds();

    let (told, ()) = tokio::join!(pump.enrolls(&key), async {
        eventually("the intent is kept", || async {
            (house
                .memory()
                .number("SELECT count(*) FROM certificate WHERE state = 'intended'")
                .await
                == 1)
                .then_some(())
        })
        .await;
        operator
            .revokes_device(&pump)
            .because("cessation_of_operation")
            .await;
        house.watch.lets_go();
    });

    told.refused(401, "device_revoked");
    let rows = house
        .memory()
        .rows("SELECT state, serial, der IS NULL FROM certificate WHERE device_id IS NOT NULL")
        .await;
    assert_eq!(rows.len(), 1);
    let state: String = rows[0].get(0);
    let serial: Vec<u8> = rows[0].get(1);
    let unrecorded: bool = rows[0].get(2);
    assert_eq!(
        (state.as_str(), unrecorded),
        ("revoked", true),
        "its order was closed"
    );
    let certified = group.device("fan-1").enrolls(&KeyPair::new()).await.certified();
    let list = Downloaded::named_by(certified.leaf()).await;
    eventually("the serial that may be out there is listed", || async {
        list.again().await.lists_serial(&serial).then_some(())
    })
    .await;
    pump.enrolls(&key).await.refused(401, "device_revoked");
    house.ends_well().await;
}

#[story]
async fn a_slow_signature_is_answered_by_a_stored_order_that_can_be_polled() {
    let house = House::with(|settings| settings.door.patience = std::time::Duration::from_millis(200)).await;
    let group = house.operator().creates_group("line").await;
    let (pump, key) = (group.device("pump-1"), KeyPair::new());
    house.watch.holds();

    let told = pump.enrolls(&key).await;
    told.assigning();
    let operation = told.operation();
    pump.polls(&operation).await.assigning();
    let again = pump.enrolls(&key).await;
    assert_eq!(
        again.assigning().operation(),
        operation,
        "a repeat joins the order"
    );
    house.watch.lets_go();

    let done = eventually("the order is fulfilled", || async {
        let told = pump.polls(&operation).await;
        (told.state()["status"] == "assigned").then_some(told)
    })
    .await;
    assert_eq!(done.answer.status, 200);
    assert_eq!(done.certified(), pump.enrolls(&key).await.certified());
    assert_eq!(house.signatures(), 1);
    house.ends_well().await;
}
