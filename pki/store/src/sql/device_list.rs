// SPDX-License-Identifier: Apache-2.0
//! Devices, as operators look at them.

use tamga_registry::device::{Device, DeviceFilter, DeviceStanding};
use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::OrganizationId;
use tamga_registry::page::{By, Page, Portion};
use tamga_registry::store::StoreFault;

use super::cells::Cells;
use super::device::{self, device_columns};
use super::fault::fault;
use super::walking::{Bounds, Stretch, Ways, ways_by_name, ways_by_time};
use super::{Connection, Query};

/// The devices that a filter leaves. What the filter asks is never looked up: rows are read in order.
macro_rules! devices {
    ($organization:expr) => {
        concat!(
            "SELECT ",
            device_columns!(),
            " FROM device d
              WHERE ",
            $organization,
            " = $1 AND (d.state = $2 OR ($2 IS NULL AND d.state NOT IN ('deleted', 'released')))
                AND (d.bound_to = $3 OR $3 IS NULL)
               AND (substr(d.registration_id, 1, length($4)) = $4 OR $4 IS NULL)"
        )
    };
}

/// By registration id, through the index that keeps it unique.
pub(super) const BY_NAME: Ways = ways_by_name!(
    rows [devices!("d.organization_id")]
    binds ["$5", "$6", "$7"]
    of ["device d WHERE d.organization_id = $1"]
    name ["d.registration_id"]
);

/// By age.
pub(super) const BY_TIME: Ways = ways_by_time!(
    rows [devices!(listed!("d.organization_id"))]
    binds ["$5", "$6", "$7", "$8", "$9"]
    of [concat!("device d WHERE ", listed!("d.organization_id"), " = $1")]
    time ["d.created_at", "d.id"]
);

/// A part of the devices of an organization.
pub(super) async fn list(
    organization: OrganizationId,
    filter: &DeviceFilter,
    page: &Page,
    connection: &mut Connection,
) -> Result<Portion<Device>, StoreFault> {
    let (ways, bounds) = match page.sort.by {
        By::Name => (&BY_NAME, Bounds::of_names(filter.prefix.as_ref())),
        By::Time | By::End => (&BY_TIME, Bounds::times(None, None)),
    };
    let walk = ways.of(page);
    // Every list leaves something out, if only what is gone.
    let stretch = Stretch::measured(walk, organization, (page, bounds), connection).await?;
    let query = sqlx::query(walk.rows).bind(organization.octets().as_slice());
    let rows = stretch
        .bind(bind_filter(query, filter), page)
        .fetch_all(connection)
        .await
        .map_err(fault("devices"))?;
    let devices = rows
        .iter()
        .map(|row| device::read(&mut Cells::of(row, "device")))
        .collect::<Result<_, _>>()?;
    Ok(stretch.portion(devices, page))
}

fn bind_filter<'q>(query: Query<'q>, filter: &DeviceFilter) -> Query<'q> {
    let enrollment = filter.enrollment.as_ref().map(EnrollmentRef::octets);
    query
        .bind(filter.state.map(DeviceStanding::word))
        .bind(enrollment.map(|id| id.to_vec()))
        .bind(filter.prefix.as_ref().map(|prefix| prefix.least().to_owned()))
}
