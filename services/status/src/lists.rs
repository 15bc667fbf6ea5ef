// SPDX-License-Identifier: Apache-2.0
//! Published CRLs. The bytes stay in memory; which list is the current one is asked anew for each request.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderValue;
use tamga_registry::revocation::{PublishedList, ShardId};
use tamga_registry::store::{Publication, StoreFault};
use tamga_x509::time::Timestamp;

use crate::representation::{Freshness, Representation, tag};

/// The newest list of each shard that was ever asked for: never more than there are shards.
#[derive(Default)]
pub(crate) struct Lists {
    newest: RwLock<HashMap<ShardId, Arc<List>>>,
}

/// A list, ready to be sent.
#[derive(Debug)]
pub(crate) struct List {
    number: u64,
    bytes: Bytes,
    tag: HeaderValue,
    this_update: Timestamp,
    next_update: Timestamp,
    due_at: Timestamp,
}

impl Lists {
    /// The list the shard's pointer names; `None` when it names none.
    pub(crate) async fn current(
        &self,
        store: &dyn Publication,
        shard: ShardId,
    ) -> Result<Option<Arc<List>>, StoreFault> {
        let Some(number) = store.published_number(shard).await? else {
            return Ok(None);
        };
        if let Some(kept) = self.kept(shard).filter(|kept| kept.number >= number) {
            return Ok(Some(kept));
        }
        let published = store.published_list(shard).await?;
        Ok(published.map(|published| self.keep(shard, List::new(published))))
    }

    fn kept(&self, shard: ShardId) -> Option<Arc<List>> {
        // A thread that panicked under the lock left a whole map: it holds complete lists only.
        self.newest
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&shard)
            .cloned()
    }

    /// Two requests may read two lists at once; whichever is kept last, the older one never takes the newer one's place.
    fn keep(&self, shard: ShardId, list: List) -> Arc<List> {
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        match newest.get(&shard) {
            Some(kept) if kept.number >= list.number => Arc::clone(kept),
            Some(_) | None => {
                let list = Arc::new(list);
                newest.insert(shard, Arc::clone(&list));
                list
            }
        }
    }
}

impl List {
    fn new(published: PublishedList) -> Self {
        let PublishedList {
            number,
            der,
            this_update,
            next_update,
            due_at,
        } = published;
        Self {
            number,
            tag: tag(&der),
            bytes: der.into(),
            this_update,
            next_update,
            due_at,
        }
    }

    /// Fresh until the next list is planned, or for `longest`, whichever ends first; and after an error of ours good
    /// for as long as the list itself says, which is what nextUpdate is for.
    pub(crate) fn representation(&self, now: Timestamp, longest: Duration) -> Representation {
        let valid = self.next_update.duration_since(now);
        let age = self.due_at.duration_since(now).min(longest).min(valid);
        Representation {
            media: "application/pkix-crl",
            tag: self.tag.clone(),
            modified: Some(self.this_update),
            freshness: Freshness {
                age,
                stale_if_error: valid.saturating_sub(age),
            },
            bytes: self.bytes.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(number: u64) -> List {
        List::new(PublishedList {
            number,
            der: vec![u8::try_from(number).unwrap()],
            this_update: Timestamp::from_seconds(1_000),
            next_update: Timestamp::from_seconds(9_000),
            due_at: Timestamp::from_seconds(5_000),
        })
    }

    fn freshness(now: i64) -> (u64, u64) {
        let longest = Duration::from_secs(600);
        let fresh = list(1)
            .representation(Timestamp::from_seconds(now), longest)
            .freshness;
        (fresh.age.as_secs(), fresh.stale_if_error.as_secs())
    }

    #[test]
    fn a_cache_keeps_a_list_until_the_next_is_planned_and_never_beyond_its_next_update() {
        assert_eq!(freshness(1_000), (600, 7_400), "the longest age");
        assert_eq!(freshness(4_900), (100, 4_000), "the planned list");
        assert_eq!(freshness(6_000), (0, 3_000), "the planned list is late");
        assert_eq!(freshness(8_990), (0, 10));
        assert_eq!(freshness(9_001), (0, 0), "expired");
    }

    #[test]
    fn an_older_list_never_takes_the_place_of_a_newer_one() {
        let lists = Lists::default();
        let shard = ShardId {
            issuer: tamga_registry::id::IssuerId::from_octets([1; 16]),
            shard: 0,
        };
        assert_eq!(lists.keep(shard, list(2)).number, 2);
        assert_eq!(
            lists.keep(shard, list(1)).number,
            2,
            "the late reader is handed the newer one"
        );
        assert_eq!(lists.kept(shard).unwrap().number, 2);
        assert_eq!(lists.keep(shard, list(3)).number, 3);
    }
}
