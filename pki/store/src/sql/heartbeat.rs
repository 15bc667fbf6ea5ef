// SPDX-License-Identifier: Apache-2.0
//! Heartbeats: a row a process.

use async_trait::async_trait;
use tamga_registry::process::Heartbeat;
use tamga_registry::store::StoreFault;
use tamga_x509::time::Timestamp;

use super::Connection;
use super::cells::Cells;
use super::fault::fault;
use super::writer::Keep;

pub(super) const BEAT: &str =
    "INSERT INTO heartbeat (process_id, role, host, version, started_at, seen_at, health)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (process_id) DO UPDATE SET seen_at = excluded.seen_at, health = excluded.health";

#[async_trait]
impl Keep for Heartbeat {
    type Verdict = ();

    async fn keep(&self, connection: &mut Connection) -> Result<(), StoreFault> {
        sqlx::query(BEAT)
            .bind(self.process.octets().as_slice())
            .bind(self.role.word())
            .bind(self.host.as_str())
            .bind(self.version.as_str())
            .bind(self.started_at.as_micros())
            .bind(self.seen_at.as_micros())
            .bind(self.health.as_str())
            .execute(connection)
            .await
            .map_err(fault("a heartbeat"))?;
        Ok(())
    }
}

/// Every process seen at this instant or later.
pub(super) async fn since(
    since: Timestamp,
    connection: &mut Connection,
) -> Result<Vec<Heartbeat>, StoreFault> {
    let rows = sqlx::query(
        "SELECT process_id, role, host, version, started_at, seen_at, health FROM heartbeat
         WHERE seen_at >= $1 ORDER BY role, started_at, process_id",
    )
    .bind(since.as_micros())
    .fetch_all(connection)
    .await
    .map_err(fault("heartbeats"))?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row, "heartbeat");
            Ok(Heartbeat {
                process: cells.id()?,
                role: cells.word()?,
                host: cells.text()?,
                version: cells.text()?,
                started_at: cells.time()?,
                seen_at: cells.time()?,
                health: cells.text()?,
            })
        })
        .collect()
}

/// Processes that have been silent for long.
pub(super) struct Forget {
    pub(super) seen_before: Timestamp,
}

#[async_trait]
impl Keep for Forget {
    type Verdict = u64;

    async fn keep(&self, connection: &mut Connection) -> Result<u64, StoreFault> {
        let done = sqlx::query("DELETE FROM heartbeat WHERE seen_at < $1")
            .bind(self.seen_before.as_micros())
            .execute(connection)
            .await
            .map_err(fault("forgetting heartbeats"))?;
        Ok(done.rows_affected())
    }
}
