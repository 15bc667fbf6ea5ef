// SPDX-License-Identifier: Apache-2.0
//! What a change excludes while it is open.
//!
//! Policy is guarded by advisory locks, not by locks on rows: absent rows can be relied on as well (no enrollment has
//! appeared), and whoever wants to change it waits in line, where a lock on a row could be shared past it for ever.
//! Scripts take the same lock, shared, and before it one that stands for all organizations. An act that changes an issuer belongs here too, once there is one.

use tamga_registry::id::{CertificateId, DeviceId, OrganizationId};
use tamga_registry::store::StoreFault;

use super::Connection;
use super::fault::fault;

/// From now on nothing is judged by the policy of this organization until the transaction ends.
pub(super) async fn policy(
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))")
        .bind(organization.octets().as_slice())
        .execute(connection)
        .await
        .map_err(fault("waiting to change policy"))?;
    Ok(())
}

/// From now on nothing is judged by the policy of any organization until the transaction ends: one lock, however many
/// organizations are concerned. A lock for each could stand across those of rows, which take them by and by; and the
/// server has room for some thousand.
pub(super) async fn policies(connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('policies', 0))")
        .execute(connection)
        .await
        .map_err(fault("waiting to change the policy of many"))?;
    Ok(())
}

/// From now on nothing happens to this device, its orders and its line until the transaction ends.
pub(super) async fn device(device: DeviceId, connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query("SELECT 1 FROM device WHERE id = $1 FOR NO KEY UPDATE")
        .bind(device.octets().as_slice())
        .execute(connection)
        .await
        .map_err(fault("waiting for a device"))?;
    Ok(())
}

/// The same for the device this certificate is of, if it is of one.
pub(super) async fn device_of(
    certificate: CertificateId,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query(
        "SELECT 1 FROM device WHERE id = (SELECT c.device_id FROM certificate c WHERE c.id = $1) FOR NO KEY UPDATE",
    )
    .bind(certificate.octets().as_slice())
    .execute(connection)
    .await
    .map_err(fault("waiting for a device"))?;
    Ok(())
}

/// The same for the devices of all these, one after the other by their ids, as batches of intents do.
pub(super) async fn devices_of(
    certificates: &[CertificateId],
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    let ids: Vec<Vec<u8>> = certificates.iter().map(|id| id.octets().to_vec()).collect();
    sqlx::query(
        "SELECT 1 FROM device WHERE id = ANY (ARRAY(SELECT c.device_id FROM certificate c WHERE c.id = ANY ($1)))
         ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(ids)
    .execute(connection)
    .await
    .map_err(fault("waiting for devices"))?;
    Ok(())
}

/// From now on nobody else changes the tree of organizations until the transaction ends.
pub(super) async fn tree(connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('organizations', 0))")
        .execute(connection)
        .await
        .map_err(fault("waiting to change the tree of organizations"))?;
    Ok(())
}

/// From now on nobody else changes who may do what until the transaction ends.
pub(super) async fn access(connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('access', 0))")
        .execute(connection)
        .await
        .map_err(fault("waiting to change access"))?;
    Ok(())
}

/// From now on nobody else replaces the service's own certificate until the transaction ends.
pub(super) async fn service(connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('service certificate', 0))")
        .execute(connection)
        .await
        .map_err(fault("waiting for the service's certificate"))?;
    Ok(())
}
