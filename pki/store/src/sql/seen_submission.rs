// SPDX-License-Identifier: Apache-2.0
//! Submissions, as operators look at them.

use tamga_registry::id::{OrganizationId, RequestId};
use tamga_registry::store::{SeenSubmission, StoreFault};

use super::Connection;
use super::cells::Cells;
use super::fault::fault;
use super::submission::read_state;
use super::walking::at_home;

pub(super) const OF_REQUEST: &str = concat!(
    "SELECT u.id, u.presented, u.received_at, u.state, u.order_id, u.slug, u.sentence FROM submission u
     WHERE u.request_id = $2 AND ",
    at_home!("u.organization_id")
);

/// What a request handed in.
pub(super) async fn of_request(
    organization: OrganizationId,
    request: RequestId,
    connection: &mut Connection,
) -> Result<Vec<SeenSubmission>, StoreFault> {
    let rows = sqlx::query(OF_REQUEST)
        .bind(organization.octets().as_slice())
        .bind(request.octets().as_slice())
        .fetch_all(connection)
        .await
        .map_err(fault("submissions of a request"))?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::of(row, "submission");
            Ok(SeenSubmission {
                id: cells.id()?,
                registration_id: cells.text()?,
                received_at: cells.time()?,
                state: read_state(&mut cells)?,
            })
        })
        .collect()
}
