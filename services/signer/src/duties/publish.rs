// SPDX-License-Identifier: Apache-2.0
//! The duty `publish`: every CRL that is due goes out, woken by a revocation or by its timer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::publish::Publisher;
use tamga_registry::store::{Hint, Store};
use tamga_runtime::duty::{Ailment, Duty, Wake};

/// Publishes lists.
pub struct Publish {
    /// Does it.
    pub publisher: Publisher,
    /// Tells of every revocation.
    pub store: Arc<dyn Store>,
}

#[async_trait]
impl Duty for Publish {
    fn name(&self) -> &'static str {
        "publish"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    fn woken(&self) -> Wake {
        self.store.hint(Hint::RevocationKept)
    }

    async fn perform(&self) -> Result<(), Ailment> {
        for list in self.publisher.publish_due().await? {
            tracing::info!(
                issuer = %list.shard.issuer,
                shard = list.shard.shard,
                number = list.number,
                entries = list.entries,
                "published a list"
            );
        }
        Ok(())
    }
}

impl std::fmt::Debug for Publish {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Publish").field(&self.publisher).finish()
    }
}

/// Finds a revocation whose hint was lost soon enough for the bound that is promised.
const PERIOD: Duration = Duration::from_secs(1);
