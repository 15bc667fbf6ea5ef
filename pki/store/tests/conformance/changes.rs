// SPDX-License-Identifier: Apache-2.0
//! Administrative changes: kept whole or never were, and what they raise.

use std::sync::atomic::{AtomicBool, Ordering};

use tamga_registry::enrollment::{EnrollmentFilter, EnrollmentState};
use tamga_registry::id::{GroupId, OrganizationId};
use tamga_registry::page::{Page, Sort};
use tamga_registry::secret::{SealingPurpose, WrappedDataKey};
use tamga_registry::station::{Station, StationLimits};
use tamga_registry::store::IntentVerdict::Kept;
use tamga_registry::store::{EnrolleeQuestion, EnrollmentAdded, GroupAdded, StationAdded};

use super::orders::first;
use super::world::{Ground, START, World};

pub(crate) async fn a_change_raises_the_policy_version_and_writes_the_journal(ground: Ground) {
    let world = World::new(ground).await;
    let before = world.store.policy_version().await.unwrap();
    let rows = world.tallies().await["journal"];
    let mut change = world.change("group.update").await;
    let (organization, name) = (world.organization, &world.group.name);
    assert!(
        change
            .set_group_state(organization, name, EnrollmentState::Disabled)
            .await
            .unwrap()
    );
    assert_eq!(
        world.store.policy_version().await.unwrap(),
        before,
        "nobody sees it yet"
    );
    change.keep().await.unwrap();
    assert_eq!(world.store.policy_version().await.unwrap().0, before.0 + 1);
    assert_eq!(world.tallies().await["journal"], rows + 1);
    let policy = world.store.scope_policy(&world.scope).await.unwrap().unwrap();
    assert_eq!(policy.version.0, before.0 + 1);
    let terms = &policy.groups[0].terms;
    assert_eq!((terms.state, terms.generation), (EnrollmentState::Disabled, 2));
}

pub(crate) async fn a_dropped_change_never_was(ground: Ground) {
    let world = World::new(ground).await;
    let before = (world.tallies().await, world.store.policy_version().await.unwrap());
    let mut change = world.change("group.update").await;
    let (organization, name) = (world.organization, &world.group.name);
    assert!(
        change
            .set_group_state(organization, name, EnrollmentState::Disabled)
            .await
            .unwrap()
    );
    assert_eq!(
        change.add_enrollment(&world.individual("pump-1")).await.unwrap(),
        EnrollmentAdded::Added
    );
    drop(change);
    assert_eq!(
        world.keep(&world.intent(first("pump-1", 1))).await,
        Kept,
        "judged before, kept after"
    );
    assert_eq!(world.store.policy_version().await.unwrap(), before.1);
    let policy = world.store.scope_policy(&world.scope).await.unwrap().unwrap();
    assert_eq!(policy.groups[0].terms.state, EnrollmentState::Enabled);
    assert_eq!(
        world.tallies().await["journal"],
        before.0["journal"] + 1,
        "the device's"
    );
}

pub(crate) async fn a_change_left_open_ends_by_itself_and_the_others_go_on(ground: Ground) {
    let world = World::new(ground).await;
    let mut change = world.change("group.update").await;
    let (organization, name) = (world.organization, &world.group.name);
    assert!(
        change
            .set_group_state(organization, name, EnrollmentState::Disabled)
            .await
            .unwrap()
    );
    // Its own holder waits for a write behind it: without a limit neither would ever end.
    assert_eq!(world.keep(&world.intent(first("pump-1", 1))).await, Kept);
    assert!(change.add_enrollment(&world.individual("pump-2")).await.is_err());
    assert!(change.keep().await.is_err());
    let policy = world.store.scope_policy(&world.scope).await.unwrap().unwrap();
    assert_eq!(policy.groups[0].terms.state, EnrollmentState::Enabled);
}

pub(crate) async fn names_are_taken_once_without_regard_to_case(ground: Ground) {
    let world = World::new(ground).await;
    let mut change = world.change("group.create").await;
    let mut same = world.group.clone();
    same.id = GroupId::fresh(START, &world.chance).unwrap();
    same.name = "LINE-1".parse().unwrap();
    assert_eq!(change.add_group(&same).await.unwrap(), GroupAdded::Taken);
    for name in ["zebra", "Alpha", "beta"] {
        same.id = GroupId::fresh(START, &world.chance).unwrap();
        same.name = name.parse().unwrap();
        assert_eq!(change.add_group(&same).await.unwrap(), GroupAdded::Added);
    }
    assert_eq!(
        change.add_enrollment(&world.individual("pump-1")).await.unwrap(),
        EnrollmentAdded::Added
    );
    assert_eq!(
        change.add_enrollment(&world.individual("PUMP-1")).await.unwrap(),
        EnrollmentAdded::Taken
    );
    change.keep().await.unwrap();

    let (all, first) = (EnrollmentFilter::default(), Page::first(Sort::NAME, 10));
    let groups = world.store.groups(world.organization, &all, &first).await;
    let names = groups
        .unwrap()
        .rows
        .into_iter()
        .map(|group| group.name.to_string());
    assert_eq!(names.collect::<Vec<_>>(), ["Alpha", "beta", "Line-1", "zebra"]);
}

pub(crate) async fn a_device_bound_elsewhere_is_not_named_by_a_new_enrollment(ground: Ground) {
    let world = World::new(ground).await;
    world.issue(first("pump-1", 1)).await;
    let mut change = world.change("enrollment.create").await;
    let refused = change.add_enrollment(&world.individual("PUMP-1")).await.unwrap();
    assert_eq!(
        refused,
        EnrollmentAdded::BoundElsewhere,
        "it is the group's, and could never enroll again"
    );
    let fan = world.individual("fan-1");
    assert_eq!(change.add_enrollment(&fan).await.unwrap(), EnrollmentAdded::Added);
    change.keep().await.unwrap();
    let rows = "SELECT COUNT(*) FROM individual_enrollment";
    assert_eq!(world.count(rows).await, 1);
    let keys = "SELECT COUNT(*) FROM enrollment_symmetric_key";
    assert_eq!(world.count(keys).await, 2, "the group's and the fan's");
}

pub(crate) async fn what_is_not_there_or_not_ones_own_cannot_be_set(ground: Ground) {
    let world = World::new(ground).await;
    let mut change = world.change("group.update").await;
    let elsewhere = OrganizationId::from_octets([9; 16]);
    let (nobody, disabled) = ("nobody".parse().unwrap(), EnrollmentState::Disabled);
    assert!(
        !change
            .set_group_state(world.organization, &nobody, disabled)
            .await
            .unwrap()
    );
    assert!(
        !change
            .set_group_state(elsewhere, &world.group.name, disabled)
            .await
            .unwrap()
    );
    assert!(
        !change
            .set_enrollment_state(world.organization, &nobody, disabled)
            .await
            .unwrap()
    );
    assert_eq!(
        change.add_enrollment(&world.individual("pump-1")).await.unwrap(),
        EnrollmentAdded::Added
    );
    assert!(
        !change
            .set_enrollment_state(elsewhere, &"pump-1".parse().unwrap(), disabled)
            .await
            .unwrap()
    );
    let own = "Pump-1".parse().unwrap();
    assert!(
        change
            .set_enrollment_state(world.organization, &own, disabled)
            .await
            .unwrap()
    );
    assert!(
        change
            .set_enrollment_state(world.organization, &own, disabled)
            .await
            .unwrap()
    );
    change.keep().await.unwrap();
    let found = world
        .store
        .enrollee(&EnrolleeQuestion::of(world.organization, &own))
        .await
        .unwrap()
        .individual
        .unwrap();
    assert_eq!(
        (found.terms.state, found.terms.generation),
        (disabled, 2),
        "no change, no new number"
    );
}

pub(crate) async fn data_keys_are_added_by_version_and_the_newest_is_used(ground: Ground) {
    let world = World::new(ground).await;
    let key = |version| WrappedDataKey {
        purpose: SealingPurpose::DeviceSecrets,
        organization: world.organization,
        version,
        wrapped: vec![u8::try_from(version).unwrap()],
        created_at: START,
    };
    let mut change = world.change("data_key.create").await;
    assert!(!change.add_data_key(&key(1)).await.unwrap());
    assert!(change.add_data_key(&key(2)).await.unwrap());
    change.keep().await.unwrap();
    let newest = world
        .store
        .data_key(SealingPurpose::DeviceSecrets, world.organization)
        .await
        .unwrap();
    assert_eq!(newest.unwrap().version, 2);
    let none = world
        .store
        .data_key(SealingPurpose::ServiceKeys, world.organization)
        .await
        .unwrap();
    assert!(none.is_none());
    let slug = "acme".parse().unwrap();
    assert_eq!(
        world.store.organization(&slug).await.unwrap().unwrap().id,
        world.organization
    );
    assert_eq!(
        world.store.id_scopes(world.organization).await.unwrap(),
        std::slice::from_ref(&world.scope)
    );
}

pub(crate) async fn a_station_is_read_with_its_group_whatever_is_made_meanwhile(ground: Ground) {
    let world = World::new(ground).await;
    let ended = AtomicBool::new(false);
    let making = async {
        for number in 0..30 {
            let mut group = world.group.clone();
            group.id = GroupId::fresh(START, &world.chance).unwrap();
            group.name = format!("line-of-{number}").parse().unwrap();
            let station = Station {
                group: group.id,
                group_name: group.name.clone(),
                ..world.station(&format!("flash-{number}"), StationLimits::default())
            };
            let mut change = world.change("station.create").await;
            assert_eq!(change.add_group(&group).await.unwrap(), GroupAdded::Added);
            assert_eq!(change.add_station(&station).await.unwrap(), StationAdded::Added);
            change.keep().await.unwrap();
        }
        ended.store(true, Ordering::SeqCst);
    };
    let reading = async {
        while !ended.load(Ordering::SeqCst) {
            let policy = world.store.scope_policy(&world.scope).await.unwrap().unwrap();
            for station in policy.stations {
                let found = policy.groups.iter().any(|group| group.id == station.group);
                assert!(found, "{} without its group", station.name);
            }
        }
    };
    futures::join!(making, reading);
}
