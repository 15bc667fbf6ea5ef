// SPDX-License-Identifier: Apache-2.0
//! Orders, as operators look at them.

use tamga_registry::device::RegistrationId;
use tamga_registry::id::{OrderId, OrganizationId, RequestId};
use tamga_registry::order::{OrderFilter, OrderStanding, SeenOrder};
use tamga_registry::page::{Page, Portion};
use tamga_registry::store::StoreFault;

use super::cells::Cells;
use super::fault::fault;
use super::order::{self, order_columns};
use super::walking::{Bounds, Stretch, Ways, at_home, ways_by_time};
use super::{Connection, Row};

/// Orders, each with what its device calls itself.
macro_rules! orders {
    ($($tail:expr),+) => {
        concat!(
            "SELECT ",
            order_columns!(),
            ", d.presented FROM issuance_order o JOIN device d ON d.id = o.device_id WHERE ",
            $($tail),+
        )
    };
}

/// The orders of organization $1 that a filter leaves.
pub(super) const LIST: Ways = ways_by_time!(
    rows [orders!(listed!("o.organization_id"), " = $1 AND (o.state = $2 OR $2 IS NULL)")]
    binds ["$3", "$4", "$5", "$6", "$7"]
    of [concat!("issuance_order o WHERE ", listed!("o.organization_id"), " = $1")]
    time ["o.created_at", "o.id"]
);

/// Those of one device, and of those of its name that are gone. It has few: they are found by it, and put in order.
pub(super) const OF_DEVICE: Ways = ways_by_time!(
    rows [orders!(
        "o.device_id IN (SELECT n.id FROM device n WHERE n.organization_id = $1 AND n.registration_id = $3
                         UNION ALL
                         SELECT n.id FROM device n WHERE n.organization_id = $1
                           AND n.registration_id > $3 || '~' AND n.registration_id < $3 || '~~')
         AND (o.state = $2 OR $2 IS NULL)"
    )]
    binds ["$4", "$5", "$6", "$7", "$8"]
    of ["issuance_order o WHERE o.organization_id = $1"]
    time ["o.created_at + 0", "o.id"]
);

/// A part of the orders of an organization.
pub(super) async fn list(
    organization: OrganizationId,
    filter: &OrderFilter,
    page: &Page,
    connection: &mut Connection,
) -> Result<Portion<SeenOrder>, StoreFault> {
    let ways = match filter.device {
        Some(_) => &OF_DEVICE,
        None => &LIST,
    };
    let (walk, bounds) = (ways.of(page), Bounds::times(None, None));
    let stretch = match filter {
        OrderFilter {
            device: None,
            state: Some(_),
        } => Stretch::measured(walk, organization, (page, bounds), connection).await?,
        OrderFilter { .. } => Stretch::whole(page, bounds),
    };
    let query = sqlx::query(walk.rows)
        .bind(organization.octets().as_slice())
        .bind(filter.state.map(OrderStanding::word));
    let query = match &filter.device {
        Some(device) => query.bind(device.canonical().to_owned()),
        None => query,
    };
    let rows = stretch
        .bind(query, page)
        .fetch_all(connection)
        .await
        .map_err(fault("orders"))?;
    let orders = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(stretch.portion(orders, page))
}

fn read(row: &Row) -> Result<SeenOrder, StoreFault> {
    let mut cells = Cells::of(row, "issuance_order");
    Ok(SeenOrder {
        order: order::read(&mut cells)?,
        registration_id: cells.word::<RegistrationId>()?,
    })
}

pub(super) const FIND: &str = orders!("o.id = $2 AND ", at_home!("o.organization_id"));

/// An order of an organization.
pub(super) async fn find(
    organization: OrganizationId,
    id: OrderId,
    connection: &mut Connection,
) -> Result<Option<SeenOrder>, StoreFault> {
    let row = sqlx::query(FIND)
        .bind(organization.octets().as_slice())
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("order"))?;
    row.as_ref().map(read).transpose()
}

pub(super) const OF_REQUEST: &str = orders!("o.request_id = $2 AND ", at_home!("o.organization_id"));

/// The orders that a request made.
pub(super) async fn of_request(
    organization: OrganizationId,
    request: RequestId,
    connection: &mut Connection,
) -> Result<Vec<SeenOrder>, StoreFault> {
    let rows = sqlx::query(OF_REQUEST)
        .bind(organization.octets().as_slice())
        .bind(request.octets().as_slice())
        .fetch_all(connection)
        .await
        .map_err(fault("orders of a request"))?;
    rows.iter().map(read).collect()
}
