// SPDX-License-Identifier: Apache-2.0
//! Issuers, and who may use them.

use tamga_registry::device::RegistrationId;
use tamga_registry::id::{IssuerId, OrganizationId};
use tamga_registry::issuer::{Issuer, UsableIssuer};
use tamga_registry::page::Page;
use tamga_registry::store::StoreFault;
use tamga_x509::certificate::{Certificate, IssuerCertificate};
use tamga_x509::serial::ShardCount;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::fault::fault;
use super::listing::{self, Pages, pages};
use super::{Connection, Row};

macro_rules! issuer_columns {
    () => {
        "i.id, i.organization_id, i.name, i.role, i.anchor, i.parent_id, i.certificate, i.key_uri, i.state,
         i.generation, i.status_url, i.crl_shards"
    };
}

macro_rules! issuers {
    ($tail:literal) => {
        concat!("SELECT ", issuer_columns!(), " FROM issuer i ", $tail)
    };
}

fn read(row: &Row) -> Result<Issuer, StoreFault> {
    read_cells(&mut Cells::of(row, "issuer"))
}

fn read_cells(cells: &mut Cells<'_>) -> Result<Issuer, StoreFault> {
    Ok(Issuer {
        id: cells.id()?,
        organization: cells.id()?,
        name: cells.text()?,
        role: cells.word()?,
        anchor: cells.word()?,
        parent: cells.maybe_id()?,
        certificate: read_certificate(cells)?,
        key: cells.word()?,
        state: cells.word()?,
        generation: cells.integer()?,
        status_url: cells.word()?,
        shards: read_shards(cells)?,
    })
}

fn read_certificate(cells: &mut Cells<'_>) -> Result<IssuerCertificate, StoreFault> {
    let der = cells.bytes()?;
    IssuerCertificate::parse(&der).map_err(|error| cells.damaged(error))
}

fn read_shards(cells: &mut Cells<'_>) -> Result<ShardCount, StoreFault> {
    let count = cells.number()?;
    ShardCount::new(count).map_err(|error| cells.damaged(error))
}

/// By its id.
pub(super) async fn find(id: IssuerId, connection: &mut Connection) -> Result<Option<Issuer>, StoreFault> {
    let row = sqlx::query(issuers!("WHERE i.id = $1"))
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("issuer"))?;
    row.as_ref().map(read).transpose()
}

/// All of the installation, oldest first.
pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Issuer>, StoreFault> {
    let rows = sqlx::query(issuers!("ORDER BY i.created_at, i.id"))
        .fetch_all(connection)
        .await
        .map_err(fault("issuers"))?;
    rows.iter().map(read).collect()
}

/// Those an organization may use, oldest first.
pub(super) async fn granted(
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<Vec<Issuer>, StoreFault> {
    let rows = sqlx::query(issuers!(
        "JOIN issuer_grant g ON g.issuer_id = i.id WHERE g.organization_id = $1 ORDER BY i.created_at, i.id"
    ))
    .bind(organization.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("granted issuers"))?;
    rows.iter().map(read).collect()
}

/// The issuers that organization $1 may use.
macro_rules! usable {
    ($tail:literal) => {
        concat!(
            "SELECT ",
            issuer_columns!(),
            ", o.slug, g.created_at
             FROM issuer_grant g JOIN issuer i ON i.id = g.issuer_id JOIN organization o ON o.id = i.organization_id
             WHERE g.organization_id = $1",
            $tail
        )
    };
}

pub(super) const USABLE: Pages = pages! {
    rows [usable!("")]
    binds ["$2", "$3", "$4"]
    name ["i.name"] time ["g.created_at", "g.issuer_id"]
};

/// A page of those an organization may use.
pub(super) async fn usable(
    organization: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<UsableIssuer>, StoreFault> {
    let query = sqlx::query(USABLE.of(page)).bind(organization.octets().to_vec());
    let rows = listing::bind(query, page).fetch_all(connection).await;
    let rows = rows.map_err(fault("usable issuers"))?;
    rows.iter().map(read_usable).collect()
}

/// The one that an organization means by a name: its own before one that was granted to it, and of these the one that was
/// made first. Policies name by the same order.
pub(super) async fn usable_named(
    organization: OrganizationId,
    name: &RegistrationId,
    connection: &mut Connection,
) -> Result<Option<UsableIssuer>, StoreFault> {
    let row = sqlx::query(usable!(
        " AND i.name = $2
         ORDER BY CASE WHEN i.organization_id = $1 THEN 0 ELSE 1 END, i.id LIMIT 1"
    ))
    .bind(organization.octets().as_slice())
    .bind(name.canonical())
    .fetch_optional(connection)
    .await
    .map_err(fault("a usable issuer"))?;
    row.as_ref().map(read_usable).transpose()
}

fn read_usable(row: &Row) -> Result<UsableIssuer, StoreFault> {
    let mut cells = Cells::of(row, "issuer");
    Ok(UsableIssuer {
        issuer: read_cells(&mut cells)?,
        owner: cells.word()?,
        usable_since: cells.time()?,
    })
}

/// Adds an issuer with its owner's grant, its key and serial, and its lists, all of them due at once.
pub(super) async fn add(
    issuer: &Issuer,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    add_row(issuer, at, connection).await?;
    sqlx::query("INSERT INTO issuer_grant (issuer_id, organization_id, created_at) VALUES ($1, $2, $3)")
        .bind(issuer.id.octets().as_slice())
        .bind(issuer.organization.octets().as_slice())
        .bind(at.as_micros())
        .execute(&mut *connection)
        .await
        .map_err(fault("granting an issuer"))?;
    add_key_and_serial(issuer, at, connection).await?;
    for shard in 0..issuer.shards.get() {
        sqlx::query(
            "INSERT INTO crl_shard (issuer_id, shard, marks, published_marks, last_number, published_number, due_at,
                                    lease_epoch, lease_until)
             VALUES ($1, $2, 0, 0, 0, NULL, $3, 0, 0)",
        )
        .bind(issuer.id.octets().as_slice())
        .bind(i64::from(shard))
        .bind(at.as_micros())
        .execute(&mut *connection)
        .await
        .map_err(fault("adding a list"))?;
    }
    Ok(())
}

async fn add_row(issuer: &Issuer, at: Timestamp, connection: &mut Connection) -> Result<(), StoreFault> {
    let validity = issuer.certificate.validity();
    sqlx::query(
        "INSERT INTO issuer (id, organization_id, name, role, anchor, parent_id, certificate, key_uri, state,
                             generation, status_url, crl_shards, not_before, not_after, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(issuer.id.octets().as_slice())
    .bind(issuer.organization.octets().as_slice())
    .bind(issuer.name.as_str())
    .bind(issuer.role.word())
    .bind(issuer.anchor.word())
    .bind(issuer.parent.as_ref().map(|id| id.octets().as_slice()))
    .bind(issuer.certificate.der())
    .bind(issuer.key.to_string())
    .bind(issuer.state.word())
    .bind(issuer.generation)
    .bind(issuer.status_url.as_str())
    .bind(i64::from(issuer.shards.get()))
    .bind(validity.not_before().as_micros())
    .bind(validity.not_after().as_micros())
    .bind(at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("adding an issuer"))?;
    Ok(())
}

/// The certificate of an authority stands in no certificate row: its serial names the authority itself.
async fn add_key_and_serial(
    issuer: &Issuer,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    let during = "adding the key of an issuer";
    let certificate = Certificate::parse(issuer.certificate.der()).map_err(|error| StoreFault::Broken {
        during,
        source: Box::new(error),
    })?;
    sqlx::query(
        "INSERT INTO subject_key (spki_hash, organization_id, device_id, role, blocked_at, created_at)
         VALUES ($1, $2, NULL, 'issuer', NULL, $3)",
    )
    .bind(issuer.certificate.public_key().spki_hash().0.as_slice())
    .bind(issuer.organization.octets().as_slice())
    .bind(at.as_micros())
    .execute(&mut *connection)
    .await
    .map_err(fault(during))?;
    sqlx::query("INSERT INTO serial (serial, issuer_id, certificate_id) VALUES ($1, $2, $3)")
        .bind(certificate.serial().as_bytes().as_slice())
        .bind(issuer.parent.unwrap_or(issuer.id).octets().as_slice())
        .bind(issuer.id.octets().as_slice())
        .execute(connection)
        .await
        .map_err(fault("adding the serial of an issuer"))?;
    Ok(())
}
