// SPDX-License-Identifier: Apache-2.0
//! Individual enrollments, as operators look at them.

use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::IndividualEnrollment;
use tamga_registry::id::OrganizationId;
use tamga_registry::store::StoreFault;

use super::Connection;
use super::attestation::{individual_attestation, individual_attestation_rows};
use super::cells::Cells;
use super::enrollment::{individuals, read_individual, terms_columns};
use super::enrollment_list::{Enlisted, left};
use super::fault::fault;
use super::walking::{Ways, ways_by_name, ways_by_time};

/// By name, through the index that keeps it unique.
pub(super) const BY_NAME: Ways = ways_by_name!(
    rows [individuals!("e.organization_id = $1", left!("e.registration_id"))]
    binds ["$5", "$6", "$7"]
    of ["individual_enrollment e WHERE e.organization_id = $1"]
    name ["e.registration_id"]
);

/// By age.
pub(super) const BY_TIME: Ways = ways_by_time!(
    rows [individuals!(listed!("e.organization_id"), " = $1", left!("e.registration_id"))]
    binds ["$5", "$6", "$7", "$8", "$9"]
    of [concat!("individual_enrollment e WHERE ", listed!("e.organization_id"), " = $1")]
    time ["e.created_at", "e.id"]
);

impl Enlisted for IndividualEnrollment {
    const TABLE: &'static str = "individual_enrollment";
    const BY_NAME: &'static Ways = &BY_NAME;
    const BY_TIME: &'static Ways = &BY_TIME;

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreFault> {
        read_individual(cells)
    }
}

/// An individual enrollment by its registration id.
pub(super) const FIND: &str = individuals!("e.organization_id = $1 AND e.registration_id = $2");

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
