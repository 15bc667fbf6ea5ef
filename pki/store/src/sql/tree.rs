// SPDX-License-Identifier: Apache-2.0
//! The tree of organizations: what is below one, and what is suspended with it.

use tamga_registry::id::OrganizationId;
use tamga_registry::organization::Organization;
use tamga_registry::page::Page;
use tamga_registry::store::{OrganizationAdded, StoreFault, Suspension};
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::fault::fault;
use super::listing::{self, Pages, pages};
use super::organization::{self, organization_columns};
use super::{Connection, account, locks};

/// The organization $1 and everything below it, as `subtree`.
macro_rules! subtree {
    () => {
        "WITH RECURSIVE subtree (id) AS (
             SELECT o.id FROM organization o WHERE o.id = $1
             UNION ALL
             SELECT o.id FROM subtree s JOIN organization o ON o.parent_id = s.id
         ) "
    };
}

pub(super) const ALL: Pages = pages! {
    rows ["SELECT ", organization_columns!(), " FROM organization o WHERE o.created_at IS NOT NULL"]
    binds ["$1", "$2", "$3"]
    name ["o.slug"] time ["o.created_at", "o.id"]
};

const WITHIN: Pages = pages! {
    rows [subtree!(), "SELECT ", organization_columns!(), " FROM organization o WHERE o.id IN (SELECT id FROM subtree)"]
    binds ["$2", "$3", "$4"]
    name ["o.slug"] time ["o.created_at", "o.id"]
};

pub(super) const BELOW: Pages = pages! {
    rows ["SELECT ", organization_columns!(), " FROM organization o WHERE o.parent_id = $1"]
    binds ["$2", "$3", "$4"]
    name ["o.slug"] time ["o.created_at", "o.id"]
};

/// A page of an organization with everything below it; of all there are, where none is named.
pub(super) async fn within(
    top: Option<OrganizationId>,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<Organization>, StoreFault> {
    let query = match top {
        Some(top) => sqlx::query(WITHIN.of(page)).bind(top.octets().to_vec()),
        None => sqlx::query(ALL.of(page)),
    };
    read(listing::bind(query, page), connection).await
}

/// A page of those right below an organization.
pub(super) async fn below(
    parent: OrganizationId,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<Organization>, StoreFault> {
    let query = sqlx::query(BELOW.of(page)).bind(parent.octets().to_vec());
    read(listing::bind(query, page), connection).await
}

async fn read(query: super::Query<'_>, connection: &mut Connection) -> Result<Vec<Organization>, StoreFault> {
    let rows = query
        .fetch_all(connection)
        .await
        .map_err(fault("organizations"))?;
    rows.iter().map(organization::read).collect()
}

/// Adds an organization below another that is not suspended. The tree is held still.
pub(super) async fn add(
    organization: &Organization,
    connection: &mut Connection,
) -> Result<OrganizationAdded, StoreFault> {
    let row = sqlx::query(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM organization WHERE id = $1 AND state = 'active') THEN 1 ELSE 0 END,
                CASE WHEN EXISTS (SELECT 1 FROM organization WHERE slug = $2) THEN 1 ELSE 0 END",
    )
    .bind(organization.parent.map(|parent| parent.octets().to_vec()))
    .bind(organization.slug.as_str())
    .fetch_one(&mut *connection)
    .await
    .map_err(fault("adding an organization"))?;
    let mut cells = Cells::of(&row, "organization");
    let (active, taken) = (cells.truth()?, cells.truth()?);
    if !active {
        return Ok(OrganizationAdded::ParentSuspended);
    }
    if taken {
        return Ok(OrganizationAdded::SlugTaken);
    }
    organization::add(organization, connection).await?;
    Ok(OrganizationAdded::Added)
}

/// Gives an organization another name for people.
pub(super) async fn rename(
    organization: OrganizationId,
    display_name: &str,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    sqlx::query(
        "UPDATE organization SET display_name = $2, generation = generation + 1 WHERE id = $1 AND display_name <> $2",
    )
    .bind(organization.octets().as_slice())
    .bind(display_name)
    .execute(connection)
    .await
    .map_err(fault("renaming an organization"))?;
    Ok(())
}

/// From now on the tree stands still, and nothing is judged by the policy of any organization.
pub(super) async fn exclude(connection: &mut Connection) -> Result<(), StoreFault> {
    locks::tree(connection).await?;
    locks::policies(connection).await
}

/// Suspends an organization with everything below it. Whose organization is suspended may not come in, so access stands
/// still meanwhile.
pub(super) async fn suspend(
    organization: OrganizationId,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<Suspension, StoreFault> {
    locks::access(connection).await?;
    let before = account::administrators(connection).await?;
    mark_suspended(organization, at, connection).await?;
    Ok(match account::last_was_taken(before, connection).await? {
        true => Suspension::LastAdministrator,
        false => Suspension::Suspended,
    })
}

async fn mark_suspended(
    organization: OrganizationId,
    at: Timestamp,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    // Also where one above is suspended: that it is so by itself is shown.
    sqlx::query(
        "UPDATE organization SET suspended_at = $2,
                generation = generation + CASE WHEN state = 'suspended' THEN 1 ELSE 0 END
         WHERE id = $1 AND suspended_at IS NULL",
    )
    .bind(organization.octets().as_slice())
    .bind(at.as_micros())
    .execute(&mut *connection)
    .await
    .map_err(fault("suspending an organization"))?;
    sqlx::query(concat!(
        "UPDATE organization SET state = 'suspended', generation = generation + 1
         WHERE state = 'active' AND id IN (",
        subtree!(),
        "SELECT id FROM subtree)"
    ))
    .bind(organization.octets().as_slice())
    .execute(connection)
    .await
    .map_err(fault("suspending an organization"))?;
    Ok(())
}

/// Resumes an organization with everything below it that is not suspended by itself; nothing, while one above is.
pub(super) async fn resume(
    organization: OrganizationId,
    connection: &mut Connection,
) -> Result<(), StoreFault> {
    for statement in [
        "UPDATE organization SET state = 'active', generation = generation + 1
         WHERE state = 'suspended' AND id IN (
             WITH RECURSIVE freed (id) AS (
                 SELECT o.id FROM organization o LEFT JOIN organization p ON p.id = o.parent_id
                 WHERE o.id = $1 AND (p.id IS NULL OR p.state = 'active')
                 UNION ALL
                 SELECT o.id FROM freed f JOIN organization o ON o.parent_id = f.id AND o.suspended_at IS NULL
             )
             SELECT id FROM freed)",
        // Where one above is suspended, it stays so: that it is no longer so by itself is shown.
        "UPDATE organization SET suspended_at = NULL,
                generation = generation + CASE WHEN state = 'suspended' THEN 1 ELSE 0 END
         WHERE id = $1 AND suspended_at IS NOT NULL",
    ] {
        sqlx::query(statement)
            .bind(organization.octets().as_slice())
            .execute(&mut *connection)
            .await
            .map_err(fault("resuming an organization"))?;
    }
    Ok(())
}
