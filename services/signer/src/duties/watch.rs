// SPDX-License-Identifier: Apache-2.0
//! Looks after what the other duties rest on: memory answers, every signing issuer's key is in reach, no list is stale.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::{Fault, Means};

use super::Duty;
use crate::issuer_keys::IssuerKeys;

/// The check `database`: memory answers.
#[derive(Debug)]
pub struct Database(pub Means);

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
pub struct Lists(pub Means);

#[async_trait]
impl Duty for Database {
    fn name(&self) -> &'static str {
        "database"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn perform(&self) -> Result<(), Fault> {
        Ok(self.0.store.ping().await?)
    }
}

#[async_trait]
impl Duty for Keys {
    fn name(&self) -> &'static str {
        "issuer_keys"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn perform(&self) -> Result<(), Fault> {
        let issuers = self.means.store.issuers().await?;
        match self.keys.out_of_reach(&issuers) {
            missing if missing.is_empty() => Ok(()),
            missing => Err(Fault::new(
                LOOKING,
                format!("no key in reach for {}", missing.join(", ")),
            )),
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

    async fn perform(&self) -> Result<(), Fault> {
        let now = self.0.clock.now();
        let mut oldest = Duration::ZERO;
        let mut stale = Vec::new();
        for health in self.0.store.shard_health().await? {
            match health.published {
                Some((this_update, next_update)) => {
                    oldest = oldest.max(now.duration_since(this_update));
                    if next_update <= now {
                        stale.push(format!("{}/{}", health.shard.issuer, health.shard.shard));
                    }
                }
                None => stale.push(format!("{}/{}", health.shard.issuer, health.shard.shard)),
            }
        }
        metrics::gauge!("tamga_crl_oldest_age_seconds").set(oldest.as_secs_f64());
        match stale.len() {
            0 => Ok(()),
            count => {
                stale.truncate(SHOWN);
                let shown = stale.join(", ");
                Err(Fault::new(
                    "looking at lists",
                    format!("{count} have no list in force: {shown}"),
                ))
            }
        }
    }
}

const LOOKING: &str = "looking for the issuers' keys";
const PERIOD: Duration = Duration::from_secs(2);
/// Enough to find the cause; an installation may have thousands of shards.
const SHOWN: usize = 3;
