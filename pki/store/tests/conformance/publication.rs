// SPDX-License-Identifier: Apache-2.0
//! Publishing: who may, under which number, what stands on a list, and what is served.

use std::time::Duration;

use tamga_registry::revocation::{PublicationLease, ShardId};
use tamga_registry::store::ListIntent;
use tamga_x509::crl::RevocationReason;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::orders::{Asking, first};
use super::world::{DAY, Ground, World, at};

impl World {
    fn shard(&self, shard: u32) -> ShardId {
        ShardId {
            issuer: self.issuer,
            shard,
        }
    }

    async fn lease(&self, shard: ShardId, now: Timestamp) -> Option<PublicationLease> {
        self.store
            .lease_shard(shard, now, now.saturating_add(Duration::from_secs(60)))
            .await
            .unwrap()
    }

    fn list(now: Timestamp) -> ListIntent {
        ListIntent {
            tbs_hash: [8; 32],
            entries: 0,
            this_update: now,
            next_update: now.saturating_add(Duration::from_secs(DAY)),
        }
    }

    async fn publish(&self, lease: &PublicationLease, now: Timestamp) -> bool {
        let due = now.saturating_add(Duration::from_secs(DAY / 2));
        let journal = self.journal("crl.publish", "list");
        self.store
            .publish_list(lease, vec![u8::try_from(lease.number).unwrap()], due, journal)
            .await
            .unwrap()
    }

    /// The whole way, once.
    async fn published(&self, shard: ShardId, now: Timestamp) -> PublicationLease {
        let lease = self.lease(shard, now).await.unwrap();
        assert!(
            self.store
                .keep_list_intent(&lease, &Self::list(now))
                .await
                .unwrap()
        );
        assert!(self.publish(&lease, now).await);
        lease
    }
}

pub(crate) async fn a_list_is_published_and_then_not_due(ground: Ground) {
    let world = World::new(ground).await;
    let shard = world.shard(0);
    assert!(world.store.shards_due(at(0)).await.unwrap().contains(&shard));
    assert_eq!(world.store.published_number(shard).await.unwrap(), None);
    assert!(world.store.published_list(shard).await.unwrap().is_none());
    let before = world.tallies().await["journal"];

    let lease = world.published(shard, at(1)).await;
    assert_eq!((lease.number, lease.previous_update), (1, None));
    assert!(!world.store.shards_due(at(2)).await.unwrap().contains(&shard));
    assert!(
        world
            .store
            .shards_due(at(2))
            .await
            .unwrap()
            .contains(&world.shard(1)),
        "each for itself"
    );
    assert_eq!(world.store.published_number(shard).await.unwrap(), Some(1));
    let list = world.store.published_list(shard).await.unwrap().unwrap();
    assert_eq!((list.number, list.der, list.this_update), (1, vec![1], at(1)));
    assert_eq!((list.next_update, list.due_at), (at(1 + DAY), at(1 + DAY / 2)));
    assert_eq!(world.tallies().await["journal"], before + 1);
    assert!(
        world
            .store
            .shards_due(at(1 + DAY / 2))
            .await
            .unwrap()
            .contains(&shard),
        "its successor is planned"
    );

    let next = world.published(shard, at(100)).await;
    assert_eq!((next.number, next.previous_update), (2, Some(at(1))));
}

pub(crate) async fn a_shard_is_leased_to_one_and_its_numbers_only_rise(ground: Ground) {
    let world = World::new(ground).await;
    let shard = world.shard(0);
    let slow = world.lease(shard, at(0)).await.unwrap();
    assert!(world.lease(shard, at(59)).await.is_none(), "it is held");
    let quick = world.lease(shard, at(60)).await.unwrap();
    assert_eq!(
        (slow.number, quick.number),
        (1, 2),
        "a number is never given twice"
    );
    assert!(quick.epoch > slow.epoch);

    assert!(
        !world
            .store
            .keep_list_intent(&slow, &World::list(at(61)))
            .await
            .unwrap()
    );
    assert!(!world.publish(&slow, at(61)).await, "it lost its lease");
    assert!(
        world
            .store
            .keep_list_intent(&quick, &World::list(at(61)))
            .await
            .unwrap()
    );
    assert!(
        world
            .store
            .keep_list_intent(&quick, &World::list(at(61)))
            .await
            .unwrap(),
        "the same bytes again"
    );
    let other = ListIntent {
        tbs_hash: [7; 32],
        ..World::list(at(61))
    };
    assert!(
        !world.store.keep_list_intent(&quick, &other).await.unwrap(),
        "one number, one list"
    );
    assert!(world.publish(&quick, at(62)).await);
    assert!(!world.publish(&quick, at(63)).await, "once");
    assert!(
        !world.publish(&slow, at(64)).await,
        "an older list never replaces a newer one"
    );
    assert_eq!(world.store.published_number(shard).await.unwrap(), Some(2));
    let nowhere = ShardId {
        issuer: world.issuer,
        shard: 2,
    };
    assert!(world.lease(nowhere, at(70)).await.is_none());
    assert!(
        world.lease(shard, at(70)).await.is_some(),
        "publishing ends the lease"
    );
}

pub(crate) async fn a_lease_given_back_is_free_at_once_and_only_its_holder_gives_it_back(ground: Ground) {
    let world = World::new(ground).await;
    let (shard, other) = (world.shard(0), world.shard(1));
    let given_back = world.lease(shard, at(0)).await.unwrap();
    world.lease(other, at(0)).await.unwrap();
    world.store.release_shard(&given_back).await.unwrap();
    let held = world.lease(shard, at(1)).await.unwrap();
    assert_eq!(held.number, 2, "the number is gone");
    assert!(world.lease(other, at(1)).await.is_none(), "another shard's stays");
    world.store.release_shard(&given_back).await.unwrap();
    assert!(world.lease(shard, at(2)).await.is_none(), "it was taken over");
}

pub(crate) async fn a_list_without_an_intent_is_not_published(ground: Ground) {
    let world = World::new(ground).await;
    let shard = world.shard(0);
    let lease = world.lease(shard, at(0)).await.unwrap();
    assert!(!world.publish(&lease, at(1)).await);
    assert_eq!(world.store.published_number(shard).await.unwrap(), None);
}

pub(crate) async fn a_revocation_that_came_after_the_lease_keeps_the_shard_dirty(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    let shard = world.shard(pump.certificate.shard);
    world.published(shard, at(5)).await;
    assert!(!world.store.shards_due(at(6)).await.unwrap().contains(&shard));

    let lease = world.lease(shard, at(7)).await.unwrap();
    world.strike(world.strike_of(&pump, at(8))).await;
    assert!(
        world
            .store
            .keep_list_intent(&lease, &World::list(at(9)))
            .await
            .unwrap()
    );
    assert!(world.publish(&lease, at(9)).await);
    assert!(
        world.store.shards_due(at(10)).await.unwrap().contains(&shard),
        "no list covers it yet"
    );
    let health = world.store.shard_health().await.unwrap();
    assert_eq!(health.len(), 4);
    let dirty: Vec<_> = health
        .iter()
        .filter(|health| health.dirty)
        .map(|health| health.shard)
        .collect();
    assert_eq!(dirty, [shard]);
    let served = health.iter().find(|health| health.shard == shard).unwrap();
    assert_eq!(served.published, Some((at(9), at(9 + DAY))));

    world.published(shard, at(11)).await;
    assert!(!world.store.shards_due(at(12)).await.unwrap().contains(&shard));
}

pub(crate) async fn a_list_is_read_in_pages_in_the_order_of_serials(ground: Ground) {
    let world = World::new(ground).await;
    let mut serials: [Vec<Serial>; 2] = Default::default();
    for number in 1..=12 {
        let id = format!("pump-{number}");
        let pump = world.issue(first(&id, number)).await;
        world
            .strike(world.strike_of(&pump, at(100 + u64::from(number))))
            .await;
        serials[usize::try_from(pump.certificate.shard).unwrap()].push(pump.certificate.serial);
    }
    for (shard, expected) in serials.iter_mut().enumerate() {
        expected.sort();
        let shard = world.shard(u32::try_from(shard).unwrap());
        let entries = world.store.revoked_page(shard, None, None).await.unwrap();
        let found: Vec<Serial> = entries.iter().map(|entry| entry.serial).collect();
        assert_eq!(&found, expected);
        assert!(
            entries
                .iter()
                .all(|entry| entry.reason == RevocationReason::Superseded)
        );
        assert!(entries.iter().all(|entry| entry.revoked_at > at(100)));
        let Some(first) = found.first() else { continue };
        let rest = world.store.revoked_page(shard, Some(*first), None).await.unwrap();
        assert_eq!(rest.len(), found.len() - 1);
        let last = found.last().copied();
        assert!(
            world
                .store
                .revoked_page(shard, last, None)
                .await
                .unwrap()
                .is_empty()
        );
        let end = at(90 * DAY).floor_to_second();
        assert_eq!(
            world
                .store
                .revoked_page(shard, None, Some(end))
                .await
                .unwrap()
                .len(),
            found.len()
        );
        let after = at(90 * DAY + 1);
        assert!(
            world
                .store
                .revoked_page(shard, None, Some(after))
                .await
                .unwrap()
                .is_empty(),
            "all expired"
        );
    }
    assert!(
        serials.iter().all(|shard| !shard.is_empty()),
        "both shards have some"
    );
}

pub(crate) async fn the_three_newest_lists_stay(ground: Ground) {
    let world = World::new(ground).await;
    let shard = world.shard(0);
    for step in 0..6 {
        world.published(shard, at(step * 100)).await;
    }
    world.published(world.shard(1), at(0)).await;
    assert_eq!(
        world.count("SELECT COUNT(*) FROM crl").await,
        4,
        "three, and one of another shard"
    );
    assert_eq!(world.store.published_number(shard).await.unwrap(), Some(6));
    assert_eq!(world.store.published_list(shard).await.unwrap().unwrap().der, [6]);
}

pub(crate) async fn a_list_of_the_future_is_due_and_a_lease_of_the_future_has_ended(ground: Ground) {
    let world = World::new(ground).await;
    let shard = world.shard(0);
    world.published(shard, at(5_000)).await;
    assert!(!world.store.shards_due(at(5_001)).await.unwrap().contains(&shard));
    // The clock steps back.
    assert!(world.store.shards_due(at(100)).await.unwrap().contains(&shard));
    let lease = world.published(shard, at(100)).await;
    assert_eq!(lease.previous_update, Some(at(5_000)), "as it stands on the list");
    assert!(!world.store.shards_due(at(101)).await.unwrap().contains(&shard));

    let ahead = world.lease(shard, at(6_000)).await.unwrap();
    assert!(
        world.lease(shard, at(5_760)).await.is_none(),
        "300 s ahead: it is held"
    );
    let taken_over = world.lease(shard, at(5_759)).await.unwrap();
    assert!(taken_over.epoch > ahead.epoch);
    assert!(
        !world
            .store
            .keep_list_intent(&ahead, &World::list(at(6_001)))
            .await
            .unwrap()
    );
}

pub(crate) async fn an_expired_revocation_stays_until_a_list_has_named_it_after_its_expiry(ground: Ground) {
    let world = World::new(ground).await;
    let expiring = world.issue(first("pump-1", 1)).await;
    let shard = world.shard(expiring.certificate.shard);
    world.strike(world.strike_of(&expiring, at(10))).await;
    let mut number = 1;
    let lasting = loop {
        number += 1;
        let id = format!("pump-{number}");
        let pump = world
            .issue(Asking {
                at: at(50 * DAY),
                ..first(&id, number)
            })
            .await;
        if pump.certificate.shard == expiring.certificate.shard {
            break pump;
        }
    };
    world.strike(world.strike_of(&lasting, at(50 * DAY + 10))).await;
    let kept = async || world.count("SELECT COUNT(*) FROM revocation").await;

    world.published(shard, at(60 * DAY)).await;
    world.published(shard, at(80 * DAY)).await;
    assert_eq!(kept().await, 2, "nothing has expired");
    let lease = world.published(shard, at(91 * DAY)).await;
    assert_eq!(kept().await, 2, "this list is the first after its expiry");
    let entries = world
        .store
        .revoked_page(shard, None, lease.previous_update)
        .await
        .unwrap();
    assert_eq!(entries.len(), 2, "and names it");
    // The clock steps back: nothing is forgotten that its list has to name.
    world.published(shard, at(70 * DAY)).await;
    assert_eq!(kept().await, 2);
    world.published(shard, at(91 * DAY + 100)).await;
    assert_eq!(kept().await, 2, "the list before was older than its expiry");
    world.published(shard, at(92 * DAY)).await;
    assert_eq!(kept().await, 1);
    let left = world.store.revoked_page(shard, None, None).await.unwrap();
    assert_eq!(left[0].serial, lasting.certificate.serial, "it is not expired");
    for day in 93..100 {
        world.published(shard, at(day * DAY)).await;
    }
    assert_eq!(kept().await, 1);
}
