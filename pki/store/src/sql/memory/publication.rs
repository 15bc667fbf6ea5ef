// SPDX-License-Identifier: Apache-2.0
//! What the duty `publish` and the status plane ask.

use async_trait::async_trait;
use tamga_registry::id::IssuerId;
use tamga_registry::issuer::Issuer;
use tamga_registry::journal::JournalRow;
use tamga_registry::revocation::{PublicationLease, PublishedList, ShardHealth, ShardId};
use tamga_registry::store::{ListIntent, Publication, StoreFault};
use tamga_x509::crl::RevokedEntry;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::super::list::{KeepIntent, Lease, Publish, Release};
use super::super::{issuer, publication};
use super::{Memory, within};

#[async_trait]
impl Publication for Memory {
    async fn shards_due(&self, now: Timestamp) -> Result<Vec<ShardId>, StoreFault> {
        within(async { publication::due(now, &mut *self.reader().await?).await }).await
    }

    async fn lease_shard(
        &self,
        shard: ShardId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<PublicationLease>, StoreFault> {
        self.writer.keep_one(Lease { shard, now, until }).await
    }

    async fn revoked_page(
        &self,
        shard: ShardId,
        after: Option<Serial>,
        listed_since: Option<Timestamp>,
    ) -> Result<Vec<RevokedEntry>, StoreFault> {
        within(async { publication::page(shard, after, listed_since, &mut *self.reader().await?).await })
            .await
    }

    async fn keep_list_intent(
        &self,
        lease: &PublicationLease,
        intent: &ListIntent,
    ) -> Result<bool, StoreFault> {
        self.writer
            .keep_one(KeepIntent {
                lease: lease.clone(),
                intent: intent.clone(),
            })
            .await
    }

    async fn publish_list(
        &self,
        lease: &PublicationLease,
        der: Vec<u8>,
        due_at: Timestamp,
        journal: JournalRow,
    ) -> Result<bool, StoreFault> {
        self.writer
            .keep_one(Publish {
                lease: lease.clone(),
                der,
                due_at,
                journal,
            })
            .await
    }

    async fn release_shard(&self, lease: &PublicationLease) -> Result<(), StoreFault> {
        self.writer.keep_one(Release { lease: lease.clone() }).await
    }

    async fn published_number(&self, shard: ShardId) -> Result<Option<u64>, StoreFault> {
        within(async { publication::published_number(shard, &mut *self.reader().await?).await }).await
    }

    async fn published_list(&self, shard: ShardId) -> Result<Option<PublishedList>, StoreFault> {
        within(async { publication::published_list(shard, &mut *self.reader().await?).await }).await
    }

    async fn issuers(&self) -> Result<Vec<Issuer>, StoreFault> {
        within(async { issuer::all(&mut *self.reader().await?).await }).await
    }

    async fn issuer(&self, id: IssuerId) -> Result<Option<Issuer>, StoreFault> {
        within(async { issuer::find(id, &mut *self.reader().await?).await }).await
    }

    async fn shard_health(&self) -> Result<Vec<ShardHealth>, StoreFault> {
        within(async { publication::health(&mut *self.reader().await?).await }).await
    }
}
