// SPDX-License-Identifier: Apache-2.0
//! Devices.

use tamga_registry::device::{BoundCredential, Departure, Device, DeviceState, RegistrationId, Tombstone};
use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::{Id, OrganizationId};
use tamga_registry::order::OperationId;
use tamga_registry::store::StoreFault;

use super::Connection;
use super::cells::Cells;
use super::fault::fault;

/// The columns of a device `d`, as [`read`] takes them.
macro_rules! device_columns {
    () => {
        "d.id, d.organization_id, d.registration_id, d.presented, d.state, d.revoked_at, d.revoked_reason,
         d.generation, d.bound_method, d.bound_kind, d.bound_to, d.operation, d.created_at, d.updated_at"
    };
}
pub(super) use device_columns;

/// How many columns that is.
pub(super) const WIDTH: usize = 14;

/// Reads a device.
pub(super) fn read(cells: &mut Cells<'_>) -> Result<Device, StoreFault> {
    cells.enter("device");
    let (id, organization) = (cells.id()?, cells.id()?);
    let canonical = cells.text()?;
    let registration_id: RegistrationId = cells.word()?;
    let (state, revoked_at, revoked_reason) = (cells.text()?, cells.maybe_time()?, cells.maybe_word()?);
    let state = match state.as_str() {
        "active" => DeviceState::Active,
        "disabled" => DeviceState::Disabled,
        "revoked" => DeviceState::Revoked {
            at: cells.owed(revoked_at, "revoked_at")?,
            reason: cells.owed(revoked_reason, "revoked_reason")?,
        },
        "deleted" => DeviceState::Gone(Departure::Deleted),
        "released" => DeviceState::Gone(Departure::Released),
        other => return Err(cells.damaged(format_args!("`{other}` is not the state of a device"))),
    };
    let device = Device {
        id,
        organization,
        registration_id,
        state,
        generation: cells.integer()?,
        bound: read_bound(cells)?,
        operation: OperationId::from_octets(cells.octets()?),
        created_at: cells.time()?,
        updated_at: cells.time()?,
    };
    if device.name() != canonical {
        return Err(cells.damaged("its registration id is not the one it was presented with"));
    }
    Ok(device)
}

/// The columns of a tombstone `t`, as [`read_tombstone`] takes them.
macro_rules! tombstone_columns {
    () => {
        "t.device_id, t.epitaph, t.buried_at"
    };
}
pub(super) use tombstone_columns;

/// Reads a tombstone, if there is one.
pub(super) fn read_tombstone(cells: &mut Cells<'_>) -> Result<Option<Tombstone>, StoreFault> {
    cells.enter("device_tombstone");
    if cells.nothing(3)? {
        return Ok(None);
    }
    Ok(Some(Tombstone {
        device: cells.id()?,
        epitaph: cells.word()?,
        buried_at: cells.time()?,
    }))
}

fn read_bound(cells: &mut Cells<'_>) -> Result<BoundCredential, StoreFault> {
    let (method, kind, to) = (cells.word()?, cells.text()?, cells.octets()?);
    let enrollment = match kind.as_str() {
        GROUP => EnrollmentRef::Group(Id::from_octets(to)),
        INDIVIDUAL => EnrollmentRef::Individual(Id::from_octets(to)),
        other => return Err(cells.damaged(format_args!("`{other}` binds no device"))),
    };
    Ok(BoundCredential { method, enrollment })
}

/// The word for what holds the reference value of a device.
pub(super) fn bound_kind(bound: &BoundCredential) -> &'static str {
    match bound.enrollment {
        EnrollmentRef::Group(_) => GROUP,
        EnrollmentRef::Individual(_) => INDIVIDUAL,
    }
}

/// A device by its registration id.
pub(super) async fn find(
    organization: OrganizationId,
    id: &RegistrationId,
    connection: &mut Connection,
) -> Result<Option<Device>, StoreFault> {
    let row = sqlx::query(concat!(
        "SELECT ",
        device_columns!(),
        " FROM device d WHERE d.organization_id = $1 AND d.registration_id = $2"
    ))
    .bind(organization.octets().as_slice())
    .bind(id.canonical())
    .fetch_optional(connection)
    .await
    .map_err(fault("device"))?;
    row.map(|row| read(&mut Cells::of(&row, "device"))).transpose()
}

const GROUP: &str = "group";
const INDIVIDUAL: &str = "individual";
