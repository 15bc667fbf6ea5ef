// SPDX-License-Identifier: Apache-2.0
//! What the duty `publish` and the status plane ask: which shards are due, what stands on them, what is published.

use async_trait::async_trait;
use tamga_x509::crl::RevokedEntry;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::id::IssuerId;
use crate::issuer::Issuer;
use crate::journal::JournalRow;
use crate::revocation::{PublicationLease, PublishedList, ShardHealth, ShardId};

/// A list about to be signed: kept before the signature.
#[derive(Debug, Clone)]
pub struct ListIntent {
    /// SHA-256 of its to-be-signed bytes.
    pub tbs_hash: [u8; 32],
    /// How many entries it has.
    pub entries: u64,
    /// Its `thisUpdate`.
    pub this_update: Timestamp,
    /// Its `nextUpdate`.
    pub next_update: Timestamp,
}

/// What publication asks of memory.
#[async_trait]
pub trait Publication: Send + Sync {
    /// Shards with revocations no list covers, whose planned list is due, or whose published list is of the future, for
    /// the clock stepped back. Selected as «everything not proven fresh».
    async fn shards_due(&self, now: Timestamp) -> Result<Vec<ShardId>, StoreFault>;

    /// Takes the right to publish a shard's next list and its number; `None` while another holds it. A lease that ends
    /// more than 5 minutes after `now` has ended: the clock stepped back since.
    async fn lease_shard(
        &self,
        shard: ShardId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<PublicationLease>, StoreFault>;

    /// A page of a shard's revoked certificates in ascending serial order, after a serial; those that expired before
    /// `listed_since` are left out. An empty page ends the list.
    ///
    /// What expires after now must never be left out: hand in the earlier of the previous list's `thisUpdate` and that
    /// of the list being built, for the previous one may be of the future when the clock stepped back.
    async fn revoked_page(
        &self,
        shard: ShardId,
        after: Option<Serial>,
        listed_since: Option<Timestamp>,
    ) -> Result<Vec<RevokedEntry>, StoreFault>;

    /// Keeps what is about to be signed. False when the lease is lost: then nothing may be signed.
    async fn keep_list_intent(
        &self,
        lease: &PublicationLease,
        intent: &ListIntent,
    ) -> Result<bool, StoreFault>;

    /// Keeps a signed list that was read back and checked, and moves the shard's pointer to it. False when the lease
    /// is lost or a later list is published: then the pointer stays. Forgets entries that the list before named after
    /// their expiry.
    async fn publish_list(
        &self,
        lease: &PublicationLease,
        der: Vec<u8>,
        due_at: Timestamp,
        journal: JournalRow,
    ) -> Result<bool, StoreFault>;

    /// Ends a lease early, so that the next attempt need not wait for its end. Does nothing when another took it over.
    async fn release_shard(&self, lease: &PublicationLease) -> Result<(), StoreFault>;

    /// The number of the list a shard's pointer names.
    async fn published_number(&self, shard: ShardId) -> Result<Option<u64>, StoreFault>;

    /// The list a shard's pointer names.
    async fn published_list(&self, shard: ShardId) -> Result<Option<PublishedList>, StoreFault>;

    /// Every issuer of the installation.
    async fn issuers(&self) -> Result<Vec<Issuer>, StoreFault>;

    /// One issuer.
    async fn issuer(&self, id: IssuerId) -> Result<Option<Issuer>, StoreFault>;

    /// How far every shard of every issuer is behind.
    async fn shard_health(&self) -> Result<Vec<ShardHealth>, StoreFault>;
}
