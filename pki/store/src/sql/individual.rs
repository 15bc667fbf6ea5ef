// SPDX-License-Identifier: Apache-2.0
//! Individual enrollments, as operators look at them.

use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentFilter, IndividualEnrollment};
use tamga_registry::id::OrganizationId;
use tamga_registry::page::Page;
use tamga_registry::store::StoreFault;

use super::Connection;
use super::attestation::{individual_attestation, individual_attestation_rows};
use super::cells::Cells;
use super::enrollment::{bind_filter, individuals, read_individual, terms_columns};
use super::fault::fault;
use super::listing::{self, Pages, pages};

/// The individual enrollments of an organization that a filter leaves.
pub(super) const LIST: Pages = pages!(
    rows [individuals!(
        "WHERE e.organization_id = $1 AND (e.state = $2 OR $2 IS NULL) AND (e.attestation = $3 OR $3 IS NULL)"
    )]
    binds ["$4", "$5", "$6"]
    name ["e.registration_id"]
    time ["e.created_at", "e.id"]
);

/// The same, whose names have a prefix.
pub(super) const LIST_PREFIXED: Pages = pages!(
    rows [
        individuals!(
            "WHERE e.organization_id = $1 AND (e.state = $2 OR $2 IS NULL) AND (e.attestation = $3 OR $3 IS NULL)
               AND e.registration_id"
        ), by_octets!(), " >= $4 AND e.registration_id", by_octets!(), " < $5"
    ]
    binds ["$6", "$7", "$8"]
    name ["e.registration_id"]
    time ["e.created_at", "e.id"]
);

/// A page of the individual enrollments of an organization.
pub(super) async fn list(
    organization: OrganizationId,
    filter: &EnrollmentFilter,
    page: &Page,
    connection: &mut Connection,
) -> Result<Vec<IndividualEnrollment>, StoreFault> {
    let list = match filter.prefix {
        Some(_) => &LIST_PREFIXED,
        None => &LIST,
    };
    let query = sqlx::query(list.of(page)).bind(organization.octets().as_slice());
    let rows = listing::bind(bind_filter(query, filter), page)
        .fetch_all(connection)
        .await
        .map_err(fault("individual enrollments"))?;
    rows.iter()
        .map(|row| read_individual(&mut Cells::of(row, "individual_enrollment")))
        .collect()
}

/// An individual enrollment by its registration id.
pub(super) const FIND: &str = individuals!("WHERE e.organization_id = $1 AND e.registration_id = $2");

/// An individual enrollment by its registration id.
pub(super) async fn find(
    organization: OrganizationId,
    id: &RegistrationId,
    connection: &mut Connection,
) -> Result<Option<IndividualEnrollment>, StoreFault> {
    let row = sqlx::query(FIND)
        .bind(organization.octets().as_slice())
        .bind(id.canonical())
        .fetch_optional(connection)
        .await
        .map_err(fault("individual enrollment"))?;
    row.map(|row| read_individual(&mut Cells::of(&row, "individual_enrollment")))
        .transpose()
}
