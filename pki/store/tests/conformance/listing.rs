// SPDX-License-Identifier: Apache-2.0
//! Lists in pages: orders, filters, and rows that come, change and go between two pages.

use std::collections::HashSet;

use tamga_registry::anchor::{AnchorFilter, AnchorState};
use tamga_registry::enrollment::{EnrollmentFilter, EnrollmentState, Group, Method};
use tamga_registry::id::{GroupId, OrganizationId};
use tamga_registry::page::{Listed, Page, Portion, Sort};
use tamga_registry::store::{EnrollmentAdded, GroupAdded};

use super::world::{Ground, START, World, at};

impl World {
    /// Groups of these names, each a second younger than the one before, beside `Line-1`.
    async fn with_groups(&self, names: &[&str]) {
        let mut change = self.change("group.create").await;
        for (age, name) in (1..).zip(names) {
            let mut group = self.group.clone();
            group.id = GroupId::fresh(START, &self.chance).unwrap();
            group.name = name.parse().unwrap();
            group.terms.created_at = at(age);
            assert_eq!(change.add_group(&group).await.unwrap(), GroupAdded::Added);
        }
        change.keep().await.unwrap();
    }

    async fn groups(&self, filter: &EnrollmentFilter, page: &Page) -> Portion<Group> {
        self.store.groups(self.organization, filter, page).await.unwrap()
    }

    /// The names of all pages.
    async fn all_groups(&self, filter: &EnrollmentFilter, mut page: Page) -> Vec<String> {
        let mut names = Vec::new();
        loop {
            let read = self.groups(filter, &page).await;
            assert!(read.rows.len() <= usize::try_from(page.limit).unwrap());
            names.extend(read.rows.iter().map(|group| group.name.to_string()));
            match read.more {
                Some(more) => page.after = Some(more),
                None => return names,
            }
        }
    }
}

pub(crate) async fn a_list_is_read_in_pages_in_each_of_its_orders(ground: Ground) {
    let world = World::new(ground).await;
    // `-` sorts before digits, `_` between the cases: by octets, whatever a locale thinks.
    world.with_groups(&["zebra", "line-2", "Line_1", "alpha"]).await;
    let by_name = ["alpha", "Line-1", "line-2", "Line_1", "zebra"];
    let by_age = ["Line-1", "zebra", "line-2", "Line_1", "alpha"];
    let reversed = |names: [&'static str; 5]| names.into_iter().rev().collect::<Vec<_>>();
    let all = EnrollmentFilter::default();
    for limit in [1, 2, 4, 5, 9] {
        for (sort, expected) in [
            (Sort::NAME, by_name.to_vec()),
            (Sort::NAME_FALLING, reversed(by_name)),
            (Sort::TIME, by_age.to_vec()),
            (Sort::TIME_FALLING, reversed(by_age)),
        ] {
            let names = world.all_groups(&all, Page::first(sort, limit)).await;
            assert_eq!(names, expected, "{sort:?}, {limit} a page");
        }
    }
    let elsewhere = OrganizationId::from_octets([9; 16]);
    let first = Page::first(Sort::NAME, 9);
    assert!(
        world
            .store
            .groups(elsewhere, &all, &first)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(
        world
            .store
            .individuals(elsewhere, &all, &first)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let anchors = world
        .store
        .anchors(elsewhere, &AnchorFilter::default(), &first)
        .await;
    assert!(anchors.unwrap().is_empty());
    let scopes = world
        .store
        .id_scopes_by_text(world.organization, &first)
        .await
        .unwrap();
    assert_eq!(scopes, std::slice::from_ref(&world.scope));
    let after = Page {
        after: Some(world.scope.mark(first.sort.by)),
        ..first
    };
    let none = world
        .store
        .id_scopes_by_text(world.organization, &after)
        .await
        .unwrap();
    assert!(none.is_empty());
}

pub(crate) async fn a_list_has_what_its_filters_leave_and_takes_them_literally(ground: Ground) {
    let world = World::new(ground).await;
    world.with_groups(&["line_1", "linex1", "line-10", "other"]).await;
    let mut change = world.change("enrollment.create").await;
    for id in ["pump-1", "PUMP-2", "fan-1"] {
        let added = change.add_enrollment(&world.individual(id)).await.unwrap();
        assert_eq!(added, EnrollmentAdded::Added);
    }
    for (id, state) in [
        ("pump-2", EnrollmentState::Disabled),
        ("fan-1", EnrollmentState::Disabled),
    ] {
        let id = id.parse().unwrap();
        assert!(
            change
                .set_enrollment_state(world.organization, &id, state)
                .await
                .unwrap()
        );
    }
    change.keep().await.unwrap();

    let prefixed = |prefix: &str| EnrollmentFilter {
        prefix: Some(prefix.parse().unwrap()),
        ..EnrollmentFilter::default()
    };
    for (prefix, expected) in [
        ("line_", vec!["line_1"]),
        ("LINE-1", vec!["Line-1", "line-10"]),
        ("line", vec!["Line-1", "line-10", "line_1", "linex1"]),
        ("nothing", vec![]),
    ] {
        let names = world
            .all_groups(&prefixed(prefix), Page::first(Sort::NAME, 1))
            .await;
        assert_eq!(names, expected, "{prefix}");
    }
    let by_method = |method| EnrollmentFilter {
        method: Some(method),
        ..EnrollmentFilter::default()
    };
    let first = Page::first(Sort::TIME, 9);
    assert_eq!(
        world
            .groups(&by_method(Method::SymmetricKey), &first)
            .await
            .rows
            .len(),
        5
    );
    assert!(
        world
            .groups(&by_method(Method::CertificateChain), &first)
            .await
            .rows
            .is_empty()
    );

    let disabled = EnrollmentFilter {
        state: Some(EnrollmentState::Disabled),
        ..prefixed("pump")
    };
    let found = world
        .store
        .individuals(world.organization, &disabled, &first)
        .await
        .unwrap()
        .rows;
    let names: Vec<_> = found
        .iter()
        .map(|found| found.registration_id.presented())
        .collect();
    assert_eq!(names, ["PUMP-2"]);
    let pump = "Pump-2".parse().unwrap();
    let shown = world
        .store
        .individual(world.organization, &pump)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (shown.id, shown.terms.state),
        (found[0].id, EnrollmentState::Disabled)
    );
    let group = world
        .store
        .group(world.organization, &"LINE-1".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(group.unwrap().id, world.group.id);
    let elsewhere = OrganizationId::from_octets([9; 16]);
    assert!(
        world
            .store
            .group(elsewhere, &world.group.name)
            .await
            .unwrap()
            .is_none()
    );
    assert!(world.store.individual(elsewhere, &pump).await.unwrap().is_none());
    let none = AnchorFilter {
        state: Some(AnchorState::Enabled),
        prefix: None,
    };
    assert!(
        world
            .store
            .anchors(world.organization, &none, &first)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn one_cursor_key_is_drawn_for_the_installation(ground: Ground) {
    let world = World::new(ground).await;
    let key = world.store.cursor_key().await.unwrap();
    assert_eq!(world.store.cursor_key().await.unwrap(), key);
    assert!(key.iter().collect::<HashSet<_>>().len() > 8, "{key:?}");
    assert_eq!(world.count("SELECT COUNT(*) FROM cursor_key").await, 1);
}

pub(crate) async fn of_a_hundred_thousand_rows_none_is_skipped_or_repeated_while_others_change(
    ground: Ground,
) {
    let world = World::new(ground).await;
    world.with_many("stays", 0, 100_000).await;
    let filter = EnrollmentFilter::default();
    for (round, sort) in (0..).zip([Sort::NAME, Sort::TIME_FALLING]) {
        let (mut page, mut seen) = (Page::first(sort, 1_000), HashSet::new());
        let mut stayed = 0;
        for turn in round * 1_000.. {
            let read = world
                .store
                .individuals(world.organization, &filter, &page)
                .await
                .unwrap();
            for row in &read.rows {
                let id = row.registration_id.canonical();
                assert!(seen.insert(id.to_owned()), "{id} is read twice");
                stayed += u32::from(id.starts_with("stays"));
            }
            match read.more {
                Some(more) => page.after = Some(more),
                None => break,
            }
            if turn % 10 == 0 {
                world.stir(turn).await;
            }
        }
        assert_eq!(stayed, 100_000, "{sort:?}: none is skipped");
    }
}

impl World {
    /// So many individual enrollments, whose names are spread over the alphabet of their numbers' digits, and whose ages
    /// over a day: the next name is seldom the next in age.
    pub(crate) async fn with_many(&self, word: &str, from: u32, count: u32) {
        let id = self.probe.either(
            "CAST(printf('%016d', i) AS BLOB)",
            "convert_to(lpad(i::text, 16, '0'), 'UTF8')",
        );
        let numbers = format!(
            "WITH RECURSIVE numbers(i) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < {})",
            from + count - 1
        );
        let name = format!("'{word}-' || ((i * 7919) % 1000003) || '-' || i");
        self.probe
            .run_made(format!(
                "{numbers} INSERT INTO individual_enrollment
                     (id, organization_id, registration_id, presented, state, generation, attestation, profile_id,
                      issuer_id, rekey, rekeys_per_day, assigned_hub, created_at)
                 SELECT {id}, g.organization_id, {name}, {name}, 'enabled', 1, 'symmetric_key', g.profile_id,
                        g.issuer_id, 'allow', 10, NULL, g.created_at + (i * 104729) % 86400
                 FROM numbers, enrollment_group g WHERE g.name = 'line-1'"
            ))
            .await;
        self.probe
            .run_made(format!(
                "{numbers} INSERT INTO enrollment_symmetric_key
                     (enrollment_id, organization_id, primary_key, secondary_key, data_key, created_at)
                 SELECT {id}, k.organization_id, k.primary_key, k.secondary_key, k.data_key, k.created_at
                 FROM numbers, enrollment_symmetric_key k, enrollment_group g
                 WHERE g.name = 'line-1' AND k.enrollment_id = g.id"
            ))
            .await;
    }

    /// Some come, some that came before go, and some of those that stay change.
    async fn stir(&self, turn: u32) {
        self.with_many("comes", 1_000_000 + turn * 100, 100).await;
        self.probe
            .run("DELETE FROM individual_enrollment WHERE registration_id LIKE 'comes-%7'")
            .await;
        self.probe
            .run_made(format!(
                "UPDATE individual_enrollment SET state = 'disabled', generation = generation + 1
                 WHERE registration_id LIKE 'stays-%{}'",
                turn % 100
            ))
            .await;
    }
}
