// SPDX-License-Identifier: Apache-2.0
//! Orders.

use tamga_registry::certificate::CertificateRecord;
use tamga_registry::id::OrderId;
use tamga_registry::order::{OperationId, Order, OrderState};
use tamga_registry::profile::RevisionId;
use tamga_registry::store::StoreFault;

use super::batch::{Script, script};
use super::cells::Cells;
use super::certificate::{self, certificate_columns};
use super::questions::Questions;

/// The columns of an order `o`, as [`read`] takes them.
macro_rules! order_columns {
    () => {
        "o.id, o.organization_id, o.device_id, o.profile_id, o.profile_revision, o.issuer_id, o.spki_hash, o.csr,
         o.epoch, o.kind, o.state, o.failure, o.certificate_id, o.operation, o.evidence, o.request_id, o.lease_epoch,
         o.station_id, o.created_at"
    };
}
pub(super) use order_columns;

/// Reads an order.
pub(super) fn read(cells: &mut Cells<'_>) -> Result<Order, StoreFault> {
    cells.enter("issuance_order");
    Ok(Order {
        id: cells.id()?,
        organization: cells.id()?,
        device: cells.id()?,
        revision: RevisionId {
            profile: cells.id()?,
            revision: cells.integer()?,
        },
        issuer: cells.id()?,
        spki: cells.key()?,
        csr: cells.bytes()?,
        epoch: cells.integer()?,
        kind: cells.word()?,
        state: read_state(cells)?,
        certificate: cells.id()?,
        operation: OperationId::from_octets(cells.octets()?),
        evidence: cells.text()?,
        request: cells.id()?,
        lease_epoch: cells.integer()?,
        station: cells.maybe_id()?,
        created_at: cells.time()?,
    })
}

/// Reads `state` and `failure`.
pub(super) fn read_state(cells: &mut Cells<'_>) -> Result<OrderState, StoreFault> {
    let (state, failure) = (cells.text()?, cells.maybe_text()?);
    match state.as_str() {
        "open" => Ok(OrderState::Open),
        "fulfilled" => Ok(OrderState::Fulfilled),
        "failed" => Ok(OrderState::Failed {
            reason: cells.owed(failure, "failure")?,
        }),
        other => Err(cells.damaged(format_args!("`{other}` is not the state of an order"))),
    }
}

/// The order $1 and its certificate.
pub(super) const ORDER: Script = script!(concat!(
    "SELECT ",
    order_columns!(),
    ", ",
    certificate_columns!(),
    " /*number*/ FROM (SELECT 1 AS one) one
      JOIN issuance_order o ON o.id = $1 JOIN certificate c ON c.id = o.certificate_id"
));

/// An order with its certificate row.
pub(super) async fn find(
    id: OrderId,
    questions: &Questions,
) -> Result<Option<(Order, CertificateRecord)>, StoreFault> {
    let row = questions.ask(ORDER.query().bind(id.octets().as_slice())).await?;
    row.map(|row| {
        let mut cells = Cells::of(&row, "issuance_order");
        Ok((read(&mut cells)?, certificate::read(&mut cells)?))
    })
    .transpose()
}
