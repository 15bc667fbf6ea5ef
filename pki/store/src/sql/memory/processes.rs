// SPDX-License-Identifier: Apache-2.0
//! What processes say of themselves.

use async_trait::async_trait;
use tamga_registry::process::Heartbeat;
use tamga_registry::store::{Processes, StoreFault};
use tamga_x509::time::Timestamp;

use super::super::heartbeat::{self, Forget};
use super::{Memory, within};

#[async_trait]
impl Processes for Memory {
    async fn beat(&self, heartbeat: &Heartbeat) -> Result<(), StoreFault> {
        self.writer.keep_one(heartbeat.clone()).await
    }

    async fn heartbeats(&self, since: Timestamp) -> Result<Vec<Heartbeat>, StoreFault> {
        within(async { heartbeat::since(since, &mut *self.reader().await?).await }).await
    }

    async fn forget_heartbeats(&self, seen_before: Timestamp) -> Result<u64, StoreFault> {
        self.writer.keep_one(Forget { seen_before }).await
    }
}
