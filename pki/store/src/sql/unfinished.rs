// SPDX-License-Identifier: Apache-2.0
//! Intents whose lease ended without a record: taken over to be finished, or given up.

use std::time::Duration;

use async_trait::async_trait;
use tamga_registry::certificate::CertificateRecord;
use tamga_registry::device::Device;
use tamga_registry::id::{CertificateId, OrderId};
use tamga_registry::journal::JournalRow;
use tamga_registry::order::Order;
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::store::StoreFault;
use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use super::batch::{self, Binds, script};
use super::cells::Cells;
use super::certificate::{self, certificate_columns};
use super::device::{self, device_columns};
use super::fault::{fault, miscounted};
use super::journal::{self, journal_row};
use super::order::{self, order_columns};
use super::record::{held, is_state, lock_device, lock_order};
use super::revocation::{list_revoked, mark_shard, raise_if_unfinished};
use super::writer::Keep;
use super::{Connection, Row};

/// No order is leased for longer. A lease that ends further ahead is of a clock that stepped back since, and has ended.
const LEASED_AT_MOST: Duration = Duration::from_secs(600);

/// How many batches that could not be read are passed over in one go.
const PASSED_OVER: usize = 16;

/// Asks for orders whose lease ended.
pub(super) struct Take {
    pub(super) now: Timestamp,
    pub(super) lease_until: Timestamp,
    pub(super) limit: u32,
}

/// An order taken over; its profile revision is added by who may cache it.
pub(super) struct Taken {
    pub(super) order: Order,
    pub(super) certificate: CertificateRecord,
    pub(super) device: Device,
    pub(super) organization: OrganizationSlug,
    pub(super) may_sign: bool,
}

/// Oldest first, through the index of unfinished certificates.
pub(super) const TAKE: &str = concat!(
    "WITH ended AS (SELECT o.id FROM certificate c JOIN issuance_order o ON o.id = c.order_id
                    WHERE c.state = 'intended' AND o.state = 'open' AND (o.lease_until < $1 OR o.lease_until > $4)
                    ORDER BY c.intended_at LIMIT $3",
    skip_locked!("o"),
    ") UPDATE issuance_order SET lease_epoch = lease_epoch + 1, lease_until = $2
     WHERE id IN (SELECT ended.id FROM ended) RETURNING id"
);

pub(super) const READ: &str = concat!(
    "SELECT ",
    order_columns!(),
    ", ",
    certificate_columns!(),
    ", ",
    device_columns!(),
    ", g.slug,
     CASE WHEN d.state = 'active' AND g.state = 'active' AND i.state = 'active'
            AND (EXISTS (SELECT 1 FROM enrollment_group e WHERE e.id = d.bound_to AND e.state = 'enabled')
                 OR EXISTS (SELECT 1 FROM individual_enrollment e WHERE e.id = d.bound_to AND e.state = 'enabled'))
          THEN 1 ELSE 0 END
     FROM issuance_order o JOIN certificate c ON c.id = o.certificate_id JOIN device d ON d.id = o.device_id
     JOIN organization g ON g.id = o.organization_id JOIN issuer i ON i.id = o.issuer_id
     WHERE o.id = $1"
);

#[async_trait]
impl Keep for Take {
    type Verdict = Vec<Taken>;

    /// Rows that contradict themselves are passed over: they must not stop the others.
    async fn keep(&self, connection: &mut Connection) -> Result<Vec<Taken>, StoreFault> {
        let mut taken = Vec::new();
        for _ in 0..PASSED_OVER {
            let rows = self.take(connection).await?;
            for row in &rows {
                match read(row, connection).await {
                    Ok(one) => taken.push(one),
                    Err(damage @ StoreFault::Damaged { .. }) => pass_over(&damage),
                    Err(fault) => return Err(fault),
                }
            }
            if rows.is_empty() || !taken.is_empty() {
                break;
            }
        }
        taken.sort_by_key(|taken| taken.certificate.intended_at);
        Ok(taken)
    }
}

impl Take {
    async fn take(&self, connection: &mut Connection) -> Result<Vec<Row>, StoreFault> {
        sqlx::query(TAKE)
            .bind(self.now.as_micros())
            .bind(self.lease_until.as_micros())
            .bind(i64::from(self.limit))
            .bind(self.now.saturating_add(LEASED_AT_MOST).as_micros())
            .fetch_all(connection)
            .await
            .map_err(fault("taking unfinished orders"))
    }
}

/// Prolongs the lease of one order.
pub(super) struct Hold {
    pub(super) order: OrderId,
    pub(super) lease_epoch: i64,
    pub(super) lease_until: Timestamp,
}

/// An order that is locked is passed over: it is being recorded or given up, and whoever does so locks its device first.
pub(super) const HOLD: batch::Script = script!(
    @order "$1";
    concat!(
        "UPDATE issuance_order SET lease_until = $3
         WHERE id = (SELECT o.id FROM issuance_order o
                     WHERE o.id = $1 AND o.lease_epoch = $2 AND o.state = 'open'",
        skip_locked!("o"),
        ")"
    )
);

#[async_trait]
impl Keep for Hold {
    /// Nothing to tell: whoever lost a lease learns it when it records.
    type Verdict = ();

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        let query = HOLD
            .query()
            .bind(self.order.octets().as_slice())
            .bind(self.lease_epoch)
            .bind(self.lease_until.as_micros());
        Some(Ok(query))
    }

    fn verdict(&self, _written: u64) -> Result<(), StoreFault> {
        Ok(())
    }
}

/// Says that an unfinished order cannot be read. Its lease ends, and it is tried again.
pub(super) fn pass_over(damage: &StoreFault) {
    tracing::error!(
        fault = damage as &dyn std::error::Error,
        "an unfinished order cannot be read"
    );
}

async fn read(taken: &Row, connection: &mut Connection) -> Result<Taken, StoreFault> {
    let cells = Cells::of(taken, "issuance_order");
    let id: OrderId = Cells::of(taken, "issuance_order").id()?;
    let row = sqlx::query(READ)
        .bind(id.octets().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(fault("reading an unfinished order"))?;
    let row = row.ok_or_else(|| cells.damaged("a row it refers to is not there"))?;
    let mut cells = Cells::of(&row, "issuance_order");
    Ok(Taken {
        order: order::read(&mut cells)?,
        certificate: certificate::read(&mut cells)?,
        device: device::read(&mut cells)?,
        organization: {
            cells.enter("organization");
            cells.word()?
        },
        may_sign: cells.truth()?,
    })
}

/// Gives an intent up.
pub(super) struct Abandon {
    pub(super) certificate: CertificateId,
    pub(super) order: OrderId,
    pub(super) lease_epoch: i64,
    pub(super) slug: &'static str,
    pub(super) journal: JournalRow,
}

macro_rules! abandoned {
    () => {
        concat!(
            held!(),
            " AND EXISTS (SELECT 1 FROM certificate r WHERE r.id = $1 AND r.state = 'revoked')"
        )
    };
}

/// The intent keeps its bytes: they may have been signed.
pub(super) const ABANDON: batch::Script = script!(
    @lock lock_device!();
    @lock lock_order!();
    concat!(
        "UPDATE certificate
         SET state = 'revoked', revoked_at = $4, revoked_reason = $5
         WHERE id = $1 AND ",
        is_state!("intended"),
        " AND ",
        held!()
    ),
    list_revoked!(abandoned!()),
    mark_shard!(abandoned!()),
    raise_if_unfinished!(abandoned!()),
    journal_row!(
        [
            "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16", "$17"
        ],
        abandoned!()
    ),
    concat!(
        "UPDATE issuance_order SET state = 'failed', failure = $6
         WHERE id = $2 AND state = 'open' AND ",
        abandoned!()
    )
);

#[async_trait]
impl Keep for Abandon {
    /// Nothing to tell: where somebody else finished the order, there is nothing to give up.
    type Verdict = ();

    async fn keep(&self, connection: &mut Connection) -> Result<(), StoreFault> {
        let during = "giving an intent up";
        let query = ABANDON
            .query()
            .bind(self.certificate.octets().as_slice())
            .bind(self.order.octets().as_slice())
            .bind(self.lease_epoch)
            .bind(self.journal.event.at.as_micros())
            .bind(RevocationReason::Unspecified.slug())
            .bind(self.slug);
        match batch::run(&ABANDON, journal::bind(query, &self.journal), during, connection).await? {
            // Certificate, list, shard, line, journal, order.
            0 | 6 => Ok(()),
            rows => Err(miscounted(during, rows)),
        }
    }
}
