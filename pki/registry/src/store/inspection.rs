// SPDX-License-Identifier: Apache-2.0
//! What an inspection asks: one view of everything at one instant, its laws, and its rows page by page.

use async_trait::async_trait;

use super::StoreFault;
use crate::inspection::{
    AskedAt, Assertion, Given, KeptCertificate, KeptInstallation, KeptIssuer, KeptList, KeptRevision,
    KeptRevocation, ListKey,
};

/// Memory that can be inspected, while it is in use.
#[async_trait]
pub trait Inspection: Send + Sync {
    /// Opens a view. It shows everything that was kept before, and nothing that is kept later.
    ///
    /// Nobody waits for it and it waits for nobody; but memory cannot tidy up behind it, so do not keep it open.
    async fn inspect(&self) -> Result<Box<dyn View>, StoreFault>;
}

/// All that memory holds, as of one instant. It reads, and never writes. Pages follow the order of their keys.
#[async_trait]
pub trait View: Send {
    /// The laws that memory checks of itself.
    fn assertions(&self) -> Vec<&'static Assertion>;

    /// The keys of those who break an assertion of this view, lowest first.
    async fn offenders(
        &mut self,
        assertion: &'static Assertion,
        asked: AskedAt,
    ) -> Result<Vec<Vec<u8>>, StoreFault>;

    /// The installation; none where none was made.
    async fn installation(&mut self) -> Result<Option<KeptInstallation>, StoreFault>;

    /// Every issuer. They are few.
    async fn issuers(&mut self) -> Result<Vec<KeptIssuer>, StoreFault>;

    /// Every revision of every profile. They are few.
    async fn revisions(&mut self) -> Result<Vec<KeptRevision>, StoreFault>;

    /// How many certificates and intents there are.
    async fn certificate_count(&mut self) -> Result<u64, StoreFault>;

    /// Certificates and intents after this key, at most `limit`; an empty page ends them.
    async fn certificates(&mut self, after: &[u8], limit: u32) -> Result<Vec<KeptCertificate>, StoreFault>;

    /// The names of all lists and intents of lists, by issuer, shard and number. At most three or so a shard are kept.
    async fn list_keys(&mut self) -> Result<Vec<ListKey>, StoreFault>;

    /// One of them.
    async fn list(&mut self, key: &ListKey) -> Result<Option<KeptList>, StoreFault>;

    /// Revocations of a shard after this serial number, at most `limit`; an empty page ends them.
    async fn revocations(
        &mut self,
        of: &ListKey,
        after: &[u8],
        limit: u32,
    ) -> Result<Vec<KeptRevocation>, StoreFault>;

    /// Who gave this serial number.
    async fn given(&mut self, serial: &[u8]) -> Result<Option<Given>, StoreFault>;
}
