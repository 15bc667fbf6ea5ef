// SPDX-License-Identifier: Apache-2.0
//! Revocation: of one certificate with all that follows from it, and of a device.

use tamga_registry::id::{CertificateId, DeviceId};
use tamga_registry::store::{CertificateStrike, DeviceStrike, StoreFault, Struck};
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use super::Connection;
use super::batch::{self, script};
use super::cells::Cells;
use super::fault::{fault, miscounted};

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

/// The line of certificate $1 has changed.
macro_rules! touch_lineage {
    ($condition:expr) => {
        concat!(
            "UPDATE lineage SET version = version + 1
             WHERE device_id = (SELECT c.device_id FROM certificate c WHERE c.id = $1)
               AND profile_id = (SELECT c.profile_id FROM certificate c WHERE c.id = $1) AND ",
            $condition
        )
    };
}
pub(super) use touch_lineage;

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

/// Revokes certificate $1 at $2 for $3. An intent keeps its bytes, for they may have been signed; its order fails, and
/// since that order can never be repeated, the next one raises the epoch.
pub(super) const REVOKE: batch::Script = script!(
    "UPDATE certificate SET state = 'revoked', revoked_at = $2, revoked_reason = $3
     WHERE id = $1 AND state <> 'revoked'",
    list_revoked!("c.state = 'revoked'"),
    mark_shard!("1 = 1"),
    raise_if_unfinished!("1 = 1"),
    "UPDATE issuance_order SET state = 'failed', failure = 'certificate_revoked'
     WHERE id = (SELECT c.order_id FROM certificate c WHERE c.id = $1) AND state = 'open'"
);

async fn revoke(
    id: CertificateId,
    (at, reason): (Timestamp, RevocationReason),
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    let during = "revoking a certificate";
    let query = REVOKE
        .query()
        .bind(id.octets().as_slice())
        .bind(at.as_micros())
        .bind(reason.slug());
    match batch::run(&REVOKE, query, during, connection).await? {
        // Certificate, list, shard; lineage and order where it has them.
        3..=5 => Ok(()),
        rows => Err(miscounted(during, rows)),
    }
}

/// `certificate.revoke`.
pub(super) async fn strike_certificate(
    strike: CertificateStrike,
    connection: &mut Connection,
) -> Result<Struck, StoreFault> {
    let row = sqlx::query(
        "SELECT id, spki_hash, not_after, revoked_at FROM certificate WHERE id = $1 AND organization_id = $2",
    )
    .bind(strike.certificate.octets().as_slice())
    .bind(strike.organization.octets().as_slice())
    .fetch_optional(&mut *connection)
    .await
    .map_err(fault("finding a certificate"))?;
    let Some(row) = row else {
        return Ok(Struck::Nothing);
    };
    let mut cells = Cells::of(&row, "certificate");
    let (id, key, not_after, revoked_at) = (cells.id()?, cells.key()?, cells.time()?, cells.maybe_time()?);
    if let Some(at) = revoked_at {
        return Ok(Struck::Before(at));
    }
    if not_after < strike.at {
        return Ok(Struck::Expired);
    }
    let mut struck = vec![id];
    if strike.reason == RevocationReason::KeyCompromise {
        block(key, strike.at, connection).await?;
        struck.extend(others_of_key(id, key, strike.at, connection).await?);
    }
    for id in &struck {
        revoke(*id, (strike.at, strike.reason), connection).await?;
    }
    Ok(Struck::Now(struck))
}

/// From now on the key is refused for ever, everywhere.
async fn block(key: SpkiHash, at: Timestamp, connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query(
        "INSERT INTO subject_key (spki_hash, role, blocked_at, created_at) VALUES ($1, 'stranger', $2, $2)
         ON CONFLICT (spki_hash) DO UPDATE SET blocked_at = COALESCE(subject_key.blocked_at, excluded.blocked_at)",
    )
    .bind(key.0.as_slice())
    .bind(at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("blocking a key"))?;
    Ok(())
}

/// The other certificates of a key that are not revoked or expired. A key has one owner, whose orders name it.
pub(super) const OTHERS_OF_KEY: &str = "SELECT c.id FROM subject_key k
     JOIN issuance_order o ON o.device_id = k.device_id AND o.spki_hash = k.spki_hash
     JOIN certificate c ON c.id = o.certificate_id
     WHERE k.spki_hash = $1 AND c.id <> $2 AND c.state <> 'revoked' AND c.not_after >= $3
     UNION
     SELECT c.id FROM certificate c
     WHERE c.id IN (SELECT s.certificate_id FROM service_certificate s) AND c.spki_hash = $1 AND c.id <> $2 AND c.state <> 'revoked' AND c.not_after >= $3";

async fn others_of_key(
    id: CertificateId,
    key: SpkiHash,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<Vec<CertificateId>, StoreFault> {
    let rows = sqlx::query(OTHERS_OF_KEY)
        .bind(key.0.as_slice())
        .bind(id.octets().as_slice())
        .bind(at.as_micros())
        .fetch_all(connection)
        .await
        .map_err(fault("finding the certificates of a key"))?;
    rows.iter()
        .map(|row| Cells::of(row, "certificate").id())
        .collect()
}

/// The certificates of a device $1 that are neither revoked nor expired at $2.
pub(super) const GOOD_OF_DEVICE: &str =
    "SELECT c.id FROM issuance_order o JOIN certificate c ON c.id = o.certificate_id
         WHERE o.device_id = $1 AND c.state IN ('issued', 'superseded') AND c.not_after >= $2
         ORDER BY c.intended_at, c.id";

/// `device.revoke`. Intents stay: whoever is signing one finds the device revoked and records it as revoked.
pub(super) async fn strike_device(
    strike: DeviceStrike,
    connection: &mut Connection,
) -> Result<Struck, StoreFault> {
    let row = sqlx::query("SELECT id, revoked_at FROM device WHERE id = $1 AND organization_id = $2")
        .bind(strike.device.octets().as_slice())
        .bind(strike.organization.octets().as_slice())
        .fetch_optional(&mut *connection)
        .await
        .map_err(fault("finding a device"))?;
    let Some(row) = row else {
        return Ok(Struck::Nothing);
    };
    let mut cells = Cells::of(&row, "device");
    let (device, revoked_at): (DeviceId, _) = (cells.id()?, cells.maybe_time()?);
    if let Some(at) = revoked_at {
        return Ok(Struck::Before(at));
    }
    close_device(device, strike, connection).await?;
    if strike.reason == RevocationReason::KeyCompromise {
        block_keys_of(device, strike.at, connection).await?;
    }
    let rows = sqlx::query(GOOD_OF_DEVICE)
        .bind(device.octets().as_slice())
        .bind(strike.at.as_micros())
        .fetch_all(&mut *connection)
        .await
        .map_err(fault("finding the certificates of a device"))?;
    let struck: Vec<CertificateId> = rows
        .iter()
        .map(|row| Cells::of(row, "certificate").id())
        .collect::<Result<_, _>>()?;
    for id in &struck {
        revoke(*id, (strike.at, strike.reason), connection).await?;
    }
    Ok(Struck::Now(struck))
}

async fn close_device(
    device: DeviceId,
    strike: DeviceStrike,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query(
        "UPDATE device SET state = 'revoked', revoked_at = $2, revoked_reason = $3, generation = generation + 1,
                           updated_at = $2
         WHERE id = $1",
    )
    .bind(device.octets().as_slice())
    .bind(strike.at.as_micros())
    .bind(strike.reason.slug())
    .execute(&mut *connection)
    .await
    .map_err(fault("revoking a device"))?;
    sqlx::query("UPDATE lineage SET version = version + 1 WHERE device_id = $1")
        .bind(device.octets().as_slice())
        .execute(connection)
        .await
        .map_err(fault("revoking a device"))?;
    Ok(())
}

/// The keys of a device's orders, those still on their way included.
pub(super) const BLOCK_KEYS_OF: &str = "UPDATE subject_key SET blocked_at = COALESCE(blocked_at, $2)
     WHERE spki_hash IN (SELECT o.spki_hash FROM issuance_order o WHERE o.device_id = $1)";

async fn block_keys_of(
    device: DeviceId,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query(BLOCK_KEYS_OF)
        .bind(device.octets().as_slice())
        .bind(at.as_micros())
        .execute(connection)
        .await
        .map_err(fault("blocking the keys of a device"))?;
    Ok(())
}
