// SPDX-License-Identifier: Apache-2.0
//! Looks after what the other duties rest on: every signing issuer's key is in reach, no list is stale.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::{Fault, Means};
use tamga_registry::revocation::ShardId;
use tamga_runtime::duty::{Ailment, Duty};
use tamga_x509::time::Timestamp;

use crate::issuer_keys::IssuerKeys;

/// The check `issuer_keys`: no issuer that signs lacks its key.
#[derive(Debug)]
pub struct Keys {
    /// Where issuers are found.
    pub means: Means,
    /// The keys in reach.
    pub keys: Arc<IssuerKeys>,
}

/// The check `lists`: every shard has a published list that is not past its nextUpdate, and revocations do not wait.
#[derive(Debug)]
pub struct Lists {
    means: Means,
    /// A revocation is to be on a list this much later.
    within: Duration,
    waiting: Mutex<Waiting>,
}

/// Since when revocations of a shard have been seen to wait.
#[derive(Debug, Default)]
struct Waiting(HashMap<ShardId, Timestamp>);

impl Lists {
    /// The check of lists that are to show a revocation `within` this time.
    pub fn new(means: Means, within: Duration) -> Self {
        Self {
            means,
            within,
            waiting: Mutex::default(),
        }
    }
}

impl Waiting {
    /// The shards of those dirty `now` whose revocations have waited for longer than is promised.
    fn overdue(&mut self, dirty: &HashSet<ShardId>, now: Timestamp, within: Duration) -> Vec<String> {
        self.0.retain(|shard, _| dirty.contains(shard));
        let overdue = dirty.iter().filter(|shard| {
            let since = *self.0.entry(**shard).or_insert(now);
            now.duration_since(since) > within
        });
        overdue.map(named).collect()
    }
}

fn named(shard: &ShardId) -> String {
    format!("{}/{}", shard.issuer, shard.shard)
}

#[async_trait]
impl Duty for Keys {
    fn name(&self) -> &'static str {
        "issuer_keys"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn perform(&self) -> Result<(), Ailment> {
        let issuers = self.means.store.issuers().await?;
        match self.keys.out_of_reach(&issuers) {
            missing if missing.is_empty() => Ok(()),
            missing => Err(Fault::new(LOOKING, format!("no key in reach for {}", missing.join(", "))).into()),
        }
    }
}

#[async_trait]
impl Duty for Lists {
    fn name(&self) -> &'static str {
        "lists"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn perform(&self) -> Result<(), Ailment> {
        let now = self.means.clock.now();
        let mut oldest = Duration::ZERO;
        let (mut stale, mut dirty) = (Vec::new(), HashSet::new());
        for health in self.means.store.shard_health().await? {
            if health.dirty {
                dirty.insert(health.shard);
            }
            match health.published {
                Some((this_update, next_update)) => {
                    oldest = oldest.max(now.duration_since(this_update));
                    if next_update <= now {
                        stale.push(named(&health.shard));
                    }
                }
                None => stale.push(named(&health.shard)),
            }
        }
        metrics::gauge!("tamga_crl_oldest_age_seconds").set(oldest.as_secs_f64());
        let overdue = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .overdue(&dirty, now, self.within);
        match (stale.is_empty(), overdue.is_empty()) {
            (true, true) => Ok(()),
            (false, _) => Err(ailment("have no list in force", &stale).into()),
            (true, false) => Err(ailment("have revocations that wait for too long", &overdue).into()),
        }
    }
}

fn ailment(what: &str, shards: &[String]) -> Fault {
    let shown = shards.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    Fault::new("looking at lists", format!("{} {what}: {shown}", shards.len()))
}

const LOOKING: &str = "looking for the issuers' keys";
const PERIOD: Duration = Duration::from_secs(2);
/// Enough to find the cause; an installation may have thousands of shards.
const SHOWN: usize = 3;

#[cfg(test)]
mod tests {
    use tamga_registry::id::IssuerId;

    use super::*;

    #[test]
    fn a_shard_is_overdue_when_its_revocations_wait_for_longer_than_is_promised() {
        let shard = |shard| ShardId {
            issuer: IssuerId::from_octets([7; 16]),
            shard,
        };
        let (mut waiting, within) = (Waiting::default(), Duration::from_secs(5));
        let mut look = |dirty: &[u32], at| {
            let dirty = dirty.iter().map(|number| shard(*number)).collect();
            waiting.overdue(&dirty, Timestamp::from_seconds(at), within)
        };
        assert!(look(&[0], 100).is_empty(), "just seen");
        assert!(look(&[0, 1], 105).is_empty(), "as long as is promised");
        assert_eq!(look(&[0, 1], 106), [named(&shard(0))]);
        assert!(look(&[1], 107).is_empty(), "the list went out");
        assert!(look(&[0], 108).is_empty(), "a wait begins anew");
    }
}
