// SPDX-License-Identifier: Apache-2.0
//! What a device's operation id stands for.

use tamga_registry::device::{Device, RegistrationId};
use tamga_registry::id::OrganizationId;
use tamga_registry::order::OperationId;
use tamga_registry::store::{OperationAnswer, StoreFault};

use super::Connection;
use super::cells::Cells;
use super::certificate::{self, certificate_columns};
use super::device::{self, device_columns};
use super::fault::fault;
use super::order::{self, order_columns};

/// The device of $1 and $2, and its order of operation $3, if it has one.
pub(super) const OPERATION: &str = concat!(
    "SELECT ",
    device_columns!(),
    ", ",
    order_columns!(),
    ", ",
    certificate_columns!(),
    "
     FROM device d
     LEFT JOIN issuance_order o ON o.device_id = d.id AND o.operation = $3
     LEFT JOIN certificate c ON c.id = o.certificate_id
     WHERE d.organization_id = $1 AND d.registration_id = $2"
);

/// Finds an operation of this registration id, and of no other.
pub(super) async fn find(
    organization: OrganizationId,
    id: &RegistrationId,
    operation: OperationId,
    connection: &mut Connection,
) -> Result<Option<OperationAnswer>, StoreFault> {
    let row = sqlx::query(OPERATION)
        .bind(organization.octets().as_slice())
        .bind(id.canonical())
        .bind(operation.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("operation"))?;
    let Some(row) = row else { return Ok(None) };
    let mut cells = Cells::of(&row, "device");
    let device: Device = device::read(&mut cells)?;
    if cells.nothing(0)? {
        let own = device.operation == operation;
        return Ok(own.then_some(OperationAnswer::Registration(device)));
    }
    let order = order::read(&mut cells)?;
    let certificate = certificate::read(&mut cells)?;
    Ok(Some(OperationAnswer::Order(Box::new((
        device,
        order,
        certificate,
    )))))
}
