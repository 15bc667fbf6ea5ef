// SPDX-License-Identifier: Apache-2.0
//! A process among the others of its installation: it reports itself through memory, for a signer has no socket.

use std::time::Duration;

use tamga_registry::id::ProcessId;
use tamga_registry::process::{Heartbeat, ProcessRole};
use tamga_x509::time::Timestamp;

use crate::means::Means;
use crate::refusal::Fault;

/// Who this process is.
#[derive(Debug)]
pub struct Presence {
    means: Means,
    process: ProcessId,
    role: ProcessRole,
    host: String,
    version: String,
    started_at: Timestamp,
}

impl Presence {
    /// A process that starts now.
    pub fn new(
        means: Means,
        role: ProcessRole,
        host: impl Into<String>,
        version: impl Into<String>,
    ) -> Result<Self, Fault> {
        let started_at = means.now();
        Ok(Self {
            process: ProcessId::fresh(started_at, &*means.chance)?,
            role,
            host: host.into(),
            version: version.into(),
            started_at,
            means,
        })
    }

    /// Its id.
    pub fn process(&self) -> ProcessId {
        self.process
    }

    /// A sign of life, with what ails it; and the processes that gave none for a day are forgotten.
    pub async fn beat(&self, health: String) -> Result<(), Fault> {
        let (store, now) = (&self.means.store, self.means.now());
        let heartbeat = Heartbeat {
            process: self.process,
            role: self.role,
            host: self.host.clone(),
            version: self.version.clone(),
            started_at: self.started_at,
            seen_at: now,
            health,
        };
        store.beat(&heartbeat).await?;
        store.forget_heartbeats(now.saturating_sub(REMEMBERED)).await?;
        Ok(())
    }

    /// The processes that gave a sign of life within this span.
    pub async fn others(&self, within: Duration) -> Result<Vec<Heartbeat>, Fault> {
        let since = self.means.now().saturating_sub(within);
        Ok(self.means.store.heartbeats(since).await?)
    }
}

const REMEMBERED: Duration = Duration::from_hours(24);
