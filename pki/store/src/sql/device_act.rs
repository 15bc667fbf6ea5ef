// SPDX-License-Identifier: Apache-2.0
//! What operators do with a device that stays: keep it out and let it in, restore it, bind it to another credential.

use tamga_registry::device::DeviceStanding;
use tamga_registry::enrollment::EnrollmentState;
use tamga_registry::id::CertificateId;
use tamga_registry::store::{DeviceAt, Moved, Rekey, Rekeyed, StoreFault};
use tamga_x509::crl::RevocationReason;

use super::cells::Cells;
use super::fault::fault;
use super::revocation::{Cause, revoke};
use super::{Connection, device, locks};

/// The state of a device of an organization. From now on nothing happens to it until the transaction ends.
pub(super) async fn standing(
    which: DeviceAt,
    connection: &mut Connection,
) -> Result<Option<DeviceStanding>, StoreFault> {
    locks::device(which.device, connection).await?;
    let row = sqlx::query("SELECT d.id, d.state FROM device d WHERE d.id = $1 AND d.organization_id = $2")
        .bind(which.device.octets().as_slice())
        .bind(which.organization.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("finding a device"))?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "device");
        cells.octets::<16>()?;
        cells.word()
    })
    .transpose()
}

/// Keeps a device out, or lets it in again.
pub(super) async fn switch(
    which: DeviceAt,
    to: EnrollmentState,
    connection: &mut Connection,
) -> Result<Moved, StoreFault> {
    let to = match to {
        EnrollmentState::Enabled => DeviceStanding::Active,
        EnrollmentState::Disabled => DeviceStanding::Disabled,
    };
    match standing(which, connection).await? {
        None | Some(DeviceStanding::Deleted | DeviceStanding::Released) => Ok(Moved::Nothing),
        Some(DeviceStanding::Revoked) => Ok(Moved::Revoked),
        Some(now) if now == to => Ok(Moved::Already),
        Some(DeviceStanding::Active | DeviceStanding::Disabled) => {
            set_state(which, to, connection).await?;
            Ok(Moved::Now)
        }
    }
}

/// Lets a revoked device enroll again.
pub(super) async fn restore(which: DeviceAt, connection: &mut Connection) -> Result<Moved, StoreFault> {
    match standing(which, connection).await? {
        None | Some(DeviceStanding::Deleted | DeviceStanding::Released) => Ok(Moved::Nothing),
        Some(DeviceStanding::Active | DeviceStanding::Disabled) => Ok(Moved::Already),
        Some(DeviceStanding::Revoked) => {
            set_state(which, DeviceStanding::Active, connection).await?;
            raise(which, connection).await?;
            Ok(Moved::Now)
        }
    }
}

async fn set_state(
    which: DeviceAt,
    to: DeviceStanding,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query(
        "UPDATE device SET state = $2, revoked_at = NULL, revoked_reason = NULL, generation = generation + 1,
                           updated_at = $3
         WHERE id = $1",
    )
    .bind(which.device.octets().as_slice())
    .bind(to.word())
    .bind(which.at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("setting the state of a device"))?;
    Ok(())
}

/// The next order of the device raises the epoch, under every profile.
async fn raise(which: DeviceAt, connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query("UPDATE lineage SET version = version + 1, rise_pending = 1 WHERE device_id = $1")
        .bind(which.device.octets().as_slice())
        .execute(connection)
        .await
        .map_err(fault("raising the epoch of a device"))?;
    Ok(())
}

/// $1 an organization, $2 an enrollment of it, $3 a device: whether there is such an enrollment, and whether another one
/// names the device in advance.
const BINDABLE: &str = "SELECT
     CASE WHEN EXISTS (SELECT 1 FROM enrollment_group WHERE id = $2 AND organization_id = $1)
            OR EXISTS (SELECT 1 FROM individual_enrollment WHERE id = $2 AND organization_id = $1) THEN 1 ELSE 0 END,
     CASE WHEN EXISTS (SELECT 1 FROM device d
                       JOIN individual_enrollment e
                         ON e.organization_id = d.organization_id AND e.registration_id = d.registration_id
                       WHERE d.id = $3 AND e.id <> $2) THEN 1 ELSE 0 END";

/// Binds a device to another credential. What it asked for by the old one, and has not got, it does not get.
pub(super) async fn rekey(rekey: Rekey, connection: &mut Connection) -> Result<Rekeyed, StoreFault> {
    let which = rekey.which;
    // Nobody is judged meanwhile, and no enrollment comes or goes.
    locks::policy(which.organization, connection).await?;
    let enabled = match standing(which, connection).await? {
        None | Some(DeviceStanding::Deleted | DeviceStanding::Released) => return Ok(Rekeyed::Nothing),
        Some(DeviceStanding::Disabled) => false,
        Some(DeviceStanding::Active | DeviceStanding::Revoked) => true,
    };
    let row = sqlx::query(BINDABLE)
        .bind(which.organization.octets().as_slice())
        .bind(rekey.to.enrollment.octets().as_slice())
        .bind(which.device.octets().as_slice())
        .fetch_one(&mut *connection)
        .await
        .map_err(fault("binding a device"))?;
    let mut cells = Cells::of(&row, "device");
    match (cells.truth()?, cells.truth()?) {
        (false, _) => return Ok(Rekeyed::NoEnrollment),
        (true, true) if enabled => return Ok(Rekeyed::NamedInAdvance),
        (true, _) => {}
    }
    sqlx::query(
        "UPDATE device SET bound_method = $2, bound_kind = $3, bound_to = $4, generation = generation + 1,
                           updated_at = $5
         WHERE id = $1",
    )
    .bind(which.device.octets().as_slice())
    .bind(rekey.to.method.word())
    .bind(device::bound_kind(&rekey.to))
    .bind(rekey.to.enrollment.octets().as_slice())
    .bind(which.at.as_micros())
    .execute(&mut *connection)
    .await
    .map_err(fault("binding a device"))?;
    let cause = Cause {
        at: which.at,
        reason: RevocationReason::Superseded,
        failure: "device_rekeyed",
    };
    for intent in under_way(which, connection).await? {
        revoke(intent, cause, connection).await?;
    }
    raise(which, connection).await?;
    Ok(Rekeyed::Bound)
}

/// The intents of the open orders of a device.
async fn under_way(which: DeviceAt, connection: &mut Connection) -> Result<Vec<CertificateId>, StoreFault> {
    let rows = sqlx::query(
        "SELECT c.id FROM issuance_order o JOIN certificate c ON c.id = o.certificate_id
         WHERE o.device_id = $1 AND o.state = 'open' AND c.state = 'intended'",
    )
    .bind(which.device.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("finding the open orders of a device"))?;
    rows.iter()
        .map(|row| Cells::of(row, "certificate").id())
        .collect()
}
