// SPDX-License-Identifier: Apache-2.0
//! What goes on a CRL, and the state of a CRL shard: its marks, its numbers, its published list.

use tamga_x509::time::Timestamp;

use crate::id::IssuerId;

/// Names one CRL shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShardId {
    /// The issuer.
    pub issuer: IssuerId,
    /// Counts from 0.
    pub shard: u32,
}

/// The right to publish one shard's next list, until it ends or another takes it over.
///
/// Every write under it names its epoch; a holder that lost it writes nothing.
#[derive(Debug, Clone)]
pub struct PublicationLease {
    /// The shard.
    pub shard: ShardId,
    /// The fencing epoch.
    pub epoch: i64,
    /// The number of the next list: taken, never given twice.
    pub number: u64,
    /// The shard's marks when the lease was taken: every revocation behind them is seen by reads from now on.
    pub marks: i64,
    /// `thisUpdate` of the list published before, if any. Entries that expired before it were listed on it, after
    /// their expiry, and may go (RFC 5280 §3.3).
    pub previous_update: Option<Timestamp>,
}

/// A list as it is served.
#[derive(Debug, Clone)]
pub struct PublishedList {
    /// Its CRL number.
    pub number: u64,
    /// The list.
    pub der: Vec<u8>,
    /// Its `thisUpdate`.
    pub this_update: Timestamp,
    /// Its `nextUpdate`.
    pub next_update: Timestamp,
    /// When the following list is planned.
    pub due_at: Timestamp,
}

/// How far a shard's published list is behind; what readiness and metrics look at.
#[derive(Debug, Clone)]
pub struct ShardHealth {
    /// The shard.
    pub shard: ShardId,
    /// Whether revocations wait for a list.
    pub dirty: bool,
    /// The published list's times, if there is one.
    pub published: Option<(Timestamp, Timestamp)>,
}
