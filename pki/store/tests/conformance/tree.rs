// SPDX-License-Identifier: Apache-2.0
//! The tree of organizations: what is above and below, and what is suspended with it.

use tamga_registry::id::OrganizationId;
use tamga_registry::organization::{IdScope, Organization, OrganizationState};
use tamga_registry::page::{Page, Sort};
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::{OrganizationAdded, Suspension};

use super::orders::first;
use super::world::{Ground, START, World, at};

impl World {
    pub(crate) fn below(&self, parent: OrganizationId, slug: &str) -> Organization {
        Organization {
            id: OrganizationId::fresh(START, &self.chance).unwrap(),
            slug: slug.parse().unwrap(),
            display_name: slug.to_owned(),
            parent: Some(parent),
            state: OrganizationState::Active,
            suspended_at: None,
            generation: 1,
            created_at: START,
        }
    }

    pub(crate) async fn adds(&self, organization: &Organization) -> OrganizationAdded {
        let mut change = self.change("organization.create").await;
        let scope = IdScope::fresh(&self.chance).unwrap();
        let added = change.add_organization(organization, &scope).await.unwrap();
        if added == OrganizationAdded::Added {
            change.keep().await.unwrap();
        }
        added
    }

    pub(crate) async fn suspends(&self, organization: OrganizationId) {
        let mut change = self.change("organization.suspend").await;
        let suspension = change.suspend_organization(organization, at(1)).await.unwrap();
        assert_eq!(suspension, Suspension::Suspended);
        change.keep().await.unwrap();
    }

    async fn resumes(&self, organization: OrganizationId) {
        let mut change = self.change("organization.suspend").await;
        change.resume_organization(organization).await.unwrap();
        change.keep().await.unwrap();
    }

    /// State, whether it is suspended by itself, and generation.
    async fn standing(&self, id: OrganizationId) -> (OrganizationState, bool, i64) {
        let found = self.store.organization_by_id(id).await.unwrap().unwrap();
        (found.state, found.suspended_at.is_some(), found.generation)
    }
}

pub(crate) async fn an_organization_stands_below_another_for_ever(ground: Ground) {
    let world = World::new(ground).await;
    let plant = world.below(world.organization, "plant");
    let hall = world.below(plant.id, "hall");
    assert_eq!(world.adds(&plant).await, OrganizationAdded::Added);
    assert_eq!(world.adds(&hall).await, OrganizationAdded::Added);
    let taken = world.below(world.organization, "plant");
    assert_eq!(world.adds(&taken).await, OrganizationAdded::SlugTaken);
    let store = &world.store;
    assert_eq!(
        store.organizations_above(hall.id).await.unwrap(),
        [plant.id, world.organization]
    );
    assert!(
        store
            .organizations_above(world.organization)
            .await
            .unwrap()
            .is_empty()
    );
    let page = Page::first(Sort::NAME, 10);
    let slugs =
        |found: Vec<Organization>| -> Vec<String> { found.iter().map(|one| one.slug.to_string()).collect() };
    let within = |top| async move {
        slugs(
            store
                .organizations_within(top, &Page::first(Sort::NAME, 10))
                .await
                .unwrap(),
        )
    };
    assert_eq!(within(None).await, ["acme", "hall", "plant"]);
    assert_eq!(within(Some(plant.id)).await, ["hall", "plant"]);
    assert_eq!(within(Some(hall.id)).await, ["hall"]);
    assert_eq!(
        slugs(
            store
                .organizations_below(world.organization, &page)
                .await
                .unwrap()
        ),
        ["plant"]
    );
    assert_eq!(store.id_scopes(hall.id).await.unwrap().len(), 1);
    let mut change = world.change("organization.update").await;
    change.rename_organization(hall.id, "Great Hall").await.unwrap();
    let scope = IdScope::fresh(&world.chance).unwrap();
    change.add_id_scope(hall.id, &scope, at(5)).await.unwrap();
    change.keep().await.unwrap();
    let hall = store.organization(&hall.slug).await.unwrap().unwrap();
    assert_eq!(hall.display_name, "Great Hall");
    assert_eq!(store.id_scopes(hall.id).await.unwrap().len(), 2);
}

pub(crate) async fn what_is_below_is_suspended_and_resumed_with_it(ground: Ground) {
    let world = World::new(ground).await;
    let plant = world.below(world.organization, "plant");
    let (hall, yard) = (world.below(plant.id, "hall"), world.below(plant.id, "yard"));
    for one in [&plant, &hall, &yard] {
        assert_eq!(world.adds(one).await, OrganizationAdded::Added);
    }
    use OrganizationState::{Active, Suspended};
    world.suspends(yard.id).await;
    let version = world.store.policy_version().await.unwrap().0;
    world.suspends(plant.id).await;
    assert_eq!(world.store.policy_version().await.unwrap().0, version + 1);
    world.suspends(plant.id).await;
    assert_eq!(
        world.standing(plant.id).await,
        (Suspended, true, 2),
        "once is as good as twice"
    );
    assert_eq!(world.standing(hall.id).await, (Suspended, false, 2));
    assert_eq!(world.standing(yard.id).await, (Suspended, true, 2));
    assert_eq!(world.standing(world.organization).await, (Active, false, 1));
    let cellar = world.below(hall.id, "cellar");
    assert_eq!(world.adds(&cellar).await, OrganizationAdded::ParentSuspended);
    world.resumes(hall.id).await;
    assert_eq!(world.standing(hall.id).await.0, Suspended, "the one above is");
    world.resumes(plant.id).await;
    assert_eq!(world.standing(plant.id).await, (Active, false, 3));
    assert_eq!(world.standing(hall.id).await, (Active, false, 3));
    assert_eq!(world.standing(yard.id).await, (Suspended, true, 2), "by itself");
    world.resumes(yard.id).await;
    assert_eq!(world.standing(yard.id).await, (Active, false, 3));
}

pub(crate) async fn what_was_judged_before_a_suspension_is_stale(ground: Ground) {
    let world = World::new(ground).await;
    let judged = world.intent(first("pump-1", 1));
    world.suspends(world.organization).await;
    assert_eq!(world.keep(&judged).await, Stale);
    world.resumes(world.organization).await;
    assert_eq!(world.keep(&judged).await, Stale, "it is another generation");
    let mut again = judged.clone();
    again.expected.organization = 3;
    assert_eq!(world.keep(&again).await, Kept);
}
