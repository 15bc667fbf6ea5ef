// SPDX-License-Identifier: Apache-2.0
//! The two acts of revocation, of a certificate and of a device, and what a compromise, however late, strikes besides.

use tamga_registry::id::{CertificateId, DeviceId};
use tamga_registry::store::{CertificateStrike, DeviceStrike, StoreFault, Struck};
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::fault::fault;
use super::revocation::{Cause, restate, revoke};
use super::{Connection, locks};

/// `certificate.revoke`. A compromise strikes the key, whatever has become of the certificate it is told of.
pub(super) async fn strike_certificate(
    strike: CertificateStrike,
    connection: &mut Connection,
) -> Result<Struck, StoreFault> {
    locks::device_of(strike.certificate, connection).await?;
    let Some(found) = find_certificate(strike, connection).await? else {
        return Ok(Struck::Nothing);
    };
    let cause = Cause {
        at: strike.at,
        reason: strike.reason,
        failure: "certificate_revoked",
    };
    let over = found.over(strike.at);
    let mut deed = Deed::default();
    if over.is_none() {
        deed.revoke(found.id, cause, connection).await?;
    }
    if strike.reason == RevocationReason::KeyCompromise {
        deed.changed |= block(found.key, strike.at, connection).await?;
        for one in of_key(found.key, strike.at, connection).await? {
            deed.strike(one, cause, connection).await?;
        }
    }
    Ok(deed.told(over))
}

/// `device.revoke`. Its open orders fail: a record that is under way finds its order closed.
pub(super) async fn strike_device(
    strike: DeviceStrike,
    connection: &mut Connection,
) -> Result<Struck, StoreFault> {
    locks::device(strike.device, connection).await?;
    let row = sqlx::query(
        "SELECT id, revoked_at FROM device
         WHERE id = $1 AND organization_id = $2 AND state NOT IN ('deleted', 'released')",
    )
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
    let over = revoked_at.map(Struck::Before);
    let compromised = strike.reason == RevocationReason::KeyCompromise;
    let mut deed = Deed::default();
    if over.is_none() {
        close_device(device, strike, connection).await?;
        deed.changed = true;
    }
    if compromised {
        deed.changed |= block_keys_of(device, strike.at, connection).await?;
    }
    if over.is_none() || compromised {
        let cause = Cause {
            at: strike.at,
            reason: strike.reason,
            failure: "device_revoked",
        };
        for one in of_device(device, strike.at, connection).await? {
            if !one.revoked || compromised {
                deed.strike(one, cause, connection).await?;
            }
        }
    }
    Ok(deed.told(over))
}

/// What an act has done so far.
#[derive(Default)]
struct Deed {
    struck: Vec<CertificateId>,
    changed: bool,
}

impl Deed {
    async fn revoke(
        &mut self,
        id: CertificateId,
        cause: Cause,
        connection: &mut Connection,
    ) -> Result<(), StoreFault> {
        revoke(id, cause, connection).await?;
        self.struck.push(id);
        Ok(())
    }

    /// Revokes it; or, where it is revoked for another reason, names the compromise as the reason.
    async fn strike(
        &mut self,
        one: Strikable,
        cause: Cause,
        connection: &mut Connection,
    ) -> Result<(), StoreFault> {
        if !one.revoked {
            return self.revoke(one.id, cause, connection).await;
        }
        restate(one.id, connection).await?;
        self.changed = true;
        Ok(())
    }

    /// What is answered, when the thing itself was `over` before.
    fn told(self, over: Option<Struck>) -> Struck {
        match over {
            Some(over) if self.struck.is_empty() && !self.changed => over,
            Some(Struck::Before(since)) => Struck::Late {
                since,
                certificates: self.struck,
            },
            _ => Struck::Now(self.struck),
        }
    }
}

/// A certificate to be struck.
struct Found {
    id: CertificateId,
    key: SpkiHash,
    not_after: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl Found {
    /// Why there is nothing left to revoke about the certificate itself.
    fn over(&self, now: Timestamp) -> Option<Struck> {
        match self.revoked_at {
            Some(at) => Some(Struck::Before(at)),
            None => (self.not_after < now).then_some(Struck::Expired),
        }
    }
}

async fn find_certificate(
    strike: CertificateStrike,
    connection: &mut Connection,
) -> Result<Option<Found>, StoreFault> {
    let row = sqlx::query(concat!(
        "SELECT c.id, c.spki_hash, c.not_after, c.revoked_at FROM certificate c
         WHERE c.id = $1 AND c.organization_id = $2",
        for_update!("c")
    ))
    .bind(strike.certificate.octets().as_slice())
    .bind(strike.organization.octets().as_slice())
    .fetch_optional(connection)
    .await
    .map_err(fault("finding a certificate"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "certificate");
        Ok(Found {
            id: cells.id()?,
            key: cells.key()?,
            not_after: cells.time()?,
            revoked_at: cells.maybe_time()?,
        })
    })
    .transpose()
}

/// A certificate or intent that is not revoked, or not yet for compromise.
pub(super) struct Strikable {
    pub(super) id: CertificateId,
    pub(super) revoked: bool,
}

fn read_strikable(row: &super::Row) -> Result<Strikable, StoreFault> {
    let mut cells = Cells::of(row, "certificate");
    Ok(Strikable {
        id: cells.id()?,
        revoked: cells.truth()?,
    })
}

/// From now on the key is refused for ever, everywhere. False when it was before.
async fn block(key: SpkiHash, at: Timestamp, connection: &mut Connection) -> Result<bool, StoreFault> {
    let done = sqlx::query(
        "INSERT INTO subject_key (spki_hash, role, blocked_at, created_at) VALUES ($1, 'stranger', $2, $2)
         ON CONFLICT (spki_hash) DO UPDATE SET blocked_at = excluded.blocked_at WHERE subject_key.blocked_at IS NULL",
    )
    .bind(key.0.as_slice())
    .bind(at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("blocking a key"))?;
    Ok(done.rows_affected() > 0)
}

/// The unexpired certificates of a key that are not revoked for compromise, $3. A key has one owner, whose orders name
/// it; or it is one of the house's own.
pub(super) const OF_KEY: &str = "SELECT c.id, CASE WHEN c.state = 'revoked' THEN 1 ELSE 0 END FROM subject_key k
     JOIN issuance_order o ON o.device_id = k.device_id AND o.spki_hash = k.spki_hash
     JOIN certificate c ON c.id = o.certificate_id
     WHERE k.spki_hash = $1 AND c.not_after >= $2 AND (c.state <> 'revoked' OR c.revoked_reason <> $3)
     UNION
     SELECT c.id, CASE WHEN c.state = 'revoked' THEN 1 ELSE 0 END FROM certificate c
     WHERE c.id IN (SELECT s.certificate_id FROM service_certificate s) AND c.spki_hash = $1 AND c.not_after >= $2
       AND (c.state <> 'revoked' OR c.revoked_reason <> $3)";

async fn of_key(
    key: SpkiHash,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<Vec<Strikable>, StoreFault> {
    let rows = sqlx::query(OF_KEY)
        .bind(key.0.as_slice())
        .bind(at.as_micros())
        .bind(RevocationReason::KeyCompromise.slug())
        .fetch_all(connection)
        .await
        .map_err(fault("finding the certificates of a key"))?;
    rows.iter().map(read_strikable).collect()
}

/// The certificates of a device $1 that are unexpired at $2 and not revoked for compromise, $3, and its intents.
pub(super) const OF_DEVICE: &str = "SELECT c.id, CASE WHEN c.state = 'revoked' THEN 1 ELSE 0 END
     FROM issuance_order o JOIN certificate c ON c.id = o.certificate_id
     WHERE o.device_id = $1 AND (c.state = 'intended' OR c.not_after >= $2)
       AND (c.state <> 'revoked' OR c.revoked_reason <> $3)
     ORDER BY c.intended_at, c.id";

pub(super) async fn of_device(
    device: DeviceId,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<Vec<Strikable>, StoreFault> {
    let rows = sqlx::query(OF_DEVICE)
        .bind(device.octets().as_slice())
        .bind(at.as_micros())
        .bind(RevocationReason::KeyCompromise.slug())
        .fetch_all(connection)
        .await
        .map_err(fault("finding the certificates of a device"))?;
    rows.iter().map(read_strikable).collect()
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
    // Whoever is revoked is let go nowhere.
    sqlx::query("DELETE FROM device_release WHERE device_id = $1")
        .bind(device.octets().as_slice())
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

/// The keys of a device's orders, those still on their way included, and its birth keys.
pub(super) const BLOCK_KEYS_OF: &str = "UPDATE subject_key SET blocked_at = $2
     WHERE spki_hash IN (SELECT o.spki_hash FROM issuance_order o WHERE o.device_id = $1
                         UNION SELECT b.spki_hash FROM subject_key b WHERE b.device_id = $1 AND b.role = 'birth')
       AND blocked_at IS NULL";

/// False when all of them were blocked before.
async fn block_keys_of(
    device: DeviceId,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let done = sqlx::query(BLOCK_KEYS_OF)
        .bind(device.octets().as_slice())
        .bind(at.as_micros())
        .execute(connection)
        .await
        .map_err(fault("blocking the keys of a device"))?;
    Ok(done.rows_affected() > 0)
}
