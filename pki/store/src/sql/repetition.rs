// SPDX-License-Identifier: Apache-2.0
//! The keys of requests that were sent once, and the answers they are told again.

use async_trait::async_trait;
use tamga_registry::id::RequestId;
use tamga_registry::repetition::{Known, Once, SealedAnswer, Spent};
use tamga_registry::secret::WrappedDataKey;
use tamga_registry::store::StoreFault;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::fault::fault;
use super::writer::Keep;
use super::{Connection, secret};

/// An expired key is as good as new, and a request may spend its own more than once. Whoever spends the same key meanwhile waits for this transaction to end.
pub(super) const SPEND: &str = "INSERT INTO repetition (principal, key, request, spent_by, organization_id, permission, object, spent_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (principal, key) DO UPDATE
     SET request = excluded.request, spent_by = excluded.spent_by, organization_id = excluded.organization_id,
         permission = excluded.permission, object = excluded.object, spent_at = excluded.spent_at,
         expires_at = excluded.expires_at, answer = NULL, answer_organization_id = NULL, data_key = NULL
     WHERE repetition.expires_at <= excluded.spent_at OR repetition.spent_by = excluded.spent_by";

/// Spends a key. False when it is spent already.
pub(super) async fn spend(spent: &Spent, connection: &mut Connection) -> Result<bool, StoreFault> {
    let done = sqlx::query(SPEND)
        .bind(spent.principal.as_str())
        .bind(spent.once.key.as_slice())
        .bind(spent.once.request.as_slice())
        .bind(spent.by.octets().as_slice())
        .bind(spent.organization.as_ref().map(|id| id.octets().as_slice()))
        .bind(spent.permission.as_str())
        .bind(spent.object.as_str())
        .bind(spent.at.as_micros())
        .bind(spent.expires_at().as_micros())
        .execute(connection)
        .await
        .map_err(fault("spending the key of a request"))?;
    Ok(done.rows_affected() == 1)
}

/// $1 a principal, $2 a key, $3 now.
pub(super) const FIND: &str =
    "SELECT spent_by, principal, key, request, organization_id, permission, object, spent_at,
            answer, answer_organization_id, data_key
     FROM repetition WHERE principal = $1 AND key = $2 AND expires_at > $3";

/// What is known of a key.
pub(super) async fn find(
    principal: &str,
    once: &Once,
    now: Timestamp,
    connection: &mut Connection,
) -> Result<Option<Known>, StoreFault> {
    let row = sqlx::query(FIND)
        .bind(principal)
        .bind(once.key.as_slice())
        .bind(now.as_micros())
        .fetch_optional(connection)
        .await
        .map_err(fault("the key of a request"))?;
    row.map(|row| read(&mut Cells::of(&row, "repetition")))
        .transpose()
}

fn read(cells: &mut Cells<'_>) -> Result<Known, StoreFault> {
    let by = cells.id()?;
    let principal = cells.text()?;
    let once = Once {
        key: cells.octets()?,
        request: cells.octets()?,
    };
    let spent = Spent {
        principal,
        once,
        by,
        organization: cells.maybe_id()?,
        permission: cells.text()?,
        object: cells.text()?,
        at: cells.time()?,
    };
    let answer = if cells.nothing(3)? {
        None
    } else {
        Some(SealedAnswer {
            sealed: cells.bytes()?,
            organization: cells.id()?,
            data_key: cells.integer()?,
        })
    };
    Ok(Known { spent, answer })
}

/// The answer of an act, beside the key it spent.
pub(super) struct Answer {
    pub(super) by: RequestId,
    pub(super) answer: SealedAnswer,
    pub(super) new_data_key: Option<WrappedDataKey>,
}

/// $1 a request, $2 its answer, sealed, $3 whose data key sealed it, $4 the key's version.
pub(super) const ANSWER: &str =
    "UPDATE repetition SET answer = $2, answer_organization_id = $3, data_key = $4
     WHERE spent_by = $1 AND answer IS NULL";

#[async_trait]
impl Keep for Answer {
    /// Whether it is kept.
    type Verdict = bool;

    async fn keep(&self, connection: &mut Connection) -> Result<bool, StoreFault> {
        if let Some(key) = &self.new_data_key
            && !secret::add_data_key(key, connection).await?
        {
            return Ok(false);
        }
        let done = sqlx::query(ANSWER)
            .bind(self.by.octets().as_slice())
            .bind(self.answer.sealed.as_slice())
            .bind(self.answer.organization.octets().as_slice())
            .bind(self.answer.data_key)
            .execute(connection)
            .await
            .map_err(fault("keeping an answer"))?;
        Ok(done.rows_affected() == 1)
    }
}

/// Forgets keys that have expired.
pub(super) struct Forget {
    pub(super) now: Timestamp,
    pub(super) limit: u32,
}

/// $1 now, $2 how many at most.
pub(super) const FORGET: &str = "DELETE FROM repetition WHERE spent_by IN
     (SELECT r.spent_by FROM repetition r WHERE r.expires_at <= $1 ORDER BY r.expires_at LIMIT $2)";

#[async_trait]
impl Keep for Forget {
    type Verdict = u64;

    async fn keep(&self, connection: &mut Connection) -> Result<u64, StoreFault> {
        let done = sqlx::query(FORGET)
            .bind(self.now.as_micros())
            .bind(i64::from(self.limit))
            .execute(connection)
            .await
            .map_err(fault("forgetting the keys of requests"))?;
        Ok(done.rows_affected())
    }
}
