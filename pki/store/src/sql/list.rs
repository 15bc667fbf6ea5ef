// SPDX-License-Identifier: Apache-2.0
//! Publishing one list: the lease with its number, the intent, and the move of the pointer.

use std::time::Duration;

use async_trait::async_trait;
use tamga_registry::journal::JournalRow;
use tamga_registry::revocation::{PublicationLease, ShardId};
use tamga_registry::store::{ListIntent, StoreFault};
use tamga_x509::time::Timestamp;

use super::Connection;
use super::batch::{self, script};
use super::cells::Cells;
use super::fault::{fault, miscounted};
use super::journal::{self, journal_row};
use super::publication::bind_shard;
use super::writer::Keep;

/// No lease is given for longer. One that ends further ahead is of a clock that stepped back since, and has ended.
const LEASED_AT_MOST: Duration = Duration::from_secs(300);

/// Asks for the right to publish a shard's next list.
pub(super) struct Lease {
    pub(super) shard: ShardId,
    pub(super) now: Timestamp,
    pub(super) until: Timestamp,
}

#[async_trait]
impl Keep for Lease {
    type Verdict = Option<PublicationLease>;

    async fn keep(&self, connection: &mut Connection) -> Result<Self::Verdict, StoreFault> {
        let taken = bind_shard(
            sqlx::query(
                "UPDATE crl_shard
                 SET lease_epoch = lease_epoch + 1, lease_until = $4, last_number = last_number + 1
                 WHERE issuer_id = $1 AND shard = $2 AND (lease_until <= $3 OR lease_until > $5)
                   AND EXISTS (SELECT 1 FROM issuer i WHERE i.id = $1 AND i.state <> 'retired')
                 RETURNING issuer_id, lease_epoch, last_number, marks",
            ),
            self.shard,
        )
        .bind(self.now.as_micros())
        .bind(self.until.as_micros())
        .bind(self.now.saturating_add(LEASED_AT_MOST).as_micros())
        .fetch_optional(&mut *connection)
        .await
        .map_err(fault("leasing a shard"))?;
        let Some(taken) = taken else { return Ok(None) };
        let previous = bind_shard(
            sqlx::query(
                "SELECT c.this_update FROM crl_shard s
                 JOIN crl c ON c.issuer_id = s.issuer_id AND c.shard = s.shard AND c.number = s.published_number
                 WHERE s.issuer_id = $1 AND s.shard = $2",
            ),
            self.shard,
        )
        .fetch_optional(connection)
        .await
        .map_err(fault("leasing a shard"))?;
        let mut cells = Cells::of(&taken, "crl_shard");
        cells.octets::<16>()?;
        Ok(Some(PublicationLease {
            shard: self.shard,
            epoch: cells.integer()?,
            number: cells.number()?,
            marks: cells.integer()?,
            previous_update: previous.map(|row| Cells::of(&row, "crl").time()).transpose()?,
        }))
    }
}

/// Ends a lease early.
pub(super) struct Release {
    pub(super) lease: PublicationLease,
}

#[async_trait]
impl Keep for Release {
    /// Nothing to tell: a lease that another took over is not ours to end.
    type Verdict = ();

    async fn keep(&self, connection: &mut Connection) -> Result<(), StoreFault> {
        bind_shard(
            sqlx::query(
                "UPDATE crl_shard SET lease_until = 0 WHERE issuer_id = $1 AND shard = $2 AND lease_epoch = $3",
            ),
            self.lease.shard,
        )
        .bind(self.lease.epoch)
        .execute(connection)
        .await
        .map_err(fault("releasing a shard"))?;
        Ok(())
    }
}

/// The intent of a list, under a lease.
pub(super) struct KeepIntent {
    pub(super) lease: PublicationLease,
    pub(super) intent: ListIntent,
}

#[async_trait]
impl Keep for KeepIntent {
    /// False when the lease is lost, or other bytes were kept under this number.
    type Verdict = bool;

    async fn keep(&self, connection: &mut Connection) -> Result<bool, StoreFault> {
        let during = "keeping the intent of a list";
        let query = bind_shard(
            sqlx::query(concat!(
                "INSERT INTO crl (issuer_id, shard, number, tbs_hash, entries, this_update, next_update)
                 SELECT $1, $2, $3, $5, $6, $7, $8
                 WHERE EXISTS (SELECT 1 FROM crl_shard
                               WHERE issuer_id = $1 AND shard = $2 AND last_number = $3 AND lease_epoch = $4",
                for_update!("crl_shard"),
                ")
                 ON CONFLICT (issuer_id, shard, number) DO UPDATE SET tbs_hash = excluded.tbs_hash
                 WHERE crl.tbs_hash = excluded.tbs_hash AND crl.der IS NULL"
            )),
            self.lease.shard,
        );
        let done = query
            .bind(whole(self.lease.number, during)?)
            .bind(self.lease.epoch)
            .bind(self.intent.tbs_hash.as_slice())
            .bind(whole(self.intent.entries, during)?)
            .bind(self.intent.this_update.as_micros())
            .bind(self.intent.next_update.as_micros())
            .execute(connection)
            .await
            .map_err(fault(during))?;
        Ok(done.rows_affected() == 1)
    }
}

/// A signed list, to be served from now on.
pub(super) struct Publish {
    pub(super) lease: PublicationLease,
    pub(super) der: Vec<u8>,
    pub(super) due_at: Timestamp,
    pub(super) journal: JournalRow,
}

/// The lease $4 of shard ($1, $2) still holds, and its list $3 is later than the published one.
macro_rules! leading {
    () => {
        "EXISTS (SELECT 1 FROM crl_shard s
                 WHERE s.issuer_id = $1 AND s.shard = $2 AND s.lease_epoch = $4
                   AND COALESCE(s.published_number, 0) < $3)"
    };
}

macro_rules! signed {
    () => {
        concat!(
            "EXISTS (SELECT 1 FROM crl l
                     WHERE l.issuer_id = $1 AND l.shard = $2 AND l.number = $3 AND l.der IS NOT NULL) AND ",
            leading!()
        )
    };
}

/// The pointer moves last; with it the lease ends. The three newest lists stay, older ones go.
pub(super) const PUBLISH: batch::Script = script!(
    @lock "SELECT 1 FROM crl_shard WHERE issuer_id = $1 AND shard = $2 FOR NO KEY UPDATE";
    concat!(
        "UPDATE crl SET der = $5
         WHERE issuer_id = $1 AND shard = $2 AND number = $3 AND der IS NULL AND ",
        leading!()
    ),
    journal_row!(
        [
            "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16", "$17", "$18"
        ],
        signed!()
    ),
    concat!(
        "UPDATE crl_shard SET published_number = $3, published_marks = $6, due_at = $7, lease_until = 0
         WHERE issuer_id = $1 AND shard = $2 AND lease_epoch = $4 AND ",
        signed!()
    )
);

pub(super) const PRUNE: &str = "DELETE FROM crl WHERE issuer_id = $1 AND shard = $2 AND number < (
         SELECT MIN(n.number) FROM (
             SELECT l.number FROM crl l WHERE l.issuer_id = $1 AND l.shard = $2 AND l.der IS NOT NULL
             ORDER BY l.number DESC LIMIT 3) n)";

/// Revocations of shard ($1, $2) that expired before $4, the list before, and before list $3: the list before named them
/// after their expiry, and list $3 need not (RFC 5280 §3.3). No more than $5 at once.
pub(super) const PRUNE_EXPIRED: &str = "DELETE FROM revocation
     WHERE issuer_id = $1 AND shard = $2 AND serial IN (
         SELECT r.serial FROM revocation r
         WHERE r.issuer_id = $1 AND r.shard = $2 AND r.not_after < $4
           AND r.not_after < (SELECT l.this_update FROM crl l
                              WHERE l.issuer_id = $1 AND l.shard = $2 AND l.number = $3)
         ORDER BY r.not_after LIMIT $5)";

impl Publish {
    async fn prune(&self, connection: &mut Connection) -> Result<(), StoreFault> {
        let during = "pruning lists";
        bind_shard(sqlx::query(PRUNE), self.lease.shard)
            .execute(&mut *connection)
            .await
            .map_err(fault(during))?;
        let Some(previous) = self.lease.previous_update else {
            return Ok(());
        };
        bind_shard(sqlx::query(PRUNE_EXPIRED), self.lease.shard)
            .bind(whole(self.lease.number, during)?)
            .bind(previous.as_micros())
            .bind(PRUNED_AT_ONCE)
            .execute(connection)
            .await
            .map_err(fault(during))?;
        Ok(())
    }
}

#[async_trait]
impl Keep for Publish {
    /// False when the lease is lost, or a later list is published.
    type Verdict = bool;

    async fn keep(&self, connection: &mut Connection) -> Result<bool, StoreFault> {
        let during = "publishing a list";
        let query = PUBLISH
            .query()
            .bind(self.lease.shard.issuer.octets().as_slice())
            .bind(i64::from(self.lease.shard.shard))
            .bind(whole(self.lease.number, during)?)
            .bind(self.lease.epoch)
            .bind(self.der.as_slice())
            .bind(self.lease.marks)
            .bind(self.due_at.as_micros());
        match batch::run(&PUBLISH, journal::bind(query, &self.journal), during, connection).await? {
            0 => return Ok(false),
            3 => {}
            rows => return Err(miscounted(during, rows)),
        }
        self.prune(connection).await?;
        Ok(true)
    }
}

/// How many expired revocations one publication removes at most: everybody who writes waits for it.
const PRUNED_AT_ONCE: i64 = 1_000;

fn whole(number: u64, during: &'static str) -> Result<i64, StoreFault> {
    i64::try_from(number).map_err(|error| StoreFault::Broken {
        during,
        source: Box::new(error),
    })
}
