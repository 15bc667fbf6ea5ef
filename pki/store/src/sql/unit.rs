// SPDX-License-Identifier: Apache-2.0
//! Units on a line: which one has a name or a key, and which one may have another key.

use tamga_registry::device::{DeviceStanding, RegistrationId};
use tamga_registry::id::{CertificateId, DeviceId, OrganizationId};
use tamga_registry::station::{EarlierUnit, JudgedStation};
use tamga_registry::store::{DeviceAt, Rework, ReworkOpened, StoreFault};
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::SpkiHash;

use super::cells::Cells;
use super::departure::forerunners;
use super::device_act::standing;
use super::fault::fault;
use super::revocation::{Cause, revoke};
use super::{Connection, Row, locks, strike};

/// Whether the rework of a unit is open, and its so manieth.
pub(super) const REWORK: &str = "SELECT is_open, reworks FROM rework WHERE device_id = $1";

/// Whether a unit may have one more certificate under a new key, and how often it might so far.
pub(super) async fn rework(
    device: DeviceId,
    connection: &mut Connection,
) -> Result<Option<(bool, i64)>, StoreFault> {
    let row = sqlx::query(REWORK)
        .bind(device.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("rework of a unit"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "rework");
        Ok((cells.truth()?, cells.integer()?))
    })
    .transpose()
}

/// How often the forerunners of device $1 were reworked. Each took the count of those before it along.
pub(super) const REWORKS_BEFORE: &str = concat!(
    "SELECT COALESCE(MAX(r.reworks), 0) FROM device n
     JOIN device f ON ",
    forerunners!(),
    " JOIN rework r ON r.device_id = f.id
     WHERE n.id = $1"
);

/// The limit outlives the device.
async fn reworks_before(device: DeviceId, connection: &mut Connection) -> Result<i64, StoreFault> {
    let row = sqlx::query(REWORKS_BEFORE)
        .bind(device.octets().as_slice())
        .fetch_one(connection)
        .await
        .map_err(fault("the reworks of a name"))?;
    Cells::of(&row, "rework").integer()
}

/// $1 a device of organization $2, $3 the group it was judged by, $4 a station of the group and $5 its generation.
const AS_JUDGED: &str = "SELECT CASE
     WHEN EXISTS (SELECT 1 FROM device WHERE id = $1 AND organization_id = $2 AND bound_kind = 'group' AND bound_to = $3)
      AND EXISTS (SELECT 1 FROM station
                  WHERE id = $4 AND organization_id = $2 AND group_id = $3 AND generation = $5 AND state = 'enabled')
     THEN 1 ELSE 0 END";

async fn is_as_judged(
    which: DeviceAt,
    station: JudgedStation,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let row = sqlx::query(AS_JUDGED)
        .bind(which.device.octets().as_slice())
        .bind(which.organization.octets().as_slice())
        .bind(station.group.octets().as_slice())
        .bind(station.id.octets().as_slice())
        .bind(station.generation)
        .fetch_one(connection)
        .await
        .map_err(fault("a unit of a station"))?;
    Cells::of(&row, "station").truth()
}

/// Whether a unit is one of a station, as both were judged. From now on neither changes until the transaction ends.
pub(super) async fn is_at(
    which: DeviceAt,
    station: JudgedStation,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    // Stations change under this lock alone; whoever binds a device elsewhere takes it first, too.
    locks::policy(which.organization, connection).await?;
    locks::device(which.device, connection).await?;
    is_as_judged(which, station, connection).await
}

/// Opens the rework of a unit, and strikes what it has and what is under way where that is asked for. Nothing else happens
/// to its device meanwhile.
pub(super) async fn open_rework(
    rework_of: Rework,
    connection: &mut Connection,
) -> Result<ReworkOpened, StoreFault> {
    locks::policy(rework_of.which.organization, connection).await?;
    match standing(rework_of.which, connection).await? {
        Some(DeviceStanding::Active) => {}
        Some(DeviceStanding::Disabled) => return Ok(ReworkOpened::Disabled),
        Some(DeviceStanding::Revoked) => return Ok(ReworkOpened::Revoked),
        None | Some(DeviceStanding::Deleted | DeviceStanding::Released) => return Ok(ReworkOpened::Nothing),
    }
    if !is_as_judged(rework_of.which, rework_of.station, connection).await? {
        return Ok(ReworkOpened::Stale);
    }
    let device = rework_of.which.device;
    let so_far = match rework(device, connection).await? {
        Some((true, count)) => {
            // It may have been opened where nothing is revoked, or the unit had more at its own door since.
            return Ok(ReworkOpened::Before(count, strikes(rework_of, connection).await?));
        }
        Some((false, count)) => count,
        None => reworks_before(device, connection).await?,
    };
    if so_far >= rework_of.most {
        return Ok(ReworkOpened::Limit);
    }
    let count = so_far.saturating_add(1);
    keep_open((rework_of, count), connection).await?;
    Ok(ReworkOpened::Now(count, strikes(rework_of, connection).await?))
}

async fn strikes(rework_of: Rework, connection: &mut Connection) -> Result<Vec<CertificateId>, StoreFault> {
    match rework_of.revokes {
        true => strike_all_of(rework_of.which, connection).await,
        false => Ok(Vec::new()),
    }
}

async fn keep_open((rework_of, count): (Rework, i64), connection: &mut Connection) -> Result<(), StoreFault> {
    let which = rework_of.which;
    sqlx::query(
        "INSERT INTO rework (device_id, organization_id, reworks, is_open, station_id, opened_at)
         VALUES ($1, $2, $3, 1, $4, $5)
         ON CONFLICT (device_id) DO UPDATE
         SET reworks = excluded.reworks, is_open = 1, station_id = excluded.station_id, opened_at = excluded.opened_at",
    )
    .bind(which.device.octets().as_slice())
    .bind(which.organization.octets().as_slice())
    .bind(count)
    .bind(rework_of.station.id.octets().as_slice())
    .bind(which.at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("opening a rework"))?;
    Ok(())
}

/// Everything of a unit that is good, in its line or replaced there, or about to be signed.
async fn strike_all_of(
    which: DeviceAt,
    connection: &mut Connection,
) -> Result<Vec<CertificateId>, StoreFault> {
    let cause = Cause {
        at: which.at,
        reason: RevocationReason::Superseded,
        failure: "unit_reworked",
    };
    let mut struck = Vec::new();
    for one in strike::of_device(which.device, which.at, connection).await? {
        if !one.revoked {
            revoke(one.id, cause, connection).await?;
            struck.push(one.id);
        }
    }
    Ok(struck)
}

/// The unit of organization $2 with key $1, and when the key was first ordered for it.
pub(super) const UNIT_OF_KEY: &str =
    "SELECT d.id, d.presented, COALESCE(o.created_at, k.created_at), s.presented
     FROM subject_key k JOIN device d ON d.id = k.device_id
     LEFT JOIN issuance_order o ON o.device_id = d.id AND o.spki_hash = k.spki_hash
     LEFT JOIN station s ON s.id = o.station_id
     WHERE k.spki_hash = $1 AND d.organization_id = $2
     ORDER BY o.created_at LIMIT 1";

/// The unit of organization $1 with registration id $2, and when it last ordered.
pub(super) const UNIT_OF_NAME: &str =
    "SELECT d.id, d.presented, COALESCE(o.created_at, d.created_at), s.presented
     FROM device d
     LEFT JOIN issuance_order o ON o.device_id = d.id
     LEFT JOIN station s ON s.id = o.station_id
     WHERE d.organization_id = $1 AND d.registration_id = $2
     ORDER BY o.created_at DESC LIMIT 1";

fn read_unit(row: &Row) -> Result<EarlierUnit, StoreFault> {
    let mut cells = Cells::of(row, "device");
    Ok(EarlierUnit {
        device: cells.id()?,
        registration_id: cells.text()?,
        at: cells.time()?,
        station: cells.maybe_text()?,
    })
}

/// The unit that has a key.
pub(super) async fn unit_of_key(
    organization: OrganizationId,
    key: &SpkiHash,
    connection: &mut Connection,
) -> Result<Option<EarlierUnit>, StoreFault> {
    let row = sqlx::query(UNIT_OF_KEY)
        .bind(key.0.as_slice())
        .bind(organization.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("the unit of a key"))?;
    row.as_ref().map(read_unit).transpose()
}

/// The unit that has a registration id.
pub(super) async fn unit_of_name(
    organization: OrganizationId,
    id: &RegistrationId,
    connection: &mut Connection,
) -> Result<Option<EarlierUnit>, StoreFault> {
    let row = sqlx::query(UNIT_OF_NAME)
        .bind(organization.octets().as_slice())
        .bind(id.canonical())
        .fetch_optional(connection)
        .await
        .map_err(fault("the unit of a name"))?;
    row.as_ref().map(read_unit).transpose()
}
