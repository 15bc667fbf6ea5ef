// SPDX-License-Identifier: Apache-2.0
//! Two processes over one database, at the same moment at the same rows.

use std::collections::HashSet;
use std::sync::Arc;

use futures::future::join_all;
use tamga_registry::certificate::CertificateState;
use tamga_registry::enrollment::EnrollmentState;
use tamga_registry::order::OrderState;
use tamga_registry::revocation::ShardId;
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::RecordVerdict::{Lost, Recorded};
use tamga_registry::store::{
    DeviceStrike, EnrolleeQuestion, EnrollmentAdded, Hint, Intent, IntentVerdict, OrganizationAdded, Store,
    Suspension,
};
use tamga_test_postgres::Database;
use tamga_x509::crl::RevocationReason;

use crate::conformance::orders::{Asking, first, key};
use crate::conformance::world::{World, at};

/// A world, and a second process beside its own.
async fn two() -> (World, Arc<dyn Store>, Database) {
    let (ground, database) = crate::fresh().await;
    let other: Arc<dyn Store> = Arc::new(crate::open(&database).await);
    (World::new(ground).await, other, database)
}

/// Many first intents, of the pumps with these numbers, each with a key of its own.
fn firsts(world: &World, numbers: impl Iterator<Item = u8>) -> Vec<Intent> {
    numbers
        .map(|number| world.intent(first(&format!("pump-{number}"), number)))
        .collect()
}

/// How many rows are kept of each pair, handed in at the same moment at both processes.
async fn kept_of_each(
    (one, other): (&Arc<dyn Store>, &Arc<dyn Store>),
    (ours, mut theirs): (Vec<Intent>, Vec<Intent>),
) -> Vec<usize> {
    theirs.reverse();
    let (ours, theirs) = futures::join!(one.keep_intents(ours), other.keep_intents(theirs));
    let (ours, mut theirs) = (ours.unwrap(), theirs.unwrap());
    theirs.reverse();
    let kept = |verdict: &IntentVerdict| usize::from(*verdict == Kept);
    ours.iter()
        .zip(&theirs)
        .map(|(our, their)| kept(our) + kept(their))
        .collect()
}

#[tokio::test]
async fn of_one_device_asked_for_at_two_doors_one_order_wins() {
    let (world, other, _database) = two().await;
    let calls = (0..60).map(|number| {
        let intent = world.intent(first("pump-1", number));
        let store = if number % 2 == 0 {
            world.store.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move { store.keep_intents(vec![intent]).await.unwrap()[0] })
    });
    let verdicts = join_all(calls).await;
    let kept = verdicts.iter().filter(|verdict| matches!(verdict, Ok(Kept)));
    assert_eq!(kept.count(), 1);
    let tallies = world.tallies().await;
    assert_eq!(
        (tallies["device"], tallies["order"], tallies["certificate"]),
        (1, 1, 1)
    );
    assert_eq!(
        tallies["subject key"], 4,
        "three authorities', and the one that won"
    );
}

#[tokio::test]
async fn batches_that_overlap_in_opposite_orders_are_both_kept() {
    let (world, other, _database) = two().await;
    let both = (&world.store, &other);
    let devices = firsts(&world, 1..=40);
    let again = devices
        .iter()
        .zip(101..)
        .map(|(intent, number)| world.intent(first(intent.registration_id.presented(), number)))
        .collect();
    assert_eq!(kept_of_each(both, (devices, again)).await, vec![1; 40]);

    // The devices are known now: their lines are what is raced for.
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for number in 1..=40 {
        let id = format!("pump-{number}");
        let registration_id = id.parse().unwrap();
        let question = EnrolleeQuestion::of(world.organization, &registration_id);
        let found = world.store.enrollee(&question).await.unwrap();
        let asking = Asking {
            device: Some(found.device.unwrap().id),
            line: Some(1),
            ..first(&id, number + 160)
        };
        ours.push(world.intent(asking));
        theirs.push(world.intent(Asking {
            key: key(number + 205),
            ..asking
        }));
    }
    assert_eq!(kept_of_each(both, (ours, theirs)).await, vec![1; 40]);
    assert_eq!(
        world
            .count("SELECT COUNT(*) FROM lineage WHERE version = 2")
            .await,
        40
    );
}

#[tokio::test]
async fn one_key_asked_for_by_two_devices_is_given_to_one() {
    let (world, other, _database) = two().await;
    for round in 1..=20 {
        let ours = world.intent(first(&format!("pump-{round}"), round));
        let theirs = world.intent(first(&format!("fan-{round}"), round));
        let (ours, theirs) = futures::join!(
            world.store.keep_intents(vec![ours]),
            other.keep_intents(vec![theirs])
        );
        let verdicts = HashSet::from([ours.unwrap()[0] == Kept, theirs.unwrap()[0] == Kept]);
        assert_eq!(verdicts.len(), 2, "one is kept and one is not");
    }
    let owned = "SELECT COUNT(*) FROM issuance_order o JOIN subject_key k
                     ON k.spki_hash = o.spki_hash AND k.device_id = o.device_id";
    assert_eq!(world.count(owned).await, 20);
    assert_eq!(world.tallies().await["order"], 20);
}

#[tokio::test]
async fn a_known_key_is_given_to_the_second_device_of_none() {
    let (world, other, _database) = two().await;
    let (mut pumps, mut fans) = (Vec::new(), Vec::new());
    for number in 1..=20 {
        let pump = world.issue(first(&format!("pump-{number}"), number)).await;
        let fan = world.issue(first(&format!("fan-{number}"), number + 100)).await;
        let mut pump = world.again(&pump, number + 200, at(20)).await;
        let mut fan = world.again(&fan, number + 200, at(20)).await;
        // The same new key, asked for by both.
        (pump.key, fan.key) = (key(number + 200), key(number + 200));
        pumps.push(world.intent(pump));
        fans.push(world.intent(fan));
    }
    assert_eq!(
        kept_of_each((&world.store, &other), (pumps, fans)).await,
        vec![1; 20]
    );
}

#[tokio::test]
async fn the_same_keys_asked_for_in_opposite_orders_are_each_given_once() {
    let (world, other, _database) = two().await;
    let both = (&world.store, &other);
    let ours = firsts(&world, 1..=64);
    let theirs = (1..=64).map(|number| world.intent(first(&format!("fan-{number}"), number)));
    assert_eq!(kept_of_each(both, (ours, theirs.collect())).await, vec![1; 64]);
    assert_eq!(world.tallies().await["order"], 64);
}

#[tokio::test]
async fn a_record_and_a_revocation_at_once_leave_a_revoked_certificate() {
    let (world, other, _database) = two().await;
    let intents = firsts(&world, 1..=30);
    let kept = world.store.keep_intents(intents.clone()).await.unwrap();
    assert!(kept.iter().all(|verdict| *verdict == Kept));
    let records = intents.iter().map(|intent| world.record_of(intent, at(1)));
    let recording = world.store.keep_records(records.collect());
    let striking = async {
        for (number, intent) in intents.iter().enumerate() {
            let act = tamga_registry::store::Act {
                journal: world.journal("revoke", "object"),
                spends: None,
            };
            let mut change = other.change(act).await.unwrap();
            if number % 2 == 0 {
                change
                    .strike_certificate(world.strike_of(intent, at(2)))
                    .await
                    .unwrap();
            } else {
                let strike = DeviceStrike {
                    organization: world.organization,
                    device: intent.order.device,
                    reason: RevocationReason::KeyCompromise,
                    at: at(2),
                };
                change.strike_device(strike).await.unwrap();
            }
            change.keep().await.unwrap();
        }
    };
    let (verdicts, ()) = futures::join!(recording, striking);
    for (intent, verdict) in intents.iter().zip(verdicts.unwrap()) {
        let (order, certificate) = world.store.order(intent.order.id).await.unwrap().unwrap();
        let CertificateState::Revoked { der, .. } = &certificate.state else {
            panic!("{:?}", certificate.state)
        };
        match (verdict, &order.state) {
            (Recorded, OrderState::Fulfilled) => assert!(der.is_some()),
            (Lost, OrderState::Failed { .. }) => assert!(der.is_none()),
            (verdict, state) => panic!("{verdict:?} and {state:?}"),
        }
    }
    let tallies = world.tallies().await;
    assert_eq!((tallies["revocation"], tallies["shard marks"]), (30, 30));
}

#[tokio::test]
async fn of_two_that_want_a_shard_one_has_it_and_whoever_lost_it_publishes_nothing() {
    let (world, other, _database) = two().await;
    let shard = ShardId {
        issuer: world.issuer,
        shard: 0,
    };
    for round in 0..10 {
        let (now, until) = (at(round * 100), at(round * 100 + 60));
        let (ours, theirs) = futures::join!(
            world.store.lease_shard(shard, now, until),
            other.lease_shard(shard, now, until)
        );
        let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
        assert!(ours.is_some() != theirs.is_some(), "one has it");
        let (slow, slow_store) = match (&ours, &theirs) {
            (Some(lease), _) => (lease, &world.store),
            (None, lease) => (lease.as_ref().unwrap(), &other),
        };
        // The holder stands still until its lease has ended, and another took over.
        let (quick_at, quick_until) = (at(round * 100 + 61), at(round * 100 + 90));
        let quick = other
            .lease_shard(shard, quick_at, quick_until)
            .await
            .unwrap()
            .unwrap();
        let list = tamga_registry::store::ListIntent {
            tbs_hash: [8; 32],
            entries: 0,
            this_update: quick_at,
            next_update: at(100_000),
        };
        let (late, timely) = futures::join!(
            slow_store.keep_list_intent(slow, &list),
            other.keep_list_intent(&quick, &list)
        );
        assert_eq!((late.unwrap(), timely.unwrap()), (false, true));
        let journal = || world.journal("crl.publish", "list");
        let (late, timely) = futures::join!(
            slow_store.publish_list(slow, vec![0x30, 0], at(50_000), journal()),
            other.publish_list(&quick, vec![0x30, 1], at(50_000), journal())
        );
        assert_eq!((late.unwrap(), timely.unwrap()), (false, true));
        assert_eq!(
            world.store.published_number(shard).await.unwrap(),
            Some(quick.number)
        );
    }
}

#[tokio::test]
async fn what_two_signers_take_over_is_nobodys_twice() {
    let (world, other, _database) = two().await;
    let intents = firsts(&world, 1..=60);
    world.store.keep_intents(intents).await.unwrap();
    let (ours, theirs) = futures::join!(
        world.store.take_unfinished(at(100), at(200), 40),
        other.take_unfinished(at(100), at(200), 40)
    );
    let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
    let orders: HashSet<_> = ours.iter().chain(&theirs).map(|finish| finish.order.id).collect();
    assert_eq!(orders.len(), ours.len() + theirs.len());
    let rest = world.store.take_unfinished(at(100), at(200), 60).await.unwrap();
    assert_eq!(orders.len() + rest.len(), 60);
}

#[tokio::test]
async fn nothing_is_kept_by_a_policy_that_was_changed() {
    let (world, other, _database) = two().await;
    let calls = (0..200u8).map(|number| {
        let intent = world.intent(first(&format!("pump-{number}"), number));
        let store = world.store.clone();
        tokio::spawn(async move { store.keep_intents(vec![intent]).await.unwrap()[0] })
    });
    let calls: Vec<_> = calls.collect();
    let act = tamga_registry::store::Act {
        journal: world.journal("group.update", "line-1"),
        spends: None,
    };
    let mut change = other.change(act).await.unwrap();
    let (organization, name) = (world.organization, &world.group.name);
    change
        .set_group_state(organization, name, EnrollmentState::Disabled)
        .await
        .unwrap();
    change.keep().await.unwrap();
    let when_changed = world.tallies().await["order"];
    let verdicts = join_all(calls).await;
    let kept = verdicts
        .iter()
        .filter(|verdict| matches!(verdict, Ok(Kept)))
        .count();
    assert_eq!(
        i64::try_from(kept).unwrap(),
        when_changed,
        "none after the change"
    );
    assert_eq!(world.tallies().await["order"], when_changed);
}

/// A lock for each of them could stand across those of a batch, which takes them by and by; and the server has room for
/// some thousand locks.
#[tokio::test]
async fn a_tree_is_suspended_under_as_many_locks_as_one_organization() {
    let (world, other, _database) = two().await;
    for slug in ["plant", "hall", "yard", "cellar"] {
        let below = world.below(world.organization, slug);
        assert_eq!(world.adds(&below).await, OrganizationAdded::Added);
    }
    let mut change = world.change("organization.suspend").await;
    let suspension = change.suspend_organization(world.organization, at(1)).await;
    assert_eq!(suspension.unwrap(), Suspension::Suspended);
    let held = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE d.datname = current_database() AND locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted";
    assert_eq!(
        world.count(held).await,
        3,
        "the tree, access, and what is judged by"
    );
    // Whoever is judged meanwhile waits, and finds what was kept.
    let intent = world.intent(first("pump-1", 1));
    let judged = tokio::spawn(async move { other.keep_intents(vec![intent]).await });
    let waiting = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                   WHERE d.datname = current_database() AND locktype = 'advisory' AND NOT granted";
    while world.count(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
    change.keep().await.unwrap();
    assert_eq!(judged.await.unwrap().unwrap(), [Stale]);
}

#[tokio::test]
async fn a_device_is_the_groups_or_named_in_advance_and_never_both() {
    let (world, other, _database) = two().await;
    for round in 0..30 {
        let id = format!("pump-{round}");
        let intent = world.intent(first(&id, round));
        let naming = async {
            let act = tamga_registry::store::Act {
                journal: world.journal("enrollment.create", "pump"),
                spends: None,
            };
            let mut change = other.change(act).await.unwrap();
            let added = change.add_enrollment(&world.individual(&id)).await.unwrap();
            change.keep().await.unwrap();
            added
        };
        let (verdict, added) = futures::join!(world.keep(&intent), naming);
        match (verdict, added) {
            (Kept, EnrollmentAdded::BoundElsewhere) | (Stale, EnrollmentAdded::Added) => {}
            both => panic!("{id}: {both:?}"),
        }
    }
}

#[tokio::test]
async fn of_two_signers_that_miss_a_service_certificate_one_makes_it() {
    let (world, other, _database) = two().await;
    for round in 0..10 {
        let in_force = world.store.service_certificate().await.unwrap();
        let in_force = in_force.map(|newest| newest.certificate.id);
        let (ours, theirs) = (
            world.service_intent(round * 2),
            world.service_intent(round * 2 + 1),
        );
        let (our, their) = futures::join!(
            world.store.keep_service_intent(&ours, [1; 32], in_force),
            other.keep_service_intent(&theirs, [2; 32], in_force)
        );
        let (our, their) = (our.unwrap(), their.unwrap());
        assert!(our != their, "one stands back");
        let kept = if our { &ours } else { &theirs };
        let (der, journal) = (
            vec![0x30, 0],
            world.journal("service_certificate.issue", "servers"),
        );
        let recording = other.keep_service_record(kept.certificate.id, der, at(100), journal);
        assert!(recording.await.unwrap(), "nobody gave it up");
    }
    let revoked = world.count("SELECT COUNT(*) FROM certificate WHERE state = 'revoked'");
    assert_eq!(revoked.await, 0);
    let made = world.count("SELECT COUNT(*) FROM service_certificate");
    assert_eq!(made.await, 10);
}

#[tokio::test]
async fn whoever_waits_in_another_process_is_woken() {
    let (world, other, _database) = two().await;
    // It may take a moment until the other one listens: a hint is told until it is heard.
    let heard = other.hint(Hint::PolicyChanged);
    let telling = async {
        loop {
            let mut change = world.change("group.update").await;
            let (organization, name) = (world.organization, &world.group.name);
            change
                .set_group_state(organization, name, EnrollmentState::Enabled)
                .await
                .unwrap();
            change.keep().await.unwrap();
        }
    };
    let waiting = tokio::time::timeout(std::time::Duration::from_secs(20), heard);
    tokio::select! {
        heard = waiting => heard.expect("policy was changed elsewhere"),
        () = telling => {}
    }
}
