// SPDX-License-Identifier: Apache-2.0
//! Organizations and their id scopes.

use tamga_registry::id::OrganizationId;
use tamga_registry::organization::{IdScope, Organization, OrganizationSlug};
use tamga_registry::page::{Mark, Page};
use tamga_registry::store::StoreFault;
use tamga_x509::time::Timestamp;

use super::batch::{Script, script};
use super::cells::Cells;
use super::fault::fault;
use super::questions::Questions;
use super::{Connection, Row};

/// The columns of an organization `o`, as [`read`] takes them.
macro_rules! organization_columns {
    () => {
        "o.id, o.slug, o.display_name, o.parent_id, o.state, o.suspended_at, o.generation, o.created_at"
    };
}
pub(super) use organization_columns;

macro_rules! organizations {
    ($tail:literal) => {
        concat!("SELECT ", organization_columns!(), " FROM organization o ", $tail)
    };
}

/// Reads an organization.
pub(super) fn read(row: &Row) -> Result<Organization, StoreFault> {
    let mut cells = Cells::of(row, "organization");
    Ok(Organization {
        id: cells.id()?,
        slug: cells.word()?,
        display_name: cells.text()?,
        parent: cells.maybe_id()?,
        state: cells.word()?,
        suspended_at: cells.maybe_time()?,
        generation: cells.integer()?,
        created_at: cells.time()?,
    })
}

/// The organization whose slug is $1: each call of the admin plane asks for it.
pub(super) const BY_SLUG: Script = script!(concat!(
    "SELECT ",
    organization_columns!(),
    " /*number*/ FROM (SELECT 1 AS one) one JOIN organization o ON o.slug = $1"
));

/// By its slug.
pub(super) async fn find(
    slug: &OrganizationSlug,
    questions: &Questions,
) -> Result<Option<Organization>, StoreFault> {
    let row = questions.ask(BY_SLUG.query().bind(slug.as_str())).await?;
    row.as_ref().map(read).transpose()
}

/// By its id.
pub(super) async fn by_id(
    id: OrganizationId,
    connection: &mut Connection,
) -> Result<Option<Organization>, StoreFault> {
    let row = sqlx::query(organizations!("WHERE o.id = $1"))
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("organization"))?;
    row.as_ref().map(read).transpose()
}

/// The one an id scope belongs to.
pub(super) async fn of_scope(
    scope: &IdScope,
    connection: &mut Connection,
) -> Result<Option<Organization>, StoreFault> {
    let row = sqlx::query(organizations!(
        "JOIN id_scope s ON s.organization_id = o.id WHERE s.scope = $1"
    ))
    .bind(scope.canonical())
    .fetch_optional(connection)
    .await
    .map_err(fault("organization of a scope"))?;
    row.as_ref().map(read).transpose()
}

/// The installation's first.
pub(super) async fn first(connection: &mut Connection) -> Result<Option<Organization>, StoreFault> {
    let row = sqlx::query(organizations!("ORDER BY o.created_at, o.id LIMIT 1"))
        .fetch_optional(connection)
        .await
        .map_err(fault("first organization"))?;
    row.as_ref().map(read).transpose()
}

/// Those above an organization, the nearest first.
pub(super) async fn above(
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<Vec<OrganizationId>, StoreFault> {
    let rows = sqlx::query(
        "WITH RECURSIVE line (id, parent_id, height) AS (
             SELECT o.id, o.parent_id, 0 FROM organization o WHERE o.id = $1
             UNION ALL
             SELECT o.id, o.parent_id, l.height + 1 FROM line l JOIN organization o ON o.id = l.parent_id
         )
         SELECT id FROM line WHERE height > 0 ORDER BY height",
    )
    .bind(organization.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("organizations above"))?;
    rows.iter()
        .map(|row| Cells::of(row, "organization").id())
        .collect()
}

/// The id scopes of an organization, oldest first.
pub(super) async fn scopes(
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<Vec<IdScope>, StoreFault> {
    let rows = sqlx::query(concat!(
        "SELECT scope FROM id_scope WHERE organization_id = $1 ORDER BY created_at, scope",
        by_octets!()
    ))
    .bind(organization.octets().as_slice())
    .fetch_all(connection)
    .await
    .map_err(fault("id scopes"))?;
    rows.iter().map(|row| Cells::of(row, "id_scope").word()).collect()
}

/// A page of the id scopes of an organization, by their text.
pub(super) async fn scopes_by_text(
    organization: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<IdScope>, StoreFault> {
    let after = match &page.after {
        Some(Mark::Name(after)) => after.as_str(),
        // No scope is empty.
        None | Some(Mark::Time(..)) => "",
    };
    let rows = sqlx::query(concat!(
        "SELECT scope FROM id_scope WHERE organization_id = $1 AND scope",
        by_octets!(),
        " > $2 ORDER BY scope",
        by_octets!(),
        " LIMIT $3"
    ))
    .bind(organization.octets().as_slice())
    .bind(after)
    .bind(i64::from(page.fetched()))
    .fetch_all(connection)
    .await
    .map_err(fault("id scopes"))?;
    rows.iter().map(|row| Cells::of(row, "id_scope").word()).collect()
}

/// Adds an organization.
pub(super) async fn add(organization: &Organization, connection: &mut Connection) -> Result<(), StoreFault> {
    sqlx::query(
        "INSERT INTO organization (id, slug, display_name, parent_id, state, generation, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(organization.id.octets().as_slice())
    .bind(organization.slug.as_str())
    .bind(organization.display_name.as_str())
    .bind(organization.parent.as_ref().map(|id| id.octets().as_slice()))
    .bind(organization.state.word())
    .bind(organization.generation)
    .bind(organization.created_at.as_micros())
    .execute(connection)
    .await
    .map_err(fault("adding an organization"))?;
    Ok(())
}

/// Adds an id scope of an organization, as old as the organization.
pub(super) async fn add_scope(
    scope: &IdScope,
    organization: &Organization,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    add_scope_of(scope, organization.id, organization.created_at, connection).await
}

/// Adds an id scope of an organization.
pub(super) async fn add_scope_of(
    scope: &IdScope,
    organization: OrganizationId,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query("INSERT INTO id_scope (scope, organization_id, created_at) VALUES ($1, $2, $3)")
        .bind(scope.canonical())
        .bind(organization.octets().as_slice())
        .bind(at.as_micros())
        .execute(connection)
        .await
        .map_err(fault("adding an id scope"))?;
    Ok(())
}
