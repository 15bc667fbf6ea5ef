// SPDX-License-Identifier: Apache-2.0
//! Enrollment groups, as operators look at them.

use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentFilter, Group};
use tamga_registry::id::OrganizationId;
use tamga_registry::page::Page;
use tamga_registry::store::StoreFault;

use super::Connection;
use super::attestation::{group_attestation, group_attestation_rows};
use super::cells::Cells;
use super::enrollment::{bind_filter, groups, read_group, terms_columns};
use super::fault::fault;
use super::listing::{self, Pages, pages};

/// The groups of an organization that a filter leaves.
pub(super) const LIST: Pages = pages!(
    rows [groups!(
        "WHERE e.organization_id = $1 AND (e.state = $2 OR $2 IS NULL) AND (e.attestation = $3 OR $3 IS NULL)"
    )]
    binds ["$4", "$5", "$6"]
    name ["e.name"]
    time ["e.created_at", "e.id"]
);

/// The same, whose names have a prefix.
pub(super) const LIST_PREFIXED: Pages = pages!(
    rows [
        groups!(
            "WHERE e.organization_id = $1 AND (e.state = $2 OR $2 IS NULL) AND (e.attestation = $3 OR $3 IS NULL)
               AND e.name"
        ), by_octets!(), " >= $4 AND e.name", by_octets!(), " < $5"
    ]
    binds ["$6", "$7", "$8"]
    name ["e.name"]
    time ["e.created_at", "e.id"]
);

/// A page of the groups of an organization.
pub(super) async fn list(
    organization: OrganizationId,
    filter: &EnrollmentFilter,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<Group>, StoreFault> {
    let list = match filter.prefix {
        Some(_) => &LIST_PREFIXED,
        None => &LIST,
    };
    let query = sqlx::query(list.of(page)).bind(organization.octets().as_slice());
    let rows = listing::bind(bind_filter(query, filter), page)
        .fetch_all(connection)
        .await
        .map_err(fault("groups"))?;
    rows.iter()
        .map(|row| read_group(&mut Cells::of(row, "enrollment_group")))
        .collect()
}

/// A group by its name.
pub(super) const FIND: &str = groups!("WHERE e.organization_id = $1 AND e.name = $2");

/// A group by its name.
pub(super) async fn find(
    organization: OrganizationId,
    name: &RegistrationId,
    connection: &mut Connection,
) -> Result<Option<Group>, StoreFault> {
    let row = sqlx::query(FIND)
        .bind(organization.octets().as_slice())
        .bind(name.canonical())
        .fetch_optional(connection)
        .await
        .map_err(fault("group"))?;
    row.map(|row| read_group(&mut Cells::of(&row, "enrollment_group")))
        .transpose()
}
