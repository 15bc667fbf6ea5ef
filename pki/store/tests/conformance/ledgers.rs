// SPDX-License-Identifier: Apache-2.0
//! What operators look at: devices, certificates, orders and the journal, a part at a time.

use std::collections::HashSet;

use tamga_registry::certificate::{CertificateFilter, CertificateStanding, SeenCertificate};
use tamga_registry::device::{Device, DeviceFilter, DeviceStanding};
use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::{EnrollmentId, OrganizationId};
use tamga_registry::journal::{Ending, JournalFilter, SearchedText, TrackingId};
use tamga_registry::lineage::Place;
use tamga_registry::order::{OrderFilter, OrderStanding};
use tamga_registry::page::{Page, Portion, Sort};
use tamga_registry::store::{DeviceStrike, IntentVerdict, StoreFault, Struck};
use tamga_x509::crl::RevocationReason;

use super::orders::first;
use super::world::{DAY, Ground, World, at};

const ELSEWHERE: OrganizationId = OrganizationId::from_octets([9; 16]);

/// All rows of a list, part by part.
async fn all<T, F>(mut page: Page, mut part: impl FnMut(Page) -> F) -> Vec<T>
where
    F: Future<Output = Result<Portion<T>, StoreFault>>,
{
    let mut rows = Vec::new();
    loop {
        let read = part(page.clone()).await.unwrap();
        assert!(read.rows.len() <= usize::try_from(page.limit).unwrap());
        rows.extend(read.rows);
        match read.more {
            Some(more) => page.after = Some(more),
            None => return rows,
        }
    }
}

impl World {
    async fn devices(&self, filter: &DeviceFilter, page: Page) -> Vec<String> {
        let devices = all(page, |page| async move {
            self.store.devices(self.organization, filter, &page).await
        });
        let name = |device: Device| device.registration_id.to_string();
        devices.await.into_iter().map(name).collect()
    }

    async fn certificates(&self, filter: &CertificateFilter, page: Page) -> Vec<String> {
        let seen = all(page, |page| async move {
            self.store.certificates(self.organization, filter, &page).await
        });
        let name = |seen: SeenCertificate| format!("{} {}", seen.registration_id, seen.record.state.word());
        seen.await.into_iter().map(name).collect()
    }

    async fn orders(&self, filter: &OrderFilter, page: Page) -> Vec<String> {
        let seen = all(page, |page| async move {
            self.store.orders(self.organization, filter, &page).await
        });
        let seen = seen.await.into_iter();
        seen.map(|seen| format!("{} {}", seen.registration_id, seen.order.state.word()))
            .collect()
    }

    async fn journalled(&self, filter: &JournalFilter, page: Page) -> Vec<String> {
        let entries = all(page, |page| async move {
            self.store.journal(self.organization, filter, &page).await
        });
        let entries = entries.await.into_iter();
        entries
            .map(|entry| format!("{} {}", entry.act, entry.object))
            .collect()
    }

    pub(crate) async fn revokes(&self, id: &str) {
        let view = self.store.device(self.organization, &id.parse().unwrap()).await;
        let mut change = self.change("device.revoke").await;
        let strike = DeviceStrike {
            organization: self.organization,
            device: view.unwrap().unwrap().device.id,
            reason: RevocationReason::Superseded,
            at: at(5),
        };
        assert!(matches!(
            change.strike_device(strike).await.unwrap(),
            Struck::Now(_)
        ));
        change.keep().await.unwrap();
    }
}

pub(crate) async fn devices_are_read_in_each_of_their_orders(ground: Ground) {
    let world = World::new(ground).await;
    for (number, id) in (1..).zip(["zebra", "pump-2", "Pump_1", "alpha"]) {
        world.issue(first(id, number)).await;
        world
            .probe
            .run_made(format!(
                "UPDATE device SET created_at = created_at + {number} WHERE presented = '{id}'"
            ))
            .await;
    }
    world.revokes("pump-2").await;
    let every = DeviceFilter::default();
    for limit in [1, 2, 3, 4, 9] {
        for (sort, expected) in [
            (Sort::NAME, ["alpha", "pump-2", "Pump_1", "zebra"]),
            (Sort::NAME_FALLING, ["zebra", "Pump_1", "pump-2", "alpha"]),
            (Sort::TIME, ["zebra", "pump-2", "Pump_1", "alpha"]),
            (Sort::TIME_FALLING, ["alpha", "Pump_1", "pump-2", "zebra"]),
        ] {
            let names = world.devices(&every, Page::first(sort, limit)).await;
            assert_eq!(names, expected, "{sort:?}, {limit} a page");
        }
    }
    let group = EnrollmentRef::Group(world.group.id);
    let nobodys = EnrollmentRef::Individual(EnrollmentId::from_octets([9; 16]));
    let prefixed = |prefix: &str| DeviceFilter {
        prefix: Some(prefix.parse().unwrap()),
        ..DeviceFilter::default()
    };
    let standing = |state| DeviceFilter {
        state: Some(state),
        ..DeviceFilter::default()
    };
    let bound = |enrollment| DeviceFilter {
        enrollment: Some(enrollment),
        ..prefixed("pump")
    };
    for (filter, expected) in [
        (prefixed("PUMP"), vec!["pump-2", "Pump_1"]),
        (prefixed("pump_"), vec!["Pump_1"]),
        (prefixed("q"), vec![]),
        (standing(DeviceStanding::Revoked), vec!["pump-2"]),
        (standing(DeviceStanding::Active), vec!["alpha", "Pump_1", "zebra"]),
        (bound(group), vec!["pump-2", "Pump_1"]),
        (bound(nobodys), vec![]),
    ] {
        for sort in [Sort::NAME, Sort::NAME_FALLING, Sort::TIME, Sort::TIME_FALLING] {
            let mut names = world.devices(&filter, Page::first(sort, 1)).await;
            let mut expected = expected.clone();
            names.sort();
            expected.sort_unstable();
            assert_eq!(names, expected, "{filter:?} {sort:?}");
        }
    }
    let none = world
        .store
        .devices(ELSEWHERE, &every, &Page::first(Sort::NAME, 9))
        .await;
    assert!(none.unwrap().rows.is_empty());
}

pub(crate) async fn certificates_are_read_by_age_and_by_their_ends(ground: Ground) {
    let world = World::new(ground).await;
    let mut intents = Vec::new();
    for (number, id) in [(1, "pump-1"), (2, "pump-2"), (3, "pump-3")] {
        let mut asking = first(id, number);
        // Who comes later is older.
        asking.at = at(u64::from(9 - number));
        intents.push(world.issue(asking).await);
    }
    let renewed = world.issue(world.again(&intents[0], 4, at(20)).await).await;
    let waiting = world.intent(world.again(&intents[1], 5, at(30)).await);
    assert_eq!(world.keep(&waiting).await, IntentVerdict::Kept);
    world.strike(world.strike_of(&intents[2], at(40))).await;
    let by_age = [
        "pump-3 revoked",
        "pump-2 issued",
        "pump-1 issued",
        "pump-1 issued",
        "pump-2 intended",
    ];
    let reversed: Vec<_> = by_age.iter().rev().copied().collect();
    let every = CertificateFilter::default();
    for limit in [1, 2, 5, 9] {
        for (rising, falling) in [(Sort::TIME, Sort::TIME_FALLING), (Sort::END, Sort::END_FALLING)] {
            assert_eq!(
                world.certificates(&every, Page::first(rising, limit)).await,
                by_age
            );
            assert_eq!(
                world.certificates(&every, Page::first(falling, limit)).await,
                reversed
            );
        }
    }
    let narrowed = |narrow: fn(&mut CertificateFilter, &World)| {
        let mut filter = CertificateFilter::default();
        narrow(&mut filter, &world);
        filter
    };
    let mut cases = vec![
        (
            narrowed(|filter, _| filter.state = Some(CertificateStanding::Revoked)),
            vec!["pump-3 revoked"],
        ),
        (
            narrowed(|filter, _| filter.device = "PUMP-1".parse().ok()),
            vec!["pump-1 issued", "pump-1 issued"],
        ),
        (
            narrowed(|filter, _| filter.device = "nobody".parse().ok()),
            vec![],
        ),
        (
            narrowed(|filter, world| filter.issuer = Some(world.issuer)),
            by_age.to_vec(),
        ),
        (narrowed(|filter, world| filter.issuer = Some(world.root)), vec![]),
        (
            narrowed(|filter, world| filter.profile = Some(world.profile.profile)),
            by_age.to_vec(),
        ),
        (
            narrowed(|filter, _| filter.expires_before = Some(at(90 * DAY + 10))),
            by_age[..3].to_vec(),
        ),
        (
            narrowed(|filter, _| filter.expires_after = Some(at(90 * DAY + 10))),
            by_age[3..].to_vec(),
        ),
    ];
    let serial = CertificateFilter {
        serial: Some(renewed.certificate.serial),
        ..CertificateFilter::default()
    };
    cases.push((serial.clone(), vec!["pump-1 issued"]));
    let of_another = CertificateFilter {
        device: "pump-2".parse().ok(),
        ..serial.clone()
    };
    cases.push((of_another, vec![]));
    for (filter, expected) in cases {
        for sort in [Sort::TIME, Sort::END] {
            let names = world.certificates(&filter, Page::first(sort, 1)).await;
            assert_eq!(names, expected, "{filter:?} {sort:?}");
        }
    }
    for filter in [every, serial] {
        let none = world
            .store
            .certificates(ELSEWHERE, &filter, &Page::first(Sort::TIME, 9))
            .await;
        assert!(none.unwrap().rows.is_empty());
    }
    let seen = world
        .store
        .seen_certificate(world.organization, renewed.certificate.id)
        .await;
    let seen = seen.unwrap().unwrap();
    assert_eq!(
        (seen.place, seen.order, seen.registration_id.presented()),
        (Some(Place::Provisional), renewed.order.id, "pump-1")
    );
    let foreign = world
        .store
        .seen_certificate(ELSEWHERE, renewed.certificate.id)
        .await;
    assert!(foreign.unwrap().is_none());
}

pub(crate) async fn orders_are_read_by_age(ground: Ground) {
    let world = World::new(ground).await;
    let mut asking = first("pump-1", 1);
    asking.at = at(7);
    let pump = world.issue(asking).await;
    let waiting = world.intent(first("Pump-2", 2));
    assert_eq!(world.keep(&waiting).await, IntentVerdict::Kept);
    let every = OrderFilter::default();
    for limit in [1, 2, 3] {
        let rising = world.orders(&every, Page::first(Sort::TIME, limit)).await;
        assert_eq!(rising, ["Pump-2 open", "pump-1 fulfilled"]);
        let falling = world.orders(&every, Page::first(Sort::TIME_FALLING, limit)).await;
        assert_eq!(falling, ["pump-1 fulfilled", "Pump-2 open"]);
    }
    for (state, device, expected) in [
        (Some(OrderStanding::Open), None, vec!["Pump-2 open"]),
        (Some(OrderStanding::Failed), None, vec![]),
        (None, Some("pump-2"), vec!["Pump-2 open"]),
        (Some(OrderStanding::Fulfilled), Some("pump-2"), vec![]),
        (None, Some("nobody"), vec![]),
    ] {
        let device = device.map(|id| id.parse().unwrap());
        let filter = OrderFilter { state, device };
        let names = world.orders(&filter, Page::first(Sort::TIME, 1)).await;
        assert_eq!(names, expected, "{filter:?}");
    }
    let seen = world.store.seen_order(world.organization, pump.order.id).await;
    assert_eq!(seen.unwrap().unwrap().order.certificate, pump.certificate.id);
    assert!(
        world
            .store
            .seen_order(ELSEWHERE, pump.order.id)
            .await
            .unwrap()
            .is_none()
    );
    let traces = world
        .store
        .traces(world.organization, waiting.order.request)
        .await
        .unwrap();
    assert_eq!(traces.orders.len(), 1);
    assert_eq!(traces.orders[0].order.id, waiting.order.id);
    assert!(traces.submissions.is_empty());
    let foreign = world
        .store
        .traces(ELSEWHERE, waiting.order.request)
        .await
        .unwrap();
    assert!(foreign.orders.is_empty() && foreign.entries.is_empty());
}

pub(crate) async fn the_journal_is_searched(ground: Ground) {
    let world = World::new(ground).await;
    let mut requests = Vec::new();
    for (second, (act, object)) in (1..).zip([
        ("group.create", "grp-1"),
        ("device.revoke", "dev-1"),
        ("device.revoke", "dev-2"),
        ("group.create", "grp-2"),
    ]) {
        let mut row = world.journal(act, object);
        row.event.at = at(100 + second);
        requests.push(row.event.request);
        world.store.keep_refusals(vec![row]).await.unwrap();
    }
    let since = || JournalFilter {
        from: Some(at(100)),
        ..JournalFilter::default()
    };
    let told = [
        "group.create grp-1",
        "device.revoke dev-1",
        "device.revoke dev-2",
        "group.create grp-2",
    ];
    let reversed: Vec<_> = told.iter().rev().copied().collect();
    for limit in [1, 3, 4, 9] {
        assert_eq!(
            world.journalled(&since(), Page::first(Sort::TIME, limit)).await,
            told
        );
        assert_eq!(
            world
                .journalled(&since(), Page::first(Sort::TIME_FALLING, limit))
                .await,
            reversed
        );
    }
    let text = |text: &str| Some(text.parse::<SearchedText>().unwrap());
    let cases = [
        (
            JournalFilter {
                act: text("device.revoke"),
                ..since()
            },
            &told[1..3],
        ),
        (
            JournalFilter {
                object: text("dev-2"),
                ..since()
            },
            &told[2..3],
        ),
        (
            JournalFilter {
                object: text("dev-2"),
                act: text("group.create"),
                ..since()
            },
            &told[..0],
        ),
        (
            JournalFilter {
                actor: text("local:1000"),
                ..since()
            },
            &told[..],
        ),
        (
            JournalFilter {
                actor: text("local:1001"),
                ..since()
            },
            &told[..0],
        ),
        (
            JournalFilter {
                ending: Some(Ending::Refused),
                ..since()
            },
            &told[..0],
        ),
        (
            JournalFilter {
                request: Some(TrackingId(requests[3])),
                ..since()
            },
            &told[3..],
        ),
        (
            JournalFilter {
                request: Some(TrackingId(requests[3])),
                object: text("dev-2"),
                ..since()
            },
            &told[..0],
        ),
        (
            JournalFilter {
                from: Some(at(102)),
                to: Some(at(104)),
                ..since()
            },
            &told[1..3],
        ),
    ];
    for (filter, expected) in cases {
        let found = world.journalled(&filter, Page::first(Sort::TIME, 1)).await;
        assert_eq!(found, expected, "{filter:?}");
        let foreign = world
            .store
            .journal(ELSEWHERE, &filter, &Page::first(Sort::TIME, 9))
            .await;
        assert!(foreign.unwrap().rows.is_empty());
    }
}

pub(crate) async fn of_a_hundred_thousand_devices_none_is_skipped_or_repeated_while_others_change(
    ground: Ground,
) {
    let world = World::new(ground).await;
    world.with_many_devices("stays", 0, 100_000).await;
    let narrow = DeviceFilter {
        enrollment: Some(EnrollmentRef::Group(world.group.id)),
        ..DeviceFilter::default()
    };
    for (round, (sort, filter)) in (0..).zip([
        (Sort::NAME, DeviceFilter::default()),
        (Sort::TIME_FALLING, DeviceFilter::default()),
        (Sort::NAME_FALLING, narrow),
    ]) {
        let (mut page, mut seen, mut stayed) = (Page::first(sort, 1_000), HashSet::new(), 0);
        for turn in round * 1_000.. {
            let read = world
                .store
                .devices(world.organization, &filter, &page)
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
                world.stir_devices(turn).await;
            }
        }
        assert_eq!(stayed, 100_000, "{sort:?}: none is skipped");
    }
}

impl World {
    /// So many devices of the group, as [`Self::with_many`] makes enrollments.
    pub(crate) async fn with_many_devices(&self, word: &str, from: u32, count: u32) {
        let id = self.probe.either(
            "CAST(printf('%016d', i) AS BLOB)",
            "convert_to(lpad(i::text, 16, '0'), 'UTF8')",
        );
        let name = format!("'{word}-' || ((i * 7919) % 1000003) || '-' || i");
        self.probe
            .run_made(format!(
                "WITH RECURSIVE numbers(i) AS (
                     SELECT CAST({from} AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < {})
                 INSERT INTO device (id, organization_id, registration_id, presented, state, generation, bound_method,
                                     bound_kind, bound_to, operation, created_at, updated_at)
                 SELECT {id}, g.organization_id, {name}, {name}, 'active', 1, 'symmetric_key', 'group', g.id, {id},
                        g.created_at + (i * 104729) % 86400, g.created_at
                 FROM numbers, enrollment_group g WHERE g.name = 'line-1'",
                from + count - 1
            ))
            .await;
    }

    /// Some come, some that came before go, and some of those that stay change.
    async fn stir_devices(&self, turn: u32) {
        self.with_many_devices("comes", 1_000_000 + turn * 100, 100).await;
        self.probe
            .run("DELETE FROM device WHERE registration_id LIKE 'comes-%7'")
            .await;
        self.probe
            .run_made(format!(
                "UPDATE device SET state = 'revoked', revoked_at = 1, revoked_reason = 'superseded',
                                   generation = generation + 1
                 WHERE registration_id LIKE 'stays-%-{}'",
                turn % 100
            ))
            .await;
    }
}
