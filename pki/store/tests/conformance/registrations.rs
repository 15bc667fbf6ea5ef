// SPDX-License-Identifier: Apache-2.0
//! Registrations without a certificate, and refusals.

use tamga_registry::journal::RefusalTally;
use tamga_registry::store::EnrollmentAdded;
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::OperationAnswer;

use super::world::{Ground, World};

pub(crate) async fn a_device_is_registered_once_however_it_spells_itself(ground: Ground) {
    let world = World::new(ground).await;
    let before = world.tallies().await;
    let rows = vec![
        world.registration("Pump-1"),
        world.registration("pump-1"),
        world.registration("pump-2"),
    ];
    let operation = rows[0].device.operation;
    assert_eq!(
        world.store.keep_registrations(rows.clone()).await.unwrap(),
        [Kept, Stale, Kept]
    );
    let after = world.tallies().await;
    assert_eq!((after["device"], after["journal"]), (2, before["journal"] + 2));

    assert_eq!(
        world.store.keep_registrations(rows).await.unwrap(),
        [Stale, Stale, Stale]
    );
    assert_eq!(world.tallies().await, after);
    let id = "PUMP-1".parse().unwrap();
    match world
        .store
        .operation(world.organization, &id, operation)
        .await
        .unwrap()
    {
        Some(OperationAnswer::Registration(device)) => {
            assert_eq!(device.registration_id.presented(), "Pump-1");
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_registration_is_stale_once_what_it_was_judged_by_has_changed(ground: Ground) {
    let world = World::new(ground).await;
    let mut change = world.change("enrollment.create").await;
    assert_eq!(
        change.add_enrollment(&world.individual("pump-1")).await.unwrap(),
        EnrollmentAdded::Added
    );
    change.keep().await.unwrap();
    let mut group = world.registration("pump-2");
    group.expected.enrollment.1 = 5;
    let mut organization = world.registration("pump-3");
    organization.expected.organization = 0;
    let rows = vec![world.registration("pump-1"), group, organization];
    assert_eq!(
        world.store.keep_registrations(rows).await.unwrap(),
        [Stale, Stale, Stale]
    );
    assert_eq!(world.tallies().await["device"], 0);
}

pub(crate) async fn refusals_are_kept_a_row_each_and_anonymous_ones_counted(ground: Ground) {
    let world = World::new(ground).await;
    let before = world.tallies().await["journal"];
    let rows = vec![
        world.journal("device.enroll", "pump-1"),
        world.journal("device.enroll", "pump-2"),
    ];
    world.store.keep_refusals(rows).await.unwrap();
    assert_eq!(world.tallies().await["journal"], before + 2);

    let tally = |reason, refused| RefusalTally {
        minute: 29_921_822,
        source_prefix: "192.0.2.0/24".to_owned(),
        reason,
        refused,
    };
    world
        .store
        .keep_tallies(vec![tally("token_expired", 3), tally("token_scope", 1)])
        .await
        .unwrap();
    world
        .store
        .keep_tallies(vec![tally("token_expired", 4)])
        .await
        .unwrap();
    assert_eq!(world.count("SELECT COUNT(*) FROM refusal_tally").await, 2);
    let expired = "SELECT refused FROM refusal_tally WHERE reason = 'token_expired'";
    assert_eq!(world.count(expired).await, 7);
    assert_eq!(
        world.tallies().await["journal"],
        before + 2,
        "they fill no journal"
    );
}

pub(crate) async fn rows_of_a_caller_that_went_away_are_kept_whole(ground: Ground) {
    use futures::FutureExt as _;
    let world = World::new(ground).await;
    let rows = vec![world.registration("pump-1"), world.registration("pump-2")];
    assert!(
        world.store.keep_registrations(rows).now_or_never().is_none(),
        "handed in, and then dropped"
    );
    // Jobs are done in the order in which they were handed in.
    let after = world
        .store
        .keep_registrations(vec![world.registration("pump-3")])
        .await
        .unwrap();
    assert_eq!(after, [Kept]);
    assert_eq!(world.tallies().await["device"], 3);
}
