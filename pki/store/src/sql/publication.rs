// SPDX-License-Identifier: Apache-2.0
//! CRL shards: which are due, who may publish, what stands on them, and what is published.

use tamga_registry::revocation::{PublishedList, ShardHealth, ShardId};
use tamga_registry::store::StoreFault;
use tamga_x509::crl::RevokedEntry;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::certificate::read_serial;
use super::fault::fault;
use super::{Connection, Query};

/// Everything not proven fresh: a list is served, it covers every revocation, it is not of the future (the clock stepped
/// back since), and neither its planned successor nor its end is due. Walks all shards, which are few.
pub(super) const DUE: &str = "SELECT s.issuer_id, s.shard FROM crl_shard s
     JOIN issuer i ON i.id = s.issuer_id
     LEFT JOIN crl c ON c.issuer_id = s.issuer_id AND c.shard = s.shard AND c.number = s.published_number
     WHERE i.state <> 'retired'
       AND CASE WHEN c.der IS NOT NULL AND s.marks = s.published_marks AND s.due_at > $1 AND c.next_update > $1
                     AND c.this_update <= $1
                THEN 0 ELSE 1 END = 1
     ORDER BY s.due_at, s.issuer_id, s.shard";

/// The shards to be published.
pub(super) async fn due(now: Timestamp, connection: &mut Connection) -> Result<Vec<ShardId>, StoreFault> {
    let rows = sqlx::query(DUE)
        .bind(now.as_micros())
        .fetch_all(connection)
        .await
        .map_err(fault("shards due"))?;
    rows.iter()
        .map(|row| read_shard(&mut Cells::of(row, "crl_shard")))
        .collect()
}

fn read_shard(cells: &mut Cells<'_>) -> Result<ShardId, StoreFault> {
    Ok(ShardId {
        issuer: cells.id()?,
        shard: cells.number()?,
    })
}

/// Binds issuer and shard.
pub(super) fn bind_shard(query: Query<'_>, shard: ShardId) -> Query<'_> {
    query
        .bind(shard.issuer.octets().as_slice())
        .bind(i64::from(shard.shard))
}

/// $1 issuer, $2 shard, $3 after which serial, $4 since when expired ones are left out, $5 how many.
pub(super) const PAGE: &str = "SELECT serial, revoked_at, reason FROM revocation
     WHERE issuer_id = $1 AND shard = $2 AND serial > $3 AND not_after >= $4 ORDER BY serial LIMIT $5";

/// A page of a shard's revocations.
pub(super) async fn page(
    shard: ShardId,
    after: Option<Serial>,
    listed_since: Option<Timestamp>,
    connection: &mut Connection,
) -> Result<Vec<RevokedEntry>, StoreFault> {
    let after = after
        .as_ref()
        .map(|serial| serial.as_bytes().as_slice())
        .unwrap_or_default();
    let rows = bind_shard(sqlx::query(PAGE), shard)
        .bind(after)
        .bind(listed_since.map_or(i64::MIN, Timestamp::as_micros))
        .bind(PAGE_ROWS)
        .fetch_all(connection)
        .await
        .map_err(fault("revocations of a shard"))?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row, "revocation");
            Ok(RevokedEntry {
                serial: read_serial(&mut cells)?,
                revoked_at: cells.time()?,
                reason: cells.word()?,
            })
        })
        .collect()
}

/// The number of the list that is served.
pub(super) async fn published_number(
    shard: ShardId,
    connection: &mut Connection,
) -> Result<Option<u64>, StoreFault> {
    let row = bind_shard(
        sqlx::query(
            "SELECT published_number FROM crl_shard
             WHERE issuer_id = $1 AND shard = $2 AND published_number IS NOT NULL",
        ),
        shard,
    )
    .fetch_optional(connection)
    .await
    .map_err(fault("published number"))?;
    row.map(|row| Cells::of(&row, "crl_shard").number()).transpose()
}

/// The list that is served.
pub(super) async fn published_list(
    shard: ShardId,
    connection: &mut Connection,
) -> Result<Option<PublishedList>, StoreFault> {
    let row = bind_shard(
        sqlx::query(
            "SELECT s.issuer_id, s.published_number, c.der, c.this_update, c.next_update, s.due_at
             FROM crl_shard s
             LEFT JOIN crl c ON c.issuer_id = s.issuer_id AND c.shard = s.shard AND c.number = s.published_number
             WHERE s.issuer_id = $1 AND s.shard = $2 AND s.published_number IS NOT NULL",
        ),
        shard,
    )
    .fetch_optional(connection)
    .await
    .map_err(fault("published list"))?;
    let Some(row) = row else { return Ok(None) };
    let mut cells = Cells::of(&row, "crl_shard");
    cells.octets::<16>()?;
    let (number, der) = (cells.number()?, cells.maybe_bytes()?);
    Ok(Some(PublishedList {
        number,
        der: cells.owed(der, "a published list")?,
        this_update: cells.time()?,
        next_update: cells.time()?,
        due_at: cells.time()?,
    }))
}

/// How far every shard is behind.
pub(super) async fn health(connection: &mut Connection) -> Result<Vec<ShardHealth>, StoreFault> {
    let rows = sqlx::query(
        "SELECT s.issuer_id, s.shard, CASE WHEN s.marks = s.published_marks THEN 0 ELSE 1 END,
                c.this_update, c.next_update
         FROM crl_shard s
         LEFT JOIN crl c ON c.issuer_id = s.issuer_id AND c.shard = s.shard AND c.number = s.published_number
         ORDER BY s.issuer_id, s.shard",
    )
    .fetch_all(connection)
    .await
    .map_err(fault("shard health"))?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row, "crl_shard");
            let (shard, dirty) = (read_shard(&mut cells)?, cells.truth()?);
            let (this_update, next_update) = (cells.maybe_time()?, cells.maybe_time()?);
            Ok(ShardHealth {
                shard,
                dirty,
                published: this_update.zip(next_update),
            })
        })
        .collect()
}

/// How many revocations a page holds.
const PAGE_ROWS: i64 = 5_000;
