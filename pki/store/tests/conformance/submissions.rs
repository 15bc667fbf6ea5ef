// SPDX-License-Identifier: Apache-2.0
//! What doors hand in and signers take over: in order, fenced, bounded, and forgotten in the end.

use std::time::Duration;

use tamga_registry::id::{OrderId, RequestId, SubmissionId};
use tamga_registry::order::OperationId;
use tamga_registry::store::{Hint, LeasedSubmission, Posted, Settled, StoreFault};
use tamga_registry::submission::{Settlement, Submission, SubmissionState};

use super::world::{Ground, START, World, at};

/// What a door keeps of a request that came in this second.
pub(crate) fn from(world: &World, id: &str, second: u64) -> Submission {
    Submission {
        id: SubmissionId::fresh(at(second), &world.chance).unwrap(),
        organization: world.organization,
        scope: world.scope.clone(),
        registration_id: id.parse().unwrap(),
        csr: Some(vec![0x30, 1, 2]),
        evidence: vec![7; 40],
        data_key: 1,
        operation: OperationId::fresh(&world.chance).unwrap(),
        request: RequestId::fresh(START, &world.chance).unwrap(),
        source: "192.0.2.7".parse().ok(),
        station: None,
        received_at: at(second),
    }
}

async fn post(world: &World, rows: &[&Submission]) -> Vec<Posted> {
    let rows = rows.iter().map(|row| (*row).clone()).collect();
    world.store.submit(rows, 100).await.unwrap()
}

async fn take(world: &World, second: u64, limit: u32) -> Vec<LeasedSubmission> {
    let until = at(second + 3);
    let taken = world.store.take_submissions(at(second), until, limit).await;
    let taken = taken.unwrap();
    assert!(taken.unreadable.is_empty(), "{:?}", taken.unreadable);
    taken.leased
}

fn names(taken: &[LeasedSubmission]) -> Vec<&str> {
    let ids = taken.iter().map(|leased| &leased.submission.registration_id);
    ids.map(tamga_registry::device::RegistrationId::canonical)
        .collect()
}

async fn settle(world: &World, taken: &LeasedSubmission, settlement: Settlement, second: u64) {
    let row = Settled {
        id: taken.submission.id,
        lease_epoch: taken.lease_epoch,
        settlement,
        at: at(second),
    };
    world.store.settle(vec![row]).await.unwrap();
}

async fn state(world: &World, submission: &Submission) -> Option<SubmissionState> {
    let found = world.store.submission(
        submission.organization,
        &submission.registration_id,
        submission.operation,
    );
    found.await.unwrap().map(|filed| filed.state)
}

pub(crate) async fn submissions_are_taken_in_the_order_of_their_arrival_and_whole(ground: Ground) {
    let world = World::new(ground).await;
    let (pump, fan, valve) = (
        from(&world, "Pump-1", 1),
        from(&world, "fan-1", 3),
        from(&world, "valve-1", 2),
    );
    // When they were received is what a door says; when they arrived it cannot say.
    for row in [&fan, &valve, &pump] {
        assert_eq!(post(&world, &[row]).await, [Posted::Kept]);
    }
    let first = take(&world, 5, 2).await;
    assert_eq!(names(&first), ["fan-1", "valve-1"]);
    let rest = take(&world, 5, 10).await;
    assert_eq!(names(&rest), ["pump-1"], "the others are in hand");
    let (kept, given) = (&rest[0].submission, &pump);
    assert_eq!(rest[0].lease_epoch, 1);
    assert_eq!(kept.registration_id.presented(), "Pump-1");
    assert_eq!(
        (kept.id, kept.organization, &kept.scope, &kept.csr, &kept.evidence),
        (
            given.id,
            given.organization,
            &given.scope,
            &given.csr,
            &given.evidence
        )
    );
    assert_eq!(
        (
            kept.data_key,
            kept.operation,
            kept.request,
            kept.source,
            kept.received_at
        ),
        (
            given.data_key,
            given.operation,
            given.request,
            given.source,
            given.received_at
        )
    );
}

pub(crate) async fn a_submission_handed_in_twice_is_one(ground: Ground) {
    let world = World::new(ground).await;
    let mut pump = from(&world, "pump-1", 1);
    assert_eq!(post(&world, &[&pump, &pump]).await, [Posted::Kept; 2]);
    pump.csr = None;
    assert_eq!(
        post(&world, &[&pump]).await,
        [Posted::Kept],
        "the answer was lost"
    );
    let taken = take(&world, 2, 10).await;
    assert_eq!(taken.len(), 1);
    assert!(taken[0].submission.csr.is_some(), "what was kept first stays");
    settle(&world, &taken[0], Settlement::Registered, 2).await;
    assert_eq!(post(&world, &[&pump]).await, [Posted::Kept]);
    assert!(take(&world, 9, 10).await.is_empty(), "it is settled all the same");
}

pub(crate) async fn a_submission_whose_lease_ended_is_anothers(ground: Ground) {
    let world = World::new(ground).await;
    let pump = from(&world, "pump-1", 1);
    post(&world, &[&pump]).await;
    let slow = take(&world, 2, 10).await.remove(0);
    assert!(take(&world, 5, 10).await.is_empty(), "its lease lasts");
    let quick = take(&world, 6, 10).await.remove(0);
    assert_eq!((slow.lease_epoch, quick.lease_epoch), (1, 2));

    let order = OrderId::fresh(START, &world.chance).unwrap();
    settle(&world, &slow, Settlement::Registered, 7).await;
    assert_eq!(
        state(&world, &pump).await,
        Some(SubmissionState::Waiting),
        "fenced"
    );
    settle(&world, &quick, Settlement::Order(order), 7).await;
    let ordered = Some(SubmissionState::Settled(Settlement::Order(order)));
    assert_eq!(state(&world, &pump).await, ordered);
    settle(&world, &quick, Settlement::Registered, 8).await;
    assert_eq!(state(&world, &pump).await, ordered, "settled once");
}

pub(crate) async fn a_submission_that_is_held_stays_in_hand(ground: Ground) {
    let world = World::new(ground).await;
    let (pump, fan) = (from(&world, "pump-1", 1), from(&world, "fan-1", 2));
    post(&world, &[&pump, &fan]).await;
    let taken = take(&world, 2, 10).await;
    let held = vec![(pump.id, 1)];
    world.store.hold_submissions(held.clone(), at(8)).await.unwrap();
    let lost = take(&world, 7, 10).await;
    assert_eq!(names(&lost), ["fan-1"], "nobody held it");
    let again = take(&world, 12, 10).await;
    assert_eq!(names(&again), ["pump-1", "fan-1"], "nobody holds them any more");
    world.store.hold_submissions(held, at(99)).await.unwrap();
    assert_eq!(
        take(&world, 16, 10).await.len(),
        2,
        "who lost a lease prolongs nothing"
    );
    assert_eq!(taken.len(), 2);
}

pub(crate) async fn a_submissions_lease_of_a_clock_that_stepped_back_has_ended(ground: Ground) {
    let world = World::new(ground).await;
    post(&world, &[&from(&world, "pump-1", 4_999)]).await;
    let ahead = take(&world, 5_000, 10).await.remove(0);
    assert!(
        take(&world, 4_500, 10).await.is_empty(),
        "it may be a replica's whose clock is ahead"
    );
    assert_eq!(take(&world, 100, 10).await.len(), 1);
    settle(&world, &ahead, Settlement::Registered, 101).await;
    assert_eq!(take(&world, 104, 10).await.len(), 1, "fenced all the same");
}

pub(crate) async fn a_submission_that_cannot_be_read_does_not_stop_the_others(ground: Ground) {
    let world = World::new(ground).await;
    let (pump, fan) = (from(&world, "pump-1", 1), from(&world, "fan-1", 2));
    post(&world, &[&pump, &fan]).await;
    world
        .probe
        .run("UPDATE submission SET id_scope = 'odd' WHERE registration_id = 'pump-1'")
        .await;
    let mut damaged = world.store.take_submissions(at(3), at(6), 1).await.unwrap();
    assert!(damaged.leased.is_empty());
    let odd = damaged.unreadable.pop().expect("told apart");
    assert_eq!((odd.id, odd.organization), (pump.id, pump.organization));
    assert_eq!(names(&take(&world, 3, 1).await), ["fan-1"]);
    let refused = Settlement::Refused {
        slug: "submission_unreadable".to_owned(),
        sentence: "send it again".to_owned(),
    };
    let row = Settled {
        id: odd.id,
        lease_epoch: odd.lease_epoch,
        settlement: refused.clone(),
        at: at(4),
    };
    world.store.settle(vec![row]).await.unwrap();
    assert_eq!(
        state(&world, &pump).await,
        Some(SubmissionState::Settled(refused)),
        "it has an end"
    );
    let stranger = Submission {
        organization: tamga_registry::id::OrganizationId::from_octets([9; 16]),
        ..from(&world, "valve-1", 3)
    };
    let pump = from(&world, "pump-2", 4);
    let posted = post(&world, &[&stranger, &pump]).await;
    assert_eq!(
        posted,
        [Posted::Crowded, Posted::Kept],
        "one bad row leaves its neighbour alone"
    );
    let alone = world.store.submit(vec![stranger], 100).await;
    assert!(matches!(alone, Err(StoreFault::Broken { .. })), "{alone:?}");
}

pub(crate) async fn what_became_of_many_is_asked_at_once(ground: Ground) {
    let world = World::new(ground).await;
    let rows: Vec<Submission> = (1..=4)
        .map(|number| from(&world, &format!("pump-{number}"), number))
        .collect();
    post(&world, &rows.iter().collect::<Vec<_>>()).await;
    let taken = take(&world, 5, 10).await;
    let refused = Settlement::Refused {
        slug: "key_in_use".to_owned(),
        sentence: "this key is in use".to_owned(),
    };
    let order = Settlement::Order(OrderId::fresh(START, &world.chance).unwrap());
    settle(&world, &taken[0], Settlement::Registered, 6).await;
    settle(&world, &taken[1], order.clone(), 6).await;
    settle(&world, &taken[2], refused.clone(), 6).await;
    let asked: Vec<SubmissionId> = rows.iter().map(|row| row.id).collect();
    let mut found = world.store.settlements(&asked).await.unwrap();
    found.sort_by_key(|(id, _)| *id);
    let mut expected = vec![
        (rows[0].id, Settlement::Registered),
        (rows[1].id, order),
        (rows[2].id, refused),
    ];
    expected.sort_by_key(|(id, _)| *id);
    assert_eq!(found, expected, "the fourth still waits");
    assert!(world.store.settlements(&[]).await.unwrap().is_empty());
    let sealed = "SELECT COUNT(*) FROM submission WHERE evidence IS NOT NULL OR csr IS NOT NULL";
    assert_eq!(world.count(sealed).await, 1, "what is settled needs no evidence");
}

pub(crate) async fn an_operation_names_the_submission_of_its_own_device_only(ground: Ground) {
    let world = World::new(ground).await;
    let pump = from(&world, "Pump-1", 1);
    post(&world, &[&pump]).await;
    assert_eq!(state(&world, &pump).await, Some(SubmissionState::Waiting));
    let spelled = "pUMP-1".parse().unwrap();
    let own = world
        .store
        .submission(pump.organization, &spelled, pump.operation);
    let own = own.await.unwrap().unwrap();
    assert_eq!((own.id, own.received_at), (pump.id, at(1)));
    let fan = Submission {
        registration_id: "fan-1".parse().unwrap(),
        ..pump.clone()
    };
    assert_eq!(state(&world, &fan).await, None, "another device");
    let elsewhere = Submission {
        organization: tamga_registry::id::OrganizationId::from_octets([9; 16]),
        ..pump.clone()
    };
    assert_eq!(state(&world, &elsewhere).await, None, "another organization");
    let other = Submission {
        operation: OperationId::fresh(&world.chance).unwrap(),
        ..pump
    };
    assert_eq!(state(&world, &other).await, None, "another operation");
}

pub(crate) async fn a_crowd_is_kept_out_and_what_slipped_in_is_refused(ground: Ground) {
    let world = World::new(ground).await;
    // The fifth says that it was received before all others: that gains it nothing.
    let rows: Vec<Submission> = (1..=5)
        .map(|number| from(&world, &format!("pump-{number}"), number % 5))
        .collect();
    let posted = world.store.submit(rows[..4].to_vec(), 3).await.unwrap();
    assert_eq!(
        posted,
        [Posted::Kept, Posted::Kept, Posted::Kept, Posted::Crowded]
    );
    // A fallen door asks for no leave.
    assert_eq!(post(&world, &[&rows[3], &rows[4]]).await, [Posted::Kept; 2]);
    let told = ("submissions_crowded", "try again later".to_owned());
    let refused = world.store.refuse_crowd(3, told.clone(), at(9)).await.unwrap();
    assert_eq!(refused, 2);
    let refusal = SubmissionState::Settled(Settlement::Refused {
        slug: told.0.to_owned(),
        sentence: told.1.clone(),
    });
    assert_eq!(state(&world, &rows[3]).await, Some(refusal.clone()));
    assert_eq!(state(&world, &rows[4]).await, Some(refusal));
    assert_eq!(
        take(&world, 10, 10).await.len(),
        3,
        "those that came first are served"
    );
    assert_eq!(world.store.refuse_crowd(3, told, at(11)).await.unwrap(), 0);
}

pub(crate) async fn what_was_settled_long_ago_is_forgotten(ground: Ground) {
    let world = World::new(ground).await;
    let rows: Vec<Submission> = (1..=3)
        .map(|number| from(&world, &format!("pump-{number}"), number))
        .collect();
    post(&world, &rows.iter().collect::<Vec<_>>()).await;
    let taken = take(&world, 5, 10).await;
    settle(&world, &taken[0], Settlement::Registered, 6).await;
    settle(&world, &taken[1], Settlement::Registered, 60).await;
    assert_eq!(world.store.forget_submissions(at(50)).await.unwrap(), 1);
    assert_eq!(state(&world, &rows[0]).await, None);
    assert!(state(&world, &rows[1]).await.is_some());
    assert_eq!(world.store.forget_submissions(at(9_000)).await.unwrap(), 1);
    assert_eq!(
        state(&world, &rows[2]).await,
        Some(SubmissionState::Waiting),
        "what waits is never forgotten"
    );
}

pub(crate) async fn whoever_waits_is_woken(ground: Ground) {
    let world = World::new(ground).await;
    let soon = |hinted| tokio::time::timeout(Duration::from_secs(10), hinted);
    let kept = world.store.hint(Hint::SubmissionKept);
    post(&world, &[&from(&world, "pump-1", 1)]).await;
    soon(kept).await.expect("a submission was kept since");
    let settled = world.store.hint(Hint::SubmissionSettled);
    let taken = take(&world, 2, 1).await;
    settle(&world, &taken[0], Settlement::Registered, 3).await;
    soon(settled).await.expect("a submission was settled since");
    let policy = world.store.hint(Hint::PolicyChanged);
    let mut change = world.change("enrollment.create").await;
    change.add_enrollment(&world.individual("fan-1")).await.unwrap();
    change.keep().await.unwrap();
    soon(policy).await.expect("policy has changed since");
    let revoked = world.store.hint(Hint::RevocationKept);
    world.change("device.revoke").await.keep().await.unwrap();
    soon(revoked)
        .await
        .expect("something may have been revoked since");
}
