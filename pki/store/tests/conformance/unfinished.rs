// SPDX-License-Identifier: Apache-2.0
//! What a crash leaves: taken over, finished or given up.

use tamga_registry::certificate::CertificateState;
use tamga_registry::enrollment::{EnrollmentRef, EnrollmentState};
use tamga_registry::order::OrderState;
use tamga_registry::store::IntentVerdict::Kept;
use tamga_registry::store::RecordVerdict::{Lost, Recorded};
use tamga_registry::store::{EnrollmentAdded, Finish};

use super::orders::first;
use super::world::{Ground, World, at};

pub(crate) async fn an_intent_is_taken_over_once_its_lease_has_ended(ground: Ground) {
    let world = World::new(ground).await;
    let done = world.issue(first("fan-1", 9)).await;
    let intent = world.intent(first("Pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    assert!(
        world
            .store
            .take_unfinished(at(29), at(60), 10)
            .await
            .unwrap()
            .is_empty(),
        "its lease lasts"
    );

    let taken = world.store.take_unfinished(at(31), at(60), 10).await.unwrap();
    assert_eq!(taken.len(), 1, "{} is done", done.order.id);
    let finish = &taken[0];
    assert_eq!((finish.order.id, finish.order.lease_epoch), (intent.order.id, 2));
    assert_eq!(
        finish.certificate.state, intent.certificate.state,
        "the exact bytes"
    );
    assert_eq!(finish.device.registration_id.presented(), "Pump-1");
    assert_eq!(finish.organization.as_str(), "acme");
    assert_eq!(finish.revision.id, world.profile);
    assert!(finish.may_sign);
    assert!(
        world
            .store
            .take_unfinished(at(32), at(60), 10)
            .await
            .unwrap()
            .is_empty(),
        "it is taken"
    );

    assert_eq!(
        world.record(&intent, at(33)).await,
        Lost,
        "whoever held it before writes nothing"
    );
    let mut record = world.record_of(&intent, at(34));
    record.lease_epoch = 2;
    assert_eq!(world.store.keep_records(vec![record]).await.unwrap(), [Recorded]);
    assert!(
        world
            .store
            .take_unfinished(at(100), at(200), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn unfinished_orders_are_taken_oldest_first_and_no_more_than_asked(ground: Ground) {
    let world = World::new(ground).await;
    for (number, second) in [(1, 3), (2, 1), (3, 2)] {
        let id = format!("pump-{number}");
        let intent = world.intent(super::orders::Asking {
            at: at(second),
            ..first(&id, number)
        });
        assert_eq!(world.keep(&intent).await, Kept);
    }
    let taken = world.store.take_unfinished(at(60), at(90), 2).await.unwrap();
    let ids: Vec<&str> = taken
        .iter()
        .map(|finish| finish.device.registration_id.canonical())
        .collect();
    assert_eq!(ids, ["pump-2", "pump-3"]);
}

async fn take(world: &World, seconds: u64) -> Finish {
    let mut taken = world
        .store
        .take_unfinished(at(seconds), at(seconds + 30), 10)
        .await
        .unwrap();
    assert_eq!(taken.len(), 1);
    taken.remove(0)
}

pub(crate) async fn an_intent_given_up_is_listed_and_raises_the_epoch(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    let finish = take(&world, 40).await;
    let before = world.tallies().await;
    let row = || world.journal("order.fail", "order");
    world
        .store
        .abandon(&finish, "intent_too_old", row())
        .await
        .unwrap();

    let (order, certificate) = world.store.order(intent.order.id).await.unwrap().unwrap();
    assert_eq!(
        order.state,
        OrderState::Failed {
            reason: "intent_too_old".to_owned()
        }
    );
    assert!(matches!(
        certificate.state,
        CertificateState::Revoked { der: None, .. }
    ));
    assert!(world.line(&intent, 1).await.lineage.unwrap().rise_pending);
    let after = world.tallies().await;
    for table in ["revocation", "shard marks", "journal", "lineage version"] {
        assert_eq!(after[table], before[table] + 1, "{table}");
    }
    world
        .store
        .abandon(&finish, "intent_too_old", row())
        .await
        .unwrap();
    assert_eq!(world.tallies().await, after, "a second time changes nothing");
    assert_eq!(world.record(&intent, at(50)).await, Lost);

    let mut next = world.again(&intent, 1, at(60)).await;
    next.epoch = 2;
    let next = world.intent(next);
    assert_eq!(world.keep(&next).await, Kept, "the same key, in the next epoch");
    let lineage = world.line(&intent, 1).await.lineage.unwrap();
    assert_eq!((lineage.epoch, lineage.rise_pending), (2, false));
}

pub(crate) async fn whoever_lost_the_lease_gives_nothing_up(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    let slow = take(&world, 40).await;
    let quick = take(&world, 80).await;
    let before = world.tallies().await;
    world
        .store
        .abandon(&slow, "intent_too_old", world.journal("order.fail", "order"))
        .await
        .unwrap();
    assert_eq!(world.tallies().await, before);
    let mut record = world.record_of(&intent, at(81));
    record.lease_epoch = quick.order.lease_epoch;
    assert_eq!(world.store.keep_records(vec![record]).await.unwrap(), [Recorded]);
}

pub(crate) async fn an_intent_may_not_be_signed_once_its_enrollment_is_disabled(ground: Ground) {
    let world = World::new(ground).await;
    let grouped = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&grouped).await, Kept);
    let enrollment = world.individual("fan-1");
    let mut change = world.change("enrollment.create").await;
    assert_eq!(
        change.add_enrollment(&enrollment).await.unwrap(),
        EnrollmentAdded::Added
    );
    change.keep().await.unwrap();
    let mut named = world.intent(first("fan-1", 2));
    let own = EnrollmentRef::Individual(enrollment.id);
    named.expected.enrollment = (own, 1);
    named.expected.no_individual = false;
    named.device.as_mut().unwrap().bound.enrollment = own;
    assert_eq!(world.keep(&named).await, Kept);

    let may_sign = async |seconds| {
        let taken = world
            .store
            .take_unfinished(at(seconds), at(seconds + 30), 10)
            .await
            .unwrap();
        let mut told: Vec<_> = taken
            .iter()
            .map(|finish| {
                (
                    finish.device.registration_id.canonical().to_owned(),
                    finish.may_sign,
                )
            })
            .collect();
        told.sort();
        told
    };
    let told = |fan, pump| vec![("fan-1".to_owned(), fan), ("pump-1".to_owned(), pump)];
    assert_eq!(may_sign(40).await, told(true, true));
    let disabled = EnrollmentState::Disabled;
    let mut change = world.change("group.update").await;
    let (organization, name) = (world.organization, &world.group.name);
    assert!(
        change
            .set_group_state(organization, name, disabled)
            .await
            .unwrap()
    );
    change.keep().await.unwrap();
    assert_eq!(may_sign(80).await, told(true, false));
    let mut change = world.change("enrollment.update").await;
    let id = &enrollment.registration_id;
    assert!(
        change
            .set_enrollment_state(organization, id, disabled)
            .await
            .unwrap()
    );
    change.keep().await.unwrap();
    assert_eq!(may_sign(120).await, told(false, false));
}

pub(crate) async fn an_order_that_cannot_be_read_does_not_stop_the_others(ground: Ground) {
    let world = World::new(ground).await;
    for (number, second) in [(1, 1), (2, 2), (3, 3)] {
        let id = format!("pump-{number}");
        let intent = world.intent(super::orders::Asking {
            at: at(second),
            ..first(&id, number)
        });
        assert_eq!(world.keep(&intent).await, Kept);
    }
    world
        .probe
        .run("UPDATE issuance_order SET kind = 'odd' WHERE created_at = (SELECT MIN(created_at) FROM issuance_order)")
        .await;
    let mut found = Vec::new();
    for _ in 0..2 {
        // One at a time: the oldest, which is damaged, must not be all there is.
        let taken = world.store.take_unfinished(at(60), at(90), 1).await.unwrap();
        found.extend(
            taken
                .iter()
                .map(|finish| finish.device.registration_id.canonical().to_owned()),
        );
    }
    assert_eq!(found, ["pump-2", "pump-3"]);
    assert!(
        world
            .store
            .take_unfinished(at(61), at(90), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn a_lease_of_a_clock_that_stepped_back_has_ended(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(super::orders::Asking {
        at: at(5_000),
        ..first("pump-1", 1)
    });
    assert_eq!(world.keep(&intent).await, Kept);
    let none = world
        .store
        .take_unfinished(at(4_500), at(4_530), 10)
        .await
        .unwrap();
    assert!(none.is_empty(), "it may be a replica's whose clock is ahead");
    let taken = world.store.take_unfinished(at(100), at(130), 10).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!(world.record(&intent, at(101)).await, Lost, "fenced all the same");
}

pub(crate) async fn an_order_that_is_held_stays_in_hand(ground: Ground) {
    let world = World::new(ground).await;
    let intent = world.intent(first("pump-1", 1));
    assert_eq!(world.keep(&intent).await, Kept);
    let held = vec![(intent.order.id, intent.order.lease_epoch)];
    world.store.hold_orders(held.clone(), at(90)).await.unwrap();
    let none = world.store.take_unfinished(at(60), at(63), 10).await.unwrap();
    assert!(none.is_empty(), "somebody is at it");
    let taken = world.store.take_unfinished(at(91), at(94), 10).await.unwrap();
    assert_eq!(taken.len(), 1, "and now nobody is");
    world.store.hold_orders(held, at(900)).await.unwrap();
    let taken = world.store.take_unfinished(at(95), at(98), 10).await.unwrap();
    assert_eq!(taken.len(), 1, "who lost a lease prolongs nothing");
}
