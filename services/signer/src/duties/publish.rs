// SPDX-License-Identifier: Apache-2.0
//! The duty `publish`: every CRL that is due goes out, woken by a revocation or by its timer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::Fault;
use tamga_authority::publish::Publisher;
use tokio::sync::Notify;

use super::Duty;

/// Publishes lists.
#[derive(Debug)]
pub struct Publish {
    /// Does it.
    pub publisher: Publisher,
    /// Notified by every revocation.
    pub hint: Arc<Notify>,
}

#[async_trait]
impl Duty for Publish {
    fn name(&self) -> &'static str {
        "publish"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    fn hint(&self) -> Option<Arc<Notify>> {
        Some(self.hint.clone())
    }

    async fn perform(&self) -> Result<(), Fault> {
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

/// Finds a revocation whose hint was lost soon enough for the bound that is promised.
const PERIOD: Duration = Duration::from_secs(1);
