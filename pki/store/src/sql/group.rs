// SPDX-License-Identifier: Apache-2.0
//! Enrollment groups, as operators look at them.

use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::Group;
use tamga_registry::id::OrganizationId;
use tamga_registry::store::StoreFault;

use super::Connection;
use super::attestation::{group_attestation, group_attestation_rows};
use super::cells::Cells;
use super::enrollment::{groups, read_group, terms_columns};
use super::enrollment_list::{Enlisted, left};
use super::fault::fault;
use super::walking::{Ways, ways_by_name, ways_by_time};

/// By name, through the index that keeps it unique.
pub(super) const BY_NAME: Ways = ways_by_name!(
    rows [groups!("e.organization_id = $1", left!("e.name"))]
    binds ["$5", "$6", "$7"]
    of ["enrollment_group e WHERE e.organization_id = $1"]
    name ["e.name"]
);

/// By age.
pub(super) const BY_TIME: Ways = ways_by_time!(
    rows [groups!(listed!("e.organization_id"), " = $1", left!("e.name"))]
    binds ["$5", "$6", "$7", "$8", "$9"]
    of [concat!("enrollment_group e WHERE ", listed!("e.organization_id"), " = $1")]
    time ["e.created_at", "e.id"]
);

impl Enlisted for Group {
    const TABLE: &'static str = "enrollment_group";
    const BY_NAME: &'static Ways = &BY_NAME;
    const BY_TIME: &'static Ways = &BY_TIME;

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreFault> {
        read_group(cells)
    }
}

/// A group by its name.
pub(super) const FIND: &str = groups!("e.organization_id = $1 AND e.name = $2");

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
