// SPDX-License-Identifier: Apache-2.0
//! Lists whose filters leave little: no part looks at more rows than another, and what there is is found.

use tamga_registry::device::{DeviceFilter, DeviceStanding};
use tamga_registry::enrollment::{EnrollmentFilter, EnrollmentState};
use tamga_registry::journal::{Ending, JournalFilter};
use tamga_registry::page::{Page, Portion, Sort};
use tamga_registry::store::StoreFault;

use super::world::{Ground, World};

/// How many rows one part looks at.
const STRIDE: usize = 1_024;

/// Reads a list to its end. Of how many parts it was, and how many rows they had.
async fn parts<T, F>(sort: Sort, part: impl Fn(Page) -> F) -> (usize, usize)
where
    F: Future<Output = Result<Portion<T>, StoreFault>>,
{
    let (mut page, mut parts, mut found) = (Page::first(sort, 10), 0, 0);
    loop {
        let read = part(page.clone()).await.unwrap();
        parts += 1;
        found += read.rows.len();
        match read.more {
            Some(more) => page.after = Some(more),
            None => return (parts, found),
        }
    }
}

const ORDERS: [Sort; 4] = [Sort::NAME, Sort::NAME_FALLING, Sort::TIME, Sort::TIME_FALLING];

pub(crate) async fn a_part_of_the_devices_looks_no_further_than_another(ground: Ground) {
    let world = World::new(ground).await;
    world.with_many_devices("mass", 0, 3_000).await;
    world.revokes("mass-0-0").await;
    let revoked = &DeviceFilter {
        state: Some(DeviceStanding::Revoked),
        ..DeviceFilter::default()
    };
    let store = &world.store;
    for sort in ORDERS {
        let read = parts(sort, |page| async move {
            store.devices(world.organization, revoked, &page).await
        });
        assert_eq!(read.await, (3_000_usize.div_ceil(STRIDE), 1), "{sort:?}");
    }
}

pub(crate) async fn a_part_of_the_enrollments_looks_no_further_than_another(ground: Ground) {
    let world = World::new(ground).await;
    world.with_many("mass", 0, 3_000).await;
    let mut change = world.change("enrollment.disable").await;
    let id = "mass-0-0".parse().unwrap();
    let disabled = change
        .set_enrollment_state(world.organization, &id, EnrollmentState::Disabled)
        .await;
    assert!(disabled.unwrap());
    change.keep().await.unwrap();
    let disabled = &EnrollmentFilter {
        state: Some(EnrollmentState::Disabled),
        ..EnrollmentFilter::default()
    };
    // In the order of names a prefix bounds the list; in that of age it leaves little.
    let prefixed = &EnrollmentFilter {
        prefix: Some("mass-0-".parse().unwrap()),
        ..EnrollmentFilter::default()
    };
    let store = &world.store;
    let all = 3_000_usize.div_ceil(STRIDE);
    for sort in ORDERS {
        let read = parts(sort, |page| async move {
            store.individuals(world.organization, disabled, &page).await
        });
        assert_eq!(read.await, (all, 1), "{sort:?}");
        let read = parts(sort, |page| async move {
            store.individuals(world.organization, prefixed, &page).await
        });
        let expected = if sort.by == Sort::NAME.by { 1 } else { all };
        assert_eq!(read.await, (expected, 1), "{sort:?}");
    }
}

pub(crate) async fn a_part_of_the_journal_of_an_object_looks_no_further_than_another(ground: Ground) {
    let world = World::new(ground).await;
    let id = world.probe.either(
        "CAST(printf('%016d', i) AS BLOB)",
        "convert_to(lpad(i::text, 16, '0'), 'UTF8')",
    );
    world
        .probe
        .run_made(format!(
            "WITH RECURSIVE numbers(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < 3000)
             INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, entry, salt)
             SELECT {id}, g.organization_id, g.created_at + i, 'group.read', 'account:ada', 'grp_busy', {id},
                    CASE WHEN i = 7 THEN 'refused' ELSE 'done' END, {id}, {id}
             FROM numbers, enrollment_group g WHERE g.name = 'line-1'"
        ))
        .await;
    let refused = &JournalFilter {
        object: Some("grp_busy".parse().unwrap()),
        ending: Some(Ending::Refused),
        ..JournalFilter::default()
    };
    let store = &world.store;
    for sort in [Sort::TIME, Sort::TIME_FALLING] {
        let read = parts(sort, |page| async move {
            store.journal(world.organization, refused, &page).await
        });
        assert_eq!(read.await, (3_000_usize.div_ceil(STRIDE), 1), "{sort:?}");
    }
}
