// SPDX-License-Identifier: Apache-2.0
//! What is there later: its version, other terms and keys, its end, and what each undoes of what was judged before.

use tamga_registry::account::{AccountState, GivenRole, Grantee};
use tamga_registry::anchor::{AnchorState, AnchorStatus};
use tamga_registry::enrollment::{Attestation, EnrollmentRef, EnrollmentState, RekeyPolicy, Terms};
use tamga_registry::id::{AssignmentId, GroupId};
use tamga_registry::role::Role;
use tamga_registry::secret::SealedPair;
use tamga_registry::station::{Station, StationLimits};
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::{
    AccountSet, Change, EnrollmentAdded, GroupAdded, StationAdded, TermsReplaced, Thing,
};
use tamga_registry::version::{Version, Versioned};

use super::orders::first;
use super::world::{Ground, START, World, at};

impl World {
    /// The version of a thing, in a change that is not kept.
    async fn version(&self, thing: &Thing) -> Option<Version> {
        let mut change = self.change("organization.update").await;
        change.version(self.organization, thing).await.unwrap()
    }

    /// Whether what a change does to a thing changes its version.
    async fn changes(&self, thing: &Thing, act: impl AsyncFnOnce(&mut dyn Change)) -> bool {
        let before = self.version(thing).await;
        let mut change = self.change("group.update").await;
        act(&mut *change).await;
        change.keep().await.unwrap();
        before != self.version(thing).await
    }

    fn first_group(&self) -> EnrollmentRef {
        EnrollmentRef::Group(self.group.id)
    }
}

pub(crate) async fn the_version_of_a_thing_changes_with_it_and_only_then(ground: Ground) {
    let world = World::new(ground).await;
    let here = world.organization;
    let group = Thing::Group("LINE-1".parse().unwrap());
    let name = world.group.name.clone();
    assert_eq!(world.version(&group).await, Some(world.group.version()));
    for (state, changes) in [
        (EnrollmentState::Enabled, false),
        (EnrollmentState::Disabled, true),
    ] {
        let set = async |change: &mut dyn Change| {
            assert!(change.set_group_state(here, &name, state).await.unwrap());
        };
        assert_eq!(world.changes(&group, set).await, changes);
    }
    let itself = Thing::Organization;
    for (display, changes) in [("Acme Pumps", false), ("Acme", true)] {
        let rename = async |change: &mut dyn Change| {
            change.rename_organization(here, display).await.unwrap();
        };
        assert_eq!(world.changes(&itself, rename).await, changes);
    }
    let visitor = world.account(here, "visitor");
    let account = Thing::Account(visitor.name.clone());
    assert_eq!(world.version(&account).await, None);
    let add = async |change: &mut dyn Change| {
        assert!(change.add_account(&visitor).await.unwrap());
    };
    assert!(world.changes(&account, add).await);
    assert_eq!(world.version(&account).await, Some(visitor.version()));
    for (state, changes) in [(AccountState::Enabled, false), (AccountState::Disabled, true)] {
        let set = async |change: &mut dyn Change| {
            let set = change.set_account_state(here, &visitor.name, state).await;
            assert_eq!(set.unwrap(), AccountSet::Set);
        };
        assert_eq!(world.changes(&account, set).await, changes);
    }
    let given = GivenRole {
        id: AssignmentId::fresh(START, &world.chance).unwrap(),
        organization: here,
        grantee: Grantee::Account(visitor.id),
        role: Role::Factory,
        created_at: START,
    };
    let assignment = Thing::Assignment(given.id);
    let give = async |change: &mut dyn Change| {
        change.give_role(&given).await.unwrap();
    };
    assert!(world.changes(&assignment, give).await);
    assert_eq!(world.version(&assignment).await, Some(given.version()));
    for nothing in [
        Thing::Group("fan-1".parse().unwrap()),
        Thing::Individual(name.clone()),
        Thing::Anchor(name.clone()),
        Thing::Token(tamga_registry::id::TokenId::from_octets([7; 16])),
        Thing::ClientCertificate(tamga_x509::certificate::Fingerprint([7; 32])),
    ] {
        assert_eq!(world.version(&nothing).await, None, "{nothing:?}");
    }
}

pub(crate) async fn the_version_of_an_anchor_changes_with_all_that_belongs_to_it(ground: Ground) {
    let world = World::new(ground).await;
    let here = world.organization;
    let vendor = world.anchor("vendor", 7);
    world.with_anchor(&vendor).await;
    let name = vendor.name.clone();
    let anchor = Thing::Anchor(name.clone());
    assert_eq!(world.version(&anchor).await, Some(vendor.version()));
    let acts: [(&str, bool); 4] = [
        ("same", false),
        ("disabled", true),
        ("status", true),
        ("end", true),
    ];
    for (act, changes) in acts {
        let perform = async |change: &mut dyn Change| match act {
            "same" => assert!(
                change
                    .set_anchor_state(here, &name, AnchorState::Enabled)
                    .await
                    .unwrap()
            ),
            "disabled" => assert!(
                change
                    .set_anchor_state(here, &name, AnchorState::Disabled)
                    .await
                    .unwrap()
            ),
            "status" => assert!(
                change
                    .set_anchor_status(here, &name, AnchorStatus::Crl)
                    .await
                    .unwrap()
            ),
            _ => {
                change.remove_anchor(here, &name).await.unwrap();
            }
        };
        assert_eq!(world.changes(&anchor, perform).await, changes, "{act}");
    }
    assert_eq!(world.version(&anchor).await, None);
}

pub(crate) async fn terms_are_replaced_and_what_was_judged_by_the_old_ones_is_stale(ground: Ground) {
    let world = World::new(ground).await;
    let judged = world.intent(first("pump-1", 1));
    let terms = Terms {
        rekey: RekeyPolicy::Refuse,
        rekeys_per_day: 3,
        assigned_hub: None,
        // Neither is a part of what is replaced.
        state: EnrollmentState::Disabled,
        generation: 77,
        ..world.group.terms.clone()
    };
    let mut change = world.change("group.update").await;
    let replaced = change
        .replace_terms(world.organization, world.first_group(), &terms)
        .await;
    assert_eq!(replaced.unwrap(), TermsReplaced::Replaced);
    change.keep().await.unwrap();
    let found = world.store.group(world.organization, &world.group.name).await;
    let found = found.unwrap().unwrap().terms;
    assert_eq!(
        (
            found.rekey,
            found.rekeys_per_day,
            found.assigned_hub,
            found.state,
            found.generation
        ),
        (RekeyPolicy::Refuse, 3, None, EnrollmentState::Enabled, 2)
    );
    assert_eq!(world.keep(&judged).await, Stale);
    let mut again = judged.clone();
    again.expected.enrollment.1 = 2;
    assert_eq!(world.keep(&again).await, Kept);
}

pub(crate) async fn a_group_changes_its_anchors_for_those_that_are_free(ground: Ground) {
    let world = World::new(ground).await;
    let anchors = [("one", 1), ("two", 2), ("three", 3)].map(|(name, octet)| world.anchor(name, octet));
    for anchor in &anchors {
        world.with_anchor(anchor).await;
    }
    let [one, two, three] = anchors.map(|anchor| anchor.id);
    let (line, hall) = (
        world.group_of("chained", one, Some(two)),
        world.group_of("hall", three, None),
    );
    let mut change = world.change("group.create").await;
    for group in [&line, &hall] {
        assert_eq!(change.add_group(group).await.unwrap(), GroupAdded::Added);
    }
    change.keep().await.unwrap();
    let replace = async |primary, secondary| {
        let terms = world.group_of("chained", primary, secondary).terms;
        let mut change = world.change("group.update").await;
        let of = EnrollmentRef::Group(line.id);
        let replaced = change
            .replace_terms(world.organization, of, &terms)
            .await
            .unwrap();
        if replaced == TermsReplaced::Replaced {
            change.keep().await.unwrap();
        }
        replaced
    };
    assert_eq!(replace(three, None).await, TermsReplaced::AnchorInUse);
    let nobodys = tamga_registry::id::AnchorId::from_octets([9; 16]);
    assert_eq!(replace(nobodys, None).await, TermsReplaced::NoAnchor);
    let held = async || {
        let group = world.store.group(world.organization, &line.name).await;
        match group.unwrap().unwrap().terms.attestation {
            Attestation::Anchors(pair) => (pair.primary, pair.secondary),
            other @ (Attestation::SymmetricKey(_) | Attestation::Pinned(_)) => panic!("{other:?}"),
        }
    };
    assert_eq!(
        held().await,
        (one, Some(two)),
        "what was refused left it as it was"
    );
    assert_eq!(replace(two, Some(one)).await, TermsReplaced::Replaced);
    assert_eq!(held().await, (two, Some(one)));
    assert_eq!(replace(two, None).await, TermsReplaced::Replaced);
    assert_eq!(held().await, (two, None));
}

pub(crate) async fn keys_are_replaced_in_their_place(ground: Ground) {
    let world = World::new(ground).await;
    let judged = world.intent(first("pump-1", 1));
    let keys = SealedPair {
        primary: vec![3; 60],
        secondary: vec![4; 60],
        data_key: 1,
    };
    let mut change = world.change("group.update").await;
    change
        .replace_keys(world.organization, world.first_group(), &keys)
        .await
        .unwrap();
    change.keep().await.unwrap();
    let found = world.store.group(world.organization, &world.group.name).await;
    let found = found.unwrap().unwrap().terms;
    let Attestation::SymmetricKey(pair) = found.attestation else {
        panic!("it has keys")
    };
    assert_eq!(
        (pair.primary, pair.secondary, found.generation),
        (keys.primary, keys.secondary, 2)
    );
    assert_eq!(
        world.keep(&judged).await,
        Stale,
        "the old key proves nobody any more"
    );
}

pub(crate) async fn whoever_is_bound_to_what_is_removed_stays_so(ground: Ground) {
    let world = World::new(ground).await;
    let here = world.organization;
    world.issue(first("pump-1", 1)).await;
    let judged = world.intent(first("pump-2", 2));
    let mut change = world.change("enrollment.create").await;
    let fan = world.individual("fan-1");
    assert_eq!(change.add_enrollment(&fan).await.unwrap(), EnrollmentAdded::Added);
    change.keep().await.unwrap();
    let mut change = world.change("group.delete").await;
    for (of, there) in [
        (world.first_group(), true),
        (world.first_group(), false),
        (EnrollmentRef::Individual(fan.id), true),
        (EnrollmentRef::Group(GroupId::from_octets([9; 16])), false),
    ] {
        let removed = change.remove_enrollment(here, of, at(9)).await.unwrap();
        assert_eq!(removed, there.then(Vec::new), "{of:?}");
    }
    change.keep().await.unwrap();
    assert!(
        world
            .store
            .group(here, &world.group.name)
            .await
            .unwrap()
            .is_none()
    );
    for (query, left) in [
        ("SELECT COUNT(*) FROM enrollment_symmetric_key", 0),
        (
            "SELECT COUNT(*) FROM enrollment_tombstone WHERE kind = 'group' AND name = 'Line-1'",
            1,
        ),
        (
            "SELECT COUNT(*) FROM enrollment_tombstone WHERE kind = 'individual' AND name = 'fan-1'",
            1,
        ),
        ("SELECT COUNT(*) FROM device", 1),
    ] {
        assert_eq!(world.count(query).await, left, "{query}");
    }
    assert_eq!(world.keep(&judged).await, Stale);

    // The name is free; whoever takes it is another.
    let mut anew = world.group.clone();
    anew.id = GroupId::fresh(START, &world.chance).unwrap();
    let mut change = world.change("group.create").await;
    assert_eq!(change.add_group(&anew).await.unwrap(), GroupAdded::Added);
    // A device that is bound to the group that is gone cannot be named.
    let taken = change.add_enrollment(&world.individual("pump-1")).await.unwrap();
    assert_eq!(taken, EnrollmentAdded::BoundElsewhere);
    change.keep().await.unwrap();
    assert_eq!(world.keep(&judged).await, Stale);
}

pub(crate) async fn the_stations_of_a_group_go_with_it_and_those_of_another_stay(ground: Ground) {
    let world = World::new(ground).await;
    let here = world.organization;
    let mut other = world.group.clone();
    (other.id, other.name) = (
        GroupId::fresh(START, &world.chance).unwrap(),
        "line-2".parse().unwrap(),
    );
    let stays = Station {
        group: other.id,
        group_name: other.name.clone(),
        ..world.station("Flash-3", StationLimits::default())
    };
    let goes = ["Flash-2", "Flash-1"].map(|name| world.station(name, StationLimits::default()));
    let mut change = world.change("station.create").await;
    assert_eq!(change.add_group(&other).await.unwrap(), GroupAdded::Added);
    for station in goes.iter().chain([&stays]) {
        assert_eq!(change.add_station(station).await.unwrap(), StationAdded::Added);
    }
    change.keep().await.unwrap();
    let unit = world.made_at(&goes[0], first("unit-1", 1));
    assert_eq!(world.keep(&unit).await, Kept);
    let late = world.made_at(&goes[0], first("unit-2", 2));

    let mut change = world.change("group.delete").await;
    let removed = change.remove_enrollment(here, world.first_group(), at(9)).await;
    let names: Vec<String> = removed
        .unwrap()
        .expect("it was there")
        .iter()
        .map(|name| name.presented().to_owned())
        .collect();
    assert_eq!(names, ["Flash-1", "Flash-2"]);
    change.keep().await.unwrap();
    for station in &goes {
        assert_eq!(world.store.station_by_id(station.id).await.unwrap(), None);
    }
    let found = world.store.station_by_id(stays.id).await.unwrap();
    assert_eq!(found, Some(stays));
    // What was made there stays, and nothing more is made.
    assert!(
        world
            .store
            .device(here, &"unit-1".parse().unwrap())
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(world.keep(&late).await, Stale);
}
