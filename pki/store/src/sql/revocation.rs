// SPDX-License-Identifier: Apache-2.0
//! Revocation of one row with all that follows from it: its list, its shard, its line, its order.

use tamga_registry::id::CertificateId;
use tamga_registry::store::StoreFault;
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::Connection;
use super::batch::{self, script};
use super::fault::miscounted;

/// Puts certificate $1, revoked just now, on its list.
macro_rules! list_revoked {
    ($condition:expr) => {
        concat!(
            "INSERT INTO revocation (issuer_id, shard, serial, revoked_at, reason, not_after)
             SELECT c.issuer_id, c.shard, c.serial, c.revoked_at, c.revoked_reason, c.not_after
             FROM certificate c WHERE c.id = $1 AND ",
            $condition,
            " ON CONFLICT DO NOTHING"
        )
    };
}
pub(super) use list_revoked;

/// Marks the shard of certificate $1: its published list is behind.
macro_rules! mark_shard {
    ($condition:expr) => {
        concat!(
            "UPDATE crl_shard SET marks = marks + 1
             WHERE issuer_id = (SELECT c.issuer_id FROM certificate c WHERE c.id = $1)
               AND shard = (SELECT c.shard FROM certificate c WHERE c.id = $1) AND ",
            $condition
        )
    };
}
pub(super) use mark_shard;

/// The line of certificate $1 has changed. If its order in the line's epoch was open, that order can never be repeated:
/// the next one raises the epoch.
macro_rules! raise_if_unfinished {
    ($condition:expr) => {
        concat!(
            "UPDATE lineage
             SET version = version + 1,
                 rise_pending = CASE WHEN EXISTS (
                     SELECT 1 FROM certificate c JOIN issuance_order o ON o.id = c.order_id
                     WHERE c.id = $1 AND o.state = 'open' AND o.epoch = lineage.epoch
                 ) THEN 1 ELSE rise_pending END
             WHERE device_id = (SELECT c.device_id FROM certificate c WHERE c.id = $1)
               AND profile_id = (SELECT c.profile_id FROM certificate c WHERE c.id = $1) AND ",
            $condition
        )
    };
}
pub(super) use raise_if_unfinished;

/// Revokes certificate $1 at $2 for $3. An intent keeps its bytes, for they may have been signed; its order fails, for $4.
pub(super) const REVOKE: batch::Script = script!(
    "UPDATE certificate SET state = 'revoked', revoked_at = $2, revoked_reason = $3
     WHERE id = $1 AND state <> 'revoked'",
    list_revoked!("c.state = 'revoked'"),
    mark_shard!("1 = 1"),
    raise_if_unfinished!("1 = 1"),
    "UPDATE issuance_order SET state = 'failed', failure = $4
     WHERE id = (SELECT c.order_id FROM certificate c WHERE c.id = $1) AND state = 'open'"
);

/// When, why, and what an order fails for whose intent is struck.
#[derive(Clone, Copy)]
pub(super) struct Cause {
    pub(super) at: Timestamp,
    pub(super) reason: RevocationReason,
    pub(super) failure: &'static str,
}

/// Revokes a certificate or an intent that is not revoked yet.
pub(super) async fn revoke(
    id: CertificateId,
    cause: Cause,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    let during = "revoking a certificate";
    let query = REVOKE
        .query()
        .bind(id.octets().as_slice())
        .bind(cause.at.as_micros())
        .bind(cause.reason.slug())
        .bind(cause.failure);
    match batch::run(&REVOKE, query, during, connection).await? {
        // Certificate, list, shard; lineage and order where it has them.
        3..=5 => Ok(()),
        rows => Err(miscounted(during, rows)),
    }
}

/// The reason of the revoked certificate $1 becomes $2. The date stays.
pub(super) const RESTATE: batch::Script = script!(
    "UPDATE certificate SET revoked_reason = $2 WHERE id = $1 AND state = 'revoked'",
    "UPDATE revocation SET reason = $2
     WHERE issuer_id = (SELECT c.issuer_id FROM certificate c WHERE c.id = $1)
       AND shard = (SELECT c.shard FROM certificate c WHERE c.id = $1)
       AND serial = (SELECT c.serial FROM certificate c WHERE c.id = $1)",
    mark_shard!("1 = 1")
);

/// What was revoked for another reason turns out to be compromised.
pub(super) async fn restate(id: CertificateId, connection: &mut Connection) -> Result<(), StoreFault> {
    let during = "restating a revocation";
    let query = RESTATE
        .query()
        .bind(id.octets().as_slice())
        .bind(RevocationReason::KeyCompromise.slug());
    match batch::run(&RESTATE, query, during, connection).await? {
        // Certificate, list, shard.
        3 => Ok(()),
        rows => Err(miscounted(during, rows)),
    }
}
