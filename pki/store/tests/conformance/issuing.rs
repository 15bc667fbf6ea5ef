// SPDX-License-Identifier: Apache-2.0
//! Profiles with their revisions, and what one organization lets another use.

use std::sync::Arc;

use tamga_registry::grant::{Grant, GrantKind};
use tamga_registry::id::{GroupId, OrganizationId, ProfileId};
use tamga_registry::organization::Organization;
use tamga_registry::page::{By, Listed as _, Page, Sort};
use tamga_registry::profile::{ProfileRevision, RevisionId};
use tamga_registry::store::{
    EnrollmentAdded, GrantGiven, GrantOf, GrantTaken, GrantUse, GroupAdded, OrganizationAdded,
};
use tamga_x509::profile::{Profile, ProfileConfig};

use super::world::{Ground, START, World, at};

impl World {
    fn profile_named(&self, name: &str, owner: OrganizationId) -> ProfileRevision {
        ProfileRevision {
            id: RevisionId {
                profile: ProfileId::fresh(START, &self.chance).unwrap(),
                revision: 1,
            },
            owner,
            name: name.to_owned(),
            rules: lasting("30d"),
        }
    }

    async fn adds_profile(&self, first: &ProfileRevision, seconds: u64) -> bool {
        let mut change = self.change("profile.create").await;
        let added = change.add_profile(first, at(seconds)).await.unwrap();
        if added {
            change.keep().await.unwrap();
        }
        added
    }

    async fn plant(&self) -> Organization {
        let plant = self.below(self.organization, "plant");
        assert_eq!(self.adds(&plant).await, OrganizationAdded::Added);
        plant
    }

    fn grant(&self, kind: GrantKind, thing: &str, to: OrganizationId) -> GrantOf {
        GrantOf {
            owner: self.organization,
            kind,
            thing: thing.parse().unwrap(),
            to,
        }
    }

    async fn gives(&self, grant: &GrantOf, seconds: u64) -> GrantGiven {
        let mut change = self.change("grant.create").await;
        let given = change.give_grant(grant, at(seconds)).await.unwrap();
        if given == GrantGiven::Given {
            change.keep().await.unwrap();
        }
        given
    }

    async fn takes_back(&self, grant: &GrantOf) -> GrantTaken {
        let mut change = self.change("grant.delete").await;
        let taken = change.take_grant(grant).await.unwrap();
        if taken == GrantTaken::Taken {
            change.keep().await.unwrap();
        }
        taken
    }
}

fn lasting(validity: &str) -> Arc<Profile> {
    let config = ProfileConfig {
        validity: validity.to_owned(),
        ..ProfileConfig::device()
    };
    Arc::new(Profile::try_from(config).unwrap())
}

pub(crate) async fn a_profile_is_revised_and_every_revision_stays(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let short = world.profile_named("short", world.organization);
    let version = store.policy_version().await.unwrap().0;
    assert!(world.adds_profile(&short, 1).await);
    assert!(
        !world
            .adds_profile(&world.profile_named("short", world.organization), 2)
            .await
    );
    for (number, validity) in [(2, "20d"), (3, "10d")] {
        let mut change = world.change("profile.update").await;
        let revised = change
            .revise_profile(short.id.profile, &lasting(validity), at(number))
            .await
            .unwrap();
        assert_eq!(u64::try_from(revised).unwrap(), number);
        change.keep().await.unwrap();
    }
    assert_eq!(store.policy_version().await.unwrap().0, version + 3);
    let name = "Short".parse().unwrap();
    let known = store
        .usable_profile(world.organization, &name)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((known.current.id.revision, known.usable_since), (3, at(1)));
    assert_eq!(known.current.rules, lasting("10d"));
    assert_eq!(known.owner.as_str(), "acme");
    let mut page = Page::first(Sort::TIME_FALLING, 2);
    let newest = store.profile_revisions(short.id.profile, &page).await.unwrap();
    let numbers = |found: &[tamga_registry::profile::DatedRevision]| -> Vec<i64> {
        found.iter().map(|one| one.revision.id.revision).collect()
    };
    assert_eq!(numbers(&newest), [3, 2, 1], "one more than the page has");
    page.after = Some(newest[1].mark(By::Time));
    let rest = store.profile_revisions(short.id.profile, &page).await.unwrap();
    assert_eq!(numbers(&rest), [1]);
    let rising = Page::first(Sort::TIME, 9);
    let all = store.profile_revisions(short.id.profile, &rising).await.unwrap();
    assert_eq!(numbers(&all), [1, 2, 3]);
    let first = store.profile_revision(short.id).await.unwrap().unwrap();
    assert_eq!((first.revision.rules, first.created_at), (lasting("30d"), at(1)));
    let none = RevisionId {
        revision: 4,
        ..short.id
    };
    assert!(store.profile_revision(none).await.unwrap().is_none());
}

pub(crate) async fn what_may_be_used_is_listed_by_since_when_and_an_own_name_goes_first(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let plant = world.plant().await;
    let own = world.profile_named("device", plant.id);
    for grant in [
        world.grant(GrantKind::Profile, "device", plant.id),
        world.grant(GrantKind::Issuer, "devices", plant.id),
    ] {
        assert_eq!(world.gives(&grant, 5).await, GrantGiven::Given);
    }
    let name = "device".parse().unwrap();
    let used = store.usable_profile(plant.id, &name).await.unwrap().unwrap();
    assert_eq!(used.owner.as_str(), "acme");
    assert!(world.adds_profile(&own, 7).await, "a name is one of its owner");
    let used = store.usable_profile(plant.id, &name).await.unwrap().unwrap();
    assert_eq!((used.owner.as_str(), used.current.id), ("plant", own.id));
    let owners = |sort| async move {
        let mut page = Page::first(sort, 1);
        let mut owners = Vec::new();
        loop {
            let found = store.usable_profiles(plant.id, &page).await.unwrap();
            owners.push(found[0].owner.to_string());
            match found.len() {
                2 => page.after = Some(found[0].mark(By::Time)),
                _ => return owners,
            }
        }
    };
    assert_eq!(owners(Sort::TIME).await, ["acme", "plant"]);
    assert_eq!(owners(Sort::TIME_FALLING).await, ["plant", "acme"]);
    let page = Page::first(Sort::TIME, 9);
    let issuers = store.usable_issuers(plant.id, &page).await.unwrap();
    assert_eq!(issuers.len(), 1);
    assert_eq!(
        (issuers[0].issuer.id, issuers[0].usable_since),
        (world.issuer, at(5))
    );
    assert_eq!(
        store
            .usable_issuers(world.organization, &page)
            .await
            .unwrap()
            .len(),
        3
    );
    let hidden = store
        .usable_issuer(plant.id, &"root".parse().unwrap())
        .await
        .unwrap();
    assert!(hidden.is_none());
}

pub(crate) async fn of_two_that_were_granted_by_one_name_the_older_is_meant(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let plant = world.plant().await;
    let hall = world.below(plant.id, "hall");
    assert_eq!(world.adds(&hall).await, OrganizationAdded::Added);
    let (older, newer) = (
        world.profile_named("short", world.organization),
        world.profile_named("short", plant.id),
    );
    let (older, newer) = match older.id.profile < newer.id.profile {
        true => (older, newer),
        false => (newer, older),
    };
    let name = "short".parse().unwrap();
    // The other way round than they were made.
    for (profile, seconds) in [(&newer, 5), (&older, 6)] {
        assert!(world.adds_profile(profile, seconds).await);
        let grant = GrantOf {
            owner: profile.owner,
            ..world.grant(GrantKind::Profile, "short", hall.id)
        };
        assert_eq!(world.gives(&grant, seconds).await, GrantGiven::Given);
        let meant = store.usable_profile(hall.id, &name).await.unwrap().unwrap();
        assert_eq!(meant.current.id, profile.id);
    }
}

pub(crate) async fn a_grant_is_given_once_and_taken_back_once_nothing_refers_to_it(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let plant = world.plant().await;
    let profile = world.grant(GrantKind::Profile, "Device", plant.id);
    let issuer = world.grant(GrantKind::Issuer, "devices", plant.id);
    let nothing = world.grant(GrantKind::Anchor, "devices", plant.id);
    assert_eq!(world.gives(&nothing, 1).await, GrantGiven::NothingThere);
    assert_eq!(world.takes_back(&profile).await, GrantTaken::NoGrant);
    assert_eq!(world.gives(&profile, 1).await, GrantGiven::Given);
    assert_eq!(world.gives(&profile, 2).await, GrantGiven::Held);
    assert_eq!(world.gives(&issuer, 3).await, GrantGiven::Given);
    let page = Page::first(Sort::NAME, 9);
    let names = |found: Vec<Grant>| -> Vec<String> { found.iter().map(|one| one.name.to_string()).collect() };
    let given = store.grants(world.organization, &page).await.unwrap();
    assert_eq!(
        names(given.clone()),
        ["issuer:plant:devices", "profile:plant:device"]
    );
    let mut second = Page::first(Sort::NAME_FALLING, 1);
    second.after = Some(given[1].mark(By::Name));
    assert_eq!(
        names(store.grants(world.organization, &second).await.unwrap()),
        ["issuer:plant:devices"]
    );
    assert!(store.grants(plant.id, &page).await.unwrap().is_empty());
    let found = store
        .grant(world.organization, &given[1].name)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.created_at, at(1));
    assert!(store.grant(plant.id, &given[1].name).await.unwrap().is_none());

    let mut line = world.group.clone();
    line.id = GroupId::fresh(START, &world.chance).unwrap();
    line.organization = plant.id;
    let mut change = world.change("group.create").await;
    assert_eq!(change.add_group(&line).await.unwrap(), GroupAdded::Added);
    change.keep().await.unwrap();
    let used = || {
        GrantTaken::InUse(GrantUse {
            noun: "enrollment group",
            name: "Line-1".to_owned(),
        })
    };
    assert_eq!(world.takes_back(&profile).await, used());
    assert_eq!(world.takes_back(&issuer).await, used());
    world.probe.run("DELETE FROM enrollment_group WHERE organization_id <> (SELECT id FROM organization WHERE slug = 'acme')").await;
    assert_eq!(world.takes_back(&issuer).await, GrantTaken::Taken);
    assert_eq!(world.takes_back(&issuer).await, GrantTaken::NoGrant);
    let owner = world.grant(GrantKind::Issuer, "devices", world.organization);
    assert_eq!(
        world.gives(&owner, 9).await,
        GrantGiven::Held,
        "an owner needs none"
    );
}

pub(crate) async fn a_group_needs_the_grants_of_its_own_organization(ground: Ground) {
    let world = World::new(ground).await;
    let plant = world.plant().await;
    let mut line = world.group.clone();
    line.id = GroupId::fresh(START, &world.chance).unwrap();
    line.organization = plant.id;
    let mut fan = world.individual("fan-1");
    fan.organization = plant.id;
    for kind in [None, Some((GrantKind::Profile, "device"))] {
        if let Some((kind, thing)) = kind {
            let grant = world.grant(kind, thing, plant.id);
            assert_eq!(world.gives(&grant, 1).await, GrantGiven::Given);
        }
        let mut change = world.change("group.create").await;
        assert_eq!(change.add_group(&line).await.unwrap(), GroupAdded::NoGrant);
        assert_eq!(
            change.add_enrollment(&fan).await.unwrap(),
            EnrollmentAdded::NoGrant
        );
    }
    let grant = world.grant(GrantKind::Issuer, "devices", plant.id);
    assert_eq!(world.gives(&grant, 2).await, GrantGiven::Given);
    let mut change = world.change("group.create").await;
    assert_eq!(change.add_group(&line).await.unwrap(), GroupAdded::Added);
    assert_eq!(change.add_enrollment(&fan).await.unwrap(), EnrollmentAdded::Added);
}
