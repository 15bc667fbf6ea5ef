// SPDX-License-Identifier: Apache-2.0
//! What a change excludes while it is open. Whoever writes has the database alone: nothing is left to exclude.

use tamga_registry::id::{CertificateId, DeviceId, OrganizationId};
use tamga_registry::store::StoreFault;

use super::Connection;

/// From now on nothing is judged by the policy of this organization until the transaction ends.
pub(super) async fn policy(
    _organization: OrganizationId,
    _connection: &mut Connection,
) -> Result<(), StoreFault> {
    Ok(())
}

/// From now on nothing is judged by the policy of any organization until the transaction ends.
pub(super) async fn policies(_connection: &mut Connection) -> Result<(), StoreFault> {
    Ok(())
}

/// From now on nothing happens to this device, its orders and its line until the transaction ends.
pub(super) async fn device(_device: DeviceId, _connection: &mut Connection) -> Result<(), StoreFault> {
    Ok(())
}

/// The same for the device this certificate is of, if it is of one.
pub(super) async fn device_of(
    _certificate: CertificateId,
    _connection: &mut Connection,
) -> Result<(), StoreFault> {
    Ok(())
}

/// The same for the devices of all these.
pub(super) async fn devices_of(
    _certificates: &[CertificateId],
    _connection: &mut Connection,
) -> Result<(), StoreFault> {
    Ok(())
}

/// From now on nobody else changes the tree of organizations until the transaction ends.
pub(super) async fn tree(_connection: &mut Connection) -> Result<(), StoreFault> {
    Ok(())
}

/// From now on nobody else changes who may do what until the transaction ends.
pub(super) async fn access(_connection: &mut Connection) -> Result<(), StoreFault> {
    Ok(())
}

/// From now on nobody else replaces the service's own certificate until the transaction ends.
pub(super) async fn service(_connection: &mut Connection) -> Result<(), StoreFault> {
    Ok(())
}
