// SPDX-License-Identifier: Apache-2.0
//! What is kept before a signature, and what is refused because the ground moved.

use std::collections::HashSet;

use tamga_registry::certificate::CertificateState;
use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::{EnrollmentId, GroupId, IssuerId};
use tamga_registry::order::OrderState;
use tamga_registry::store::EnrolleeQuestion;
use tamga_registry::store::EnrollmentAdded;
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::{Intent, OperationAnswer};

use super::orders::{Asking, first, key};
use super::world::{Ground, World, at};

pub(crate) async fn an_intent_keeps_all_that_is_new(ground: Ground) {
    let world = World::new(ground).await;
    let before = world.tallies().await;
    let intent = world.intent(first("Pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);

    let after = world.tallies().await;
    for table in [
        "certificate",
        "device",
        "order",
        "serial",
        "subject key",
        "journal",
        "lineage version",
    ] {
        assert_eq!(after[table], before[table] + 1, "{table}");
    }
    let (order, certificate) = world.store.order(intent.order.id).await.unwrap().unwrap();
    assert_eq!(order.state, OrderState::Open);
    assert_eq!(
        (order.csr, order.evidence),
        (intent.order.csr.clone(), intent.order.evidence.clone())
    );
    assert_eq!(certificate.serial, intent.certificate.serial);
    assert_eq!(certificate.validity, intent.certificate.validity);
    assert_eq!(
        certificate.state,
        CertificateState::Intended {
            tbs: vec![0x30, 1, 0]
        }
    );
    let found = world
        .store
        .enrollee(&EnrolleeQuestion::of(
            world.organization,
            &"pump-1".parse().unwrap(),
        ))
        .await
        .unwrap();
    let device = found.device.unwrap();
    assert_eq!((device.id, device.generation), (intent.order.device, 1));
    assert_eq!(
        device.registration_id.presented(),
        "Pump-1",
        "as it was first presented"
    );
    assert_eq!(device.bound, intent.device.as_ref().unwrap().bound);
    let line = world.line(&intent, 1).await;
    let lineage = line.lineage.unwrap();
    assert_eq!((lineage.epoch, lineage.rise_pending), (1, false));
    assert!(lineage.current.is_none() && lineage.provisional.is_none());
    assert_eq!(line.order.unwrap().state, OrderState::Open);
    assert_eq!(line.key.unwrap().device, Some(intent.order.device));
}

pub(crate) async fn an_intent_is_stale_once_anything_it_was_judged_by_has_changed(ground: Ground) {
    let world = World::new(ground).await;
    let known = world.issue(first("pump-1", 1)).await;
    let stale = |name: &'static str, spoil: &dyn Fn(&mut Intent)| {
        let mut intent = world.intent(first("pump-2", 2));
        spoil(&mut intent);
        (name, intent)
    };
    let foreign = EnrollmentRef::Group(GroupId::from_octets([3; 16]));
    let mut cases = vec![
        stale("organization", &|intent| intent.expected.organization = 2),
        stale("enrollment generation", &|intent| {
            intent.expected.enrollment.1 = 2;
        }),
        stale("enrollment", &|intent| intent.expected.enrollment.0 = foreign),
        stale("issuer generation", &|intent| {
            intent.expected.issuer = Some((world.issuer, 2));
        }),
        stale("line that is not there", &|intent| {
            intent.expected.lineage = Some(1);
        }),
        stale("serial taken before", &|intent| {
            intent.certificate.serial = known.certificate.serial;
        }),
        stale("key of another device", &|intent| {
            (intent.order.spki, intent.certificate.spki) = (key(1), key(1));
        }),
    ];
    let further = |name, line, spoil: &dyn Fn(&mut Intent)| {
        let mut intent = world.intent(Asking {
            device: Some(known.order.device),
            line,
            ..first("pump-1", 3)
        });
        spoil(&mut intent);
        (name, intent)
    };
    let version = world.line(&known, 1).await.lineage.unwrap().version;
    cases.push(further("device generation", Some(version), &|intent| {
        intent.expected.device = Some(2);
    }));
    cases.push(further("older line", Some(version - 1), &|_| {}));
    cases.push(further("line thought absent", None, &|_| {}));
    cases.push(("device known by now", world.intent(first("PUMP-1", 3))));

    let before = world.tallies().await;
    for (name, intent) in cases {
        assert_eq!(world.keep(&intent).await, Stale, "{name}");
        assert_eq!(world.tallies().await, before, "{name}: nothing is kept");
    }
    let unspoiled = world.intent(Asking {
        device: Some(known.order.device),
        line: Some(version),
        ..first("pump-1", 3)
    });
    assert_eq!(
        world.keep(&unspoiled).await,
        Kept,
        "the same without what spoils it"
    );
}

pub(crate) async fn an_intent_is_stale_once_its_enrollment_is_disabled(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    let mut change = world.change("group.update").await;
    let disabled = tamga_registry::enrollment::EnrollmentState::Disabled;
    assert!(
        change
            .set_group_state(world.organization, &world.group.name, disabled)
            .await
            .unwrap()
    );
    change.keep().await.unwrap();
    let before = world.tallies().await;
    assert_eq!(world.keep(&intent).await, Stale);
    let mut judged_again = intent.clone();
    judged_again.expected.enrollment.1 = 2;
    assert_eq!(
        world.keep(&judged_again).await,
        Stale,
        "also with its new number: it is disabled"
    );
    assert_eq!(world.tallies().await, before);
}

pub(crate) async fn an_intent_of_a_group_is_stale_once_the_device_is_named_in_advance(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    let enrollment = world.individual("PUMP-1");
    let mut change = world.change("enrollment.create").await;
    assert_eq!(
        change.add_enrollment(&enrollment).await.unwrap(),
        EnrollmentAdded::Added
    );
    change.keep().await.unwrap();
    assert_eq!(world.keep(&intent).await, Stale);

    let mut own = world.intent(first("pump-1", 1));
    own.expected.enrollment = (EnrollmentRef::Individual(enrollment.id), 1);
    own.expected.no_individual = false;
    assert_eq!(world.keep(&own).await, Kept, "its own enrollment admits it");
    let mut nobody = world.intent(first("pump-2", 2));
    nobody.expected.enrollment = (EnrollmentRef::Individual(EnrollmentId::from_octets([1; 16])), 1);
    nobody.expected.no_individual = false;
    assert_eq!(world.keep(&nobody).await, Stale);
}

pub(crate) async fn a_key_of_the_house_or_a_blocked_one_is_never_kept(ground: Ground) {
    let world = World::new(ground).await;
    let struck = world.issue(first("pump-1", 1)).await;
    let mut strike = world.strike_of(&struck, at(10));
    strike.reason = tamga_x509::crl::RevocationReason::KeyCompromise;
    world.strike(strike).await;
    let mut own = world.again(&struck, 1, at(20)).await;
    own.epoch = 2;
    assert_eq!(
        world.keep(&world.intent(own)).await,
        Stale,
        "its own key, blocked"
    );
    let issuer = world.store.issuer(world.issuer).await.unwrap().unwrap();
    let mut house = world.intent(first("pump-2", 2));
    house.order.spki = issuer.certificate.public_key().spki_hash();
    house.certificate.spki = house.order.spki;
    assert_eq!(world.keep(&house).await, Stale, "the key of an authority");
}

pub(crate) async fn of_two_rows_for_one_device_or_key_in_a_batch_the_second_is_stale(ground: Ground) {
    let world = World::new(ground).await;
    let rows = [
        first("pump-1", 1),
        first("Pump-1", 2),
        first("pump-3", 3),
        first("pump-4", 3),
    ];
    let rows: Vec<Intent> = rows.into_iter().map(|asking| world.intent(asking)).collect();
    let verdicts = world.store.keep_intents(rows.clone()).await.unwrap();
    assert_eq!(verdicts, [Kept, Stale, Kept, Stale]);
    assert_eq!(world.tallies().await["device"], 2);
    assert!(world.store.order(rows[1].order.id).await.unwrap().is_none());

    let line = world.line(&rows[0], 1).await.lineage.unwrap().version;
    let known = Asking {
        device: Some(rows[0].order.device),
        line: Some(line),
        ..first("pump-1", 5)
    };
    let rows = vec![world.intent(known), world.intent(Asking { key: key(6), ..known })];
    assert_eq!(world.store.keep_intents(rows).await.unwrap(), [Kept, Stale]);
}

pub(crate) async fn a_repeated_intent_changes_nothing(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    let before = world.tallies().await;
    assert_eq!(world.keep(&intent).await, Stale);
    assert_eq!(world.tallies().await, before);

    let further = world.intent(world.again(&intent, 2, at(5)).await);
    assert_eq!(world.keep(&further).await, Kept);
    let before = world.tallies().await;
    assert_eq!(world.keep(&further).await, Stale);
    assert_eq!(world.tallies().await, before);
    let mut same_order = world.again(&intent, 2, at(6)).await;
    same_order.line = Some(world.line(&intent, 2).await.lineage.unwrap().version);
    assert_eq!(
        world.keep(&world.intent(same_order)).await,
        Stale,
        "the order of this key and epoch exists"
    );
    assert_eq!(world.tallies().await, before);
}

pub(crate) async fn a_row_that_cannot_be_kept_leaves_its_neighbours_alone(ground: Ground) {
    let world = World::new(ground).await;
    let mut bad = world.intent(first("pump-2", 2));
    bad.order.revision.revision = 9;
    bad.certificate.revision.revision = 9;
    let rows = vec![
        world.intent(first("pump-1", 1)),
        bad.clone(),
        world.intent(first("pump-3", 3)),
    ];
    let verdicts = world.store.keep_intents(rows).await.unwrap();
    assert_eq!(verdicts, [Kept, Stale, Kept]);
    assert_eq!(
        world.tallies().await["device"],
        2,
        "nothing of the bad row is kept"
    );
    assert!(
        world.store.keep_intents(vec![bad.clone()]).await.is_err(),
        "alone, it is told what it is"
    );

    let calls = (10..30).map(|number| {
        let id = format!("pump-{number}");
        let intent = if number == 20 {
            bad.clone()
        } else {
            world.intent(first(&id, number))
        };
        let store = world.store.clone();
        tokio::spawn(async move { (number, store.keep_intents(vec![intent]).await) })
    });
    for call in futures::future::join_all(calls).await {
        let (number, verdicts) = call.unwrap();
        match verdicts {
            Ok(verdicts) => assert_eq!(verdicts, [Kept], "{number}"),
            Err(_) => assert_eq!(number, 20),
        }
    }
    assert_eq!(world.tallies().await["device"], 21);
}

pub(crate) async fn of_fifty_racing_requests_of_one_device_one_wins(ground: Ground) {
    let world = World::new(ground).await;
    let calls = (0..50).map(|number| {
        let intent = world.intent(first("pump-1", if number % 2 == 0 { 1 } else { number }));
        let store = world.store.clone();
        tokio::spawn(async move {
            (
                intent.order.id,
                store.keep_intents(vec![intent]).await.unwrap()[0],
            )
        })
    });
    let verdicts = futures::future::join_all(calls).await;
    let kept: HashSet<_> = verdicts
        .into_iter()
        .filter_map(|verdict| verdict.ok().filter(|(_, verdict)| *verdict == Kept))
        .map(|(order, _)| order)
        .collect();
    assert_eq!(kept.len(), 1);
    let tallies = world.tallies().await;
    assert_eq!(
        (tallies["device"], tallies["order"], tallies["certificate"]),
        (1, 1, 1)
    );
}

pub(crate) async fn an_operation_is_told_to_its_own_device_only(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let fan = world.issue(first("fan-1", 2)).await;
    let ask = async |id: &str, operation| {
        world
            .store
            .operation(world.organization, &id.parse().unwrap(), operation)
            .await
            .unwrap()
    };
    match ask("PUMP-1", pump.order.operation).await {
        Some(OperationAnswer::Order(answer)) => {
            assert_eq!((answer.0.id, answer.1.id), (pump.order.device, pump.order.id));
            assert_eq!(answer.2.state.der(), Some([0x30, 2, 5, 0].as_slice()));
        }
        other => panic!("{other:?}"),
    }
    assert!(ask("pump-1", fan.order.operation).await.is_none());
    assert!(ask("nobody", pump.order.operation).await.is_none());
    let elsewhere = tamga_registry::id::OrganizationId::from_octets([9; 16]);
    let id = "pump-1".parse().unwrap();
    assert!(
        world
            .store
            .operation(elsewhere, &id, pump.order.operation)
            .await
            .unwrap()
            .is_none()
    );
    let registered = pump.device.unwrap().operation;
    assert!(matches!(
        ask("pump-1", registered).await,
        Some(OperationAnswer::Registration(_))
    ));
}

pub(crate) async fn an_intent_under_an_issuer_it_was_not_judged_for_is_a_fault(ground: Ground) {
    let world = World::new(ground).await;
    let mut intent = world.intent(first("pump-1", 1));
    intent.expected.issuer = Some((IssuerId::from_octets([4; 16]), 1));
    assert!(world.store.keep_intents(vec![intent.clone()]).await.is_err());
    intent.expected.issuer = None;
    assert!(world.store.keep_intents(vec![intent]).await.is_err());
    assert_eq!(world.tallies().await["device"], 0);
}
