// SPDX-License-Identifier: Apache-2.0
//! Certificate rows, from the intent on.

use tamga_registry::certificate::{CertificateRecord, CertificateState};
use tamga_registry::id::{CertificateId, DeviceId};
use tamga_registry::profile::RevisionId;
use tamga_registry::store::StoreFault;
use tamga_x509::serial::Serial;

use super::Connection;
use super::cells::Cells;
use super::fault::fault;

/// The columns of a certificate `c`, as [`read`] takes them.
macro_rules! certificate_columns {
    () => {
        "c.id, c.organization_id, c.issuer_id, c.order_id, c.device_id, c.profile_id, c.profile_revision, c.epoch,
         c.serial, c.spki_hash, c.shard, c.not_before, c.not_after, c.state, c.tbs, c.der, c.issued_at, c.revoked_at,
         c.revoked_reason, c.intended_at"
    };
}
pub(super) use certificate_columns;

/// How many columns that is.
pub(super) const WIDTH: usize = 20;

/// Reads a certificate row.
pub(super) fn read(cells: &mut Cells<'_>) -> Result<CertificateRecord, StoreFault> {
    cells.enter("certificate");
    Ok(CertificateRecord {
        id: cells.id()?,
        organization: cells.id()?,
        issuer: cells.id()?,
        order: cells.maybe_id()?,
        device: cells.maybe_id()?,
        revision: RevisionId {
            profile: cells.id()?,
            revision: cells.integer()?,
        },
        epoch: cells.integer()?,
        serial: read_serial(cells)?,
        spki: cells.key()?,
        shard: cells.number()?,
        validity: cells.validity()?,
        state: read_state(cells)?,
        intended_at: cells.time()?,
    })
}

/// Reads a serial number.
pub(super) fn read_serial(cells: &mut Cells<'_>) -> Result<Serial, StoreFault> {
    let octets = cells.bytes()?;
    Serial::from_bytes(&octets).map_err(|error| cells.damaged(error))
}

fn read_state(cells: &mut Cells<'_>) -> Result<CertificateState, StoreFault> {
    let (state, tbs, der) = (cells.text()?, cells.maybe_bytes()?, cells.maybe_bytes()?);
    let (issued_at, revoked_at, revoked_reason) =
        (cells.maybe_time()?, cells.maybe_time()?, cells.maybe_word()?);
    match state.as_str() {
        "intended" => Ok(CertificateState::Intended {
            tbs: cells.owed(tbs, "tbs")?,
        }),
        "issued" => Ok(CertificateState::Issued {
            der: cells.owed(der, "der")?,
            at: cells.owed(issued_at, "issued_at")?,
        }),
        "superseded" => Ok(CertificateState::Superseded {
            der: cells.owed(der, "der")?,
            at: cells.owed(issued_at, "issued_at")?,
        }),
        "revoked" => Ok(CertificateState::Revoked {
            der,
            at: cells.owed(revoked_at, "revoked_at")?,
            reason: cells.owed(revoked_reason, "revoked_reason")?,
        }),
        other => Err(cells.damaged(format_args!("`{other}` is not the state of a certificate"))),
    }
}

/// A certificate row by its id.
pub(super) async fn find(
    id: CertificateId,
    connection: &mut Connection,
) -> Result<Option<CertificateRecord>, StoreFault> {
    let row = sqlx::query(concat!(
        "SELECT ",
        certificate_columns!(),
        " FROM certificate c WHERE c.id = $1"
    ))
    .bind(id.octets().as_slice())
    .fetch_optional(connection)
    .await
    .map_err(fault("certificate"))?;
    row.map(|row| read(&mut Cells::of(&row, "certificate")))
        .transpose()
}

pub(super) const OF_DEVICE: &str = concat!(
    "SELECT ",
    certificate_columns!(),
    " FROM issuance_order o JOIN certificate c ON c.id = o.certificate_id WHERE o.device_id = $1
          ORDER BY c.intended_at DESC, c.id DESC"
);

/// The certificates of a device, newest first. They are found through its orders: certificates have no index of
/// their own, so that issuing stays cheap.
pub(super) async fn of_device(
    device: DeviceId,
    connection: &mut Connection,
) -> Result<Vec<CertificateRecord>, StoreFault> {
    let rows = sqlx::query(OF_DEVICE)
        .bind(device.octets().as_slice())
        .fetch_all(connection)
        .await
        .map_err(fault("certificates of a device"))?;
    rows.iter()
        .map(|row| read(&mut Cells::of(row, "certificate")))
        .collect()
}
