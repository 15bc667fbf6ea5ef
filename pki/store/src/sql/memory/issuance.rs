// SPDX-License-Identifier: Apache-2.0
//! What the hand asks.

use async_trait::async_trait;
use tamga_registry::certificate::CertificateRecord;
use tamga_registry::id::{CertificateId, OrderId};
use tamga_registry::journal::JournalRow;
use tamga_registry::order::Order;
use tamga_registry::store::{Finish, Intent, IntentVerdict, Issuance, Record, RecordVerdict, StoreFault};
use tamga_x509::time::Timestamp;

use super::super::unfinished::{self, Abandon, Hold, Take};
use super::super::{certificate, order};
use super::{Memory, within};

#[async_trait]
impl Issuance for Memory {
    async fn keep_intents(&self, rows: Vec<Intent>) -> Result<Vec<IntentVerdict>, StoreFault> {
        self.writer.keep(rows).await
    }

    async fn keep_records(&self, rows: Vec<Record>) -> Result<Vec<RecordVerdict>, StoreFault> {
        self.writer.keep(rows).await
    }

    async fn take_unfinished(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Finish>, StoreFault> {
        let taken = self
            .writer
            .keep_one(Take {
                now,
                lease_until,
                limit,
            })
            .await?;
        let asked = async move {
            let reader = &mut *self.reader().await?;
            let mut finishes = Vec::with_capacity(taken.len());
            for taken in taken {
                let revision = match self.revisions.get(taken.order.revision, reader).await {
                    Ok(revision) => revision,
                    Err(damage @ StoreFault::Damaged { .. }) => {
                        unfinished::pass_over(&damage);
                        continue;
                    }
                    Err(fault) => return Err(fault),
                };
                finishes.push(Finish {
                    revision,
                    order: taken.order,
                    certificate: taken.certificate,
                    device: taken.device,
                    organization: taken.organization,
                    may_sign: taken.may_sign,
                });
            }
            Ok(finishes)
        };
        within(asked).await
    }

    async fn hold_orders(&self, held: Vec<(OrderId, i64)>, lease_until: Timestamp) -> Result<(), StoreFault> {
        let hold = |(order, lease_epoch)| Hold {
            order,
            lease_epoch,
            lease_until,
        };
        self.writer
            .keep(held.into_iter().map(hold).collect())
            .await
            .map(|_| ())
    }

    async fn abandon(
        &self,
        finish: &Finish,
        slug: &'static str,
        journal: JournalRow,
    ) -> Result<(), StoreFault> {
        let (certificate, order) = (finish.certificate.id, finish.order.id);
        let lease_epoch = finish.order.lease_epoch;
        self.writer
            .keep_one(Abandon {
                certificate,
                order,
                lease_epoch,
                slug,
                journal,
            })
            .await
    }

    async fn certificate(&self, id: CertificateId) -> Result<Option<CertificateRecord>, StoreFault> {
        within(async { certificate::find(id, &mut *self.reader().await?).await }).await
    }

    async fn order(&self, id: OrderId) -> Result<Option<(Order, CertificateRecord)>, StoreFault> {
        within(order::find(id, &self.questions)).await
    }
}
