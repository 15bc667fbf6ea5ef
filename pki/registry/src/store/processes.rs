// SPDX-License-Identifier: Apache-2.0
//! What processes say of themselves, and ask of each other.

use async_trait::async_trait;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::process::Heartbeat;

/// Where processes report.
#[async_trait]
pub trait Processes: Send + Sync {
    /// Keeps the last sign of life of a process, in place of its earlier ones.
    async fn beat(&self, heartbeat: &Heartbeat) -> Result<(), StoreFault>;

    /// Every process seen at this instant or later, by role and start.
    async fn heartbeats(&self, since: Timestamp) -> Result<Vec<Heartbeat>, StoreFault>;

    /// Deletes what was last seen before an instant. How many those were.
    async fn forget_heartbeats(&self, seen_before: Timestamp) -> Result<u64, StoreFault>;
}
