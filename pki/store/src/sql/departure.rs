// SPDX-License-Identifier: Apache-2.0
//! Devices that go: deleted, or let go to another organization and claimed there. Their rows stay as tombstones.

use tamga_registry::device::{Departure, DeviceStanding, Epitaph, RegistrationId, name_on_tombstone};
use tamga_registry::id::{DeviceId, OrganizationId};
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::store::{Claimed, DeviceAt, DeviceClaim, Moved, StoreFault, Struck};
use tamga_x509::crl::RevocationReason;

use super::Connection;
use super::cells::Cells;
use super::device_act::standing;
use super::fault::fault;
use super::revocation::{Cause, revoke};
use super::strike;

/// Buries a device on its operator's word.
pub(super) async fn delete(which: DeviceAt, connection: &mut Connection) -> Result<Struck, StoreFault> {
    let cause = Cause {
        at: which.at,
        reason: RevocationReason::CessationOfOperation,
        failure: "device_deleted",
    };
    match standing(which, connection).await? {
        None | Some(DeviceStanding::Deleted | DeviceStanding::Released) => Ok(Struck::Nothing),
        Some(DeviceStanding::Revoked) => {
            bury(which, (Departure::Deleted, Epitaph::Revoked), cause, connection).await
        }
        Some(DeviceStanding::Active | DeviceStanding::Disabled) => {
            bury(which, (Departure::Deleted, Epitaph::Free), cause, connection).await
        }
    }
}

/// All that goes with a device: its certificates, its open orders, its birth keys, its name. What is revoked stays so.
async fn bury(
    which: DeviceAt,
    (departure, epitaph): (Departure, Epitaph),
    cause: Cause,
    connection: &mut Connection,
) -> Result<Struck, StoreFault> {
    let device = which.device.octets().as_slice();
    let mut struck = Vec::new();
    for one in strike::of_device(which.device, which.at, connection).await? {
        if !one.revoked {
            revoke(one.id, cause, connection).await?;
            struck.push(one.id);
        }
    }
    let row = sqlx::query("SELECT d.id, d.presented FROM device d WHERE d.id = $1")
        .bind(device)
        .fetch_one(&mut *connection)
        .await
        .map_err(fault("burying a device"))?;
    let mut cells = Cells::of(&row, "device");
    cells.octets::<16>()?;
    let name: RegistrationId = cells.word()?;
    sqlx::query(
        "UPDATE device SET state = $2, registration_id = $3, generation = generation + 1, updated_at = $4 WHERE id = $1",
    )
    .bind(device)
    .bind(departure.word())
    .bind(name_on_tombstone(&name, which.device))
    .bind(which.at.as_micros())
    .execute(&mut *connection)
    .await
    .map_err(fault("burying a device"))?;
    for statement in [
        "DELETE FROM device_release WHERE device_id = $1",
        "UPDATE lineage SET version = version + 1 WHERE device_id = $1",
    ] {
        sqlx::query(statement)
            .bind(device)
            .execute(&mut *connection)
            .await
            .map_err(fault("burying a device"))?;
    }
    match epitaph {
        Epitaph::Free | Epitaph::Released => free_birth_keys(which.device, connection).await?,
        // Else it would come back by its birth certificate under another name.
        Epitaph::Revoked => {}
    }
    sqlx::query(
        "INSERT INTO device_tombstone (organization_id, registration_id, device_id, epitaph, buried_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id, registration_id) DO UPDATE
         SET device_id = excluded.device_id, epitaph = excluded.epitaph, buried_at = excluded.buried_at",
    )
    .bind(which.organization.octets().as_slice())
    .bind(name.canonical())
    .bind(device)
    .bind(epitaph.word())
    .bind(which.at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("burying a device"))?;
    Ok(Struck::Now(struck))
}

/// The birth keys of device $1 are nobody's again, but for those that were certified: these stay its own.
pub(super) const FREE_BIRTH_KEYS: &str = "UPDATE subject_key SET organization_id = NULL, device_id = NULL
     WHERE device_id = $1 AND role = 'birth'
       AND NOT EXISTS (SELECT 1 FROM issuance_order o WHERE o.device_id = $1 AND o.spki_hash = subject_key.spki_hash)";

async fn free_birth_keys(device: DeviceId, connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query(FREE_BIRTH_KEYS)
        .bind(device.octets().as_slice())
        .execute(connection)
        .await
        .map_err(fault("giving birth keys free"))?;
    Ok(())
}

/// Of a device `n` that is there, the devices `f` that had its name before: each of them is called so on its tombstone.
macro_rules! forerunners {
    () => {
        "f.organization_id = n.organization_id
         AND f.registration_id > (n.registration_id || '~') AND f.registration_id < (n.registration_id || '~~')"
    };
}
pub(super) use forerunners;

/// Whoever comes under a name that a grave keeps may have it, and what it was born with.
pub(super) async fn restore_name(
    organization: OrganizationId,
    name: &RegistrationId,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let row = sqlx::query(
        "UPDATE device_tombstone SET epitaph = 'free'
         WHERE organization_id = $1 AND registration_id = $2 AND epitaph <> 'free'
         RETURNING device_id",
    )
    .bind(organization.octets().as_slice())
    .bind(name.canonical())
    .fetch_optional(&mut *connection)
    .await
    .map_err(fault("giving a name free"))?;
    let Some(row) = row else { return Ok(false) };
    let device = Cells::of(&row, "device_tombstone").id()?;
    free_birth_keys(device, connection).await?;
    Ok(true)
}

/// Lets a device go to whoever has this slug, if anybody has.
pub(super) async fn release(
    which: DeviceAt,
    to: &OrganizationSlug,
    connection: &mut Connection,
) -> Result<Moved, StoreFault> {
    match standing(which, connection).await? {
        None | Some(DeviceStanding::Deleted | DeviceStanding::Released) => return Ok(Moved::Nothing),
        Some(DeviceStanding::Revoked) => return Ok(Moved::Revoked),
        Some(DeviceStanding::Active | DeviceStanding::Disabled) => {}
    }
    let done = sqlx::query(
        "INSERT INTO device_release (device_id, organization_id, to_slug, released_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (device_id) DO UPDATE SET to_slug = excluded.to_slug, released_at = excluded.released_at
         WHERE device_release.to_slug <> excluded.to_slug",
    )
    .bind(which.device.octets().as_slice())
    .bind(which.organization.octets().as_slice())
    .bind(to.as_str())
    .bind(which.at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("letting a device go"))?;
    Ok(match done.rows_affected() {
        0 => Moved::Already,
        _ => Moved::Now,
    })
}

/// Lets it go no longer.
pub(super) async fn withdraw(which: DeviceAt, connection: &mut Connection) -> Result<bool, StoreFault> {
    let done = sqlx::query("DELETE FROM device_release WHERE device_id = $1 AND organization_id = $2")
        .bind(which.device.octets().as_slice())
        .bind(which.organization.octets().as_slice())
        .execute(connection)
        .await
        .map_err(fault("letting a device go"))?;
    Ok(done.rows_affected() == 1)
}

/// To whom a device is let go.
pub(super) async fn released_to(
    device: DeviceId,
    connection: &mut Connection,
) -> Result<Option<OrganizationSlug>, StoreFault> {
    let row = sqlx::query("SELECT r.device_id, r.to_slug FROM device_release r WHERE r.device_id = $1")
        .bind(device.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("a release"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "device_release");
        cells.octets::<16>()?;
        cells.word()
    })
    .transpose()
}

/// The device $2 that organization $1 lets go to organization $3, all by what they call themselves.
pub(super) const RELEASED: &str = "SELECT d.id, d.organization_id FROM organization f
     JOIN device d ON d.organization_id = f.id AND d.registration_id = $2
     JOIN device_release r ON r.device_id = d.id
     WHERE f.slug = $1 AND r.to_slug = $3";

/// $1 an organization, $2 a name: whether a device of it has this name.
const NAME_TAKEN: &str = "SELECT
     CASE WHEN EXISTS (SELECT 1 FROM device WHERE organization_id = $1 AND registration_id = $2) THEN 1 ELSE 0 END";

/// Takes a device that another organization lets go.
pub(super) async fn claim(claim: &DeviceClaim, connection: &mut Connection) -> Result<Claimed, StoreFault> {
    let Some(which) = released(claim, connection).await? else {
        return Ok(Claimed::Nothing);
    };
    // Between the look and the lock it may have been revoked, deleted, claimed, or let go no longer.
    match standing(which, connection).await? {
        Some(DeviceStanding::Active | DeviceStanding::Disabled) => {}
        None | Some(DeviceStanding::Revoked | DeviceStanding::Deleted | DeviceStanding::Released) => {
            return Ok(Claimed::Nothing);
        }
    }
    if released(claim, connection).await?.is_none() {
        return Ok(Claimed::Nothing);
    }
    let (to, _) = &claim.to;
    let taken = sqlx::query(NAME_TAKEN)
        .bind(to.octets().as_slice())
        .bind(claim.registration_id.canonical())
        .fetch_one(&mut *connection)
        .await
        .map_err(fault("claiming a device"))?;
    if Cells::of(&taken, "device").truth()? {
        return Ok(Claimed::NameTaken);
    }
    // RFC 5280 §5.3.1: the subject goes on, under another organization than the one its certificates name.
    let cause = Cause {
        at: claim.at,
        reason: RevocationReason::AffiliationChanged,
        failure: "device_released",
    };
    let struck = bury(which, (Departure::Released, Epitaph::Released), cause, connection).await?;
    // A device that comes home finds its name again; not so one that was revoked here.
    sqlx::query(
        "UPDATE device_tombstone SET epitaph = 'free'
         WHERE organization_id = $1 AND registration_id = $2 AND epitaph = 'released'",
    )
    .bind(to.octets().as_slice())
    .bind(claim.registration_id.canonical())
    .execute(connection)
    .await
    .map_err(fault("claiming a device"))?;
    Ok(Claimed::Now {
        organization: which.organization,
        device: which.device,
        struck,
    })
}

async fn released(claim: &DeviceClaim, connection: &mut Connection) -> Result<Option<DeviceAt>, StoreFault> {
    let (_, to) = &claim.to;
    let row = sqlx::query(RELEASED)
        .bind(claim.from.as_str())
        .bind(claim.registration_id.canonical())
        .bind(to.as_str())
        .fetch_optional(connection)
        .await
        .map_err(fault("claiming a device"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "device");
        Ok(DeviceAt {
            device: cells.id()?,
            organization: cells.id()?,
            at: claim.at,
        })
    })
    .transpose()
}
