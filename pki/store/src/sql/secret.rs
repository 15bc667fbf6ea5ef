// SPDX-License-Identifier: Apache-2.0
//! Wrapped data keys and sealed software keys.

use tamga_registry::id::{OrganizationId, SoftwareKeyId};
use tamga_registry::secret::{SealedSoftwareKey, SealingPurpose, WrappedDataKey};
use tamga_registry::store::StoreFault;

use super::Connection;
use super::cells::Cells;
use super::fault::fault;

/// The data keys of an organization and purpose, by version.
pub(super) async fn data_keys(
    purpose: SealingPurpose,
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<Vec<WrappedDataKey>, StoreFault> {
    let rows = sqlx::query(
        "SELECT purpose, organization_id, version, wrapped, created_at FROM data_key
         WHERE purpose = $1 AND organization_id = $2 ORDER BY version",
    )
    .bind(purpose.word())
    .bind(organization.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("data keys"))?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row, "data_key");
            Ok(WrappedDataKey {
                purpose: cells.word()?,
                organization: cells.id()?,
                version: cells.integer()?,
                wrapped: cells.bytes()?,
                created_at: cells.time()?,
            })
        })
        .collect()
}

/// Adds a data key. False when the version exists.
pub(super) async fn add_data_key(
    key: &WrappedDataKey,
    connection: &mut Connection,
) -> Result<bool, StoreFault> {
    let done = sqlx::query(
        "INSERT INTO data_key (purpose, organization_id, version, wrapped, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(key.purpose.word())
    .bind(key.organization.octets().as_slice())
    .bind(key.version)
    .bind(key.wrapped.as_slice())
    .bind(key.created_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("adding a data key"))?;
    Ok(done.rows_affected() == 1)
}

/// What proves that a cursor was given out by this installation.
pub(super) async fn cursor_key(connection: &mut Connection) -> Result<[u8; 32], StoreFault> {
    let row = sqlx::query("SELECT key FROM cursor_key")
        .fetch_one(connection)
        .await
        .map_err(fault("cursor key"))?;
    Cells::of(&row, "cursor_key").octets()
}

/// The columns of a software key `k`, as [`read_software_key`] takes them.
macro_rules! software_key_columns {
    () => {
        "k.id, k.organization_id, k.purpose, k.spki, k.sealed, k.data_key, k.created_at"
    };
}
pub(super) use software_key_columns;

/// Reads a software key.
pub(super) fn read_software_key(cells: &mut Cells<'_>) -> Result<SealedSoftwareKey, StoreFault> {
    cells.enter("software_key");
    Ok(SealedSoftwareKey {
        id: cells.id()?,
        organization: cells.id()?,
        purpose: cells.word()?,
        spki: cells.bytes()?,
        sealed: cells.bytes()?,
        data_key: cells.integer()?,
        created_at: cells.time()?,
    })
}

/// A software key.
pub(super) async fn software_key(
    id: SoftwareKeyId,
    connection: &mut Connection,
) -> Result<Option<SealedSoftwareKey>, StoreFault> {
    let row = sqlx::query(concat!(
        "SELECT ",
        software_key_columns!(),
        " FROM software_key k WHERE k.id = $1"
    ))
    .bind(id.octets().as_slice())
    .fetch_optional(connection)
    .await
    .map_err(fault("software key"))?;
    row.map(|row| read_software_key(&mut Cells::of(&row, "software_key")))
        .transpose()
}

/// Adds a software key.
pub(super) async fn add_software_key(
    key: &SealedSoftwareKey,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query(
        "INSERT INTO software_key (id, organization_id, purpose, spki, sealed, data_key, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(key.id.octets().as_slice())
    .bind(key.organization.octets().as_slice())
    .bind(key.purpose.word())
    .bind(key.spki.as_slice())
    .bind(key.sealed.as_slice())
    .bind(key.data_key)
    .bind(key.created_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("adding a software key"))?;
    Ok(())
}
