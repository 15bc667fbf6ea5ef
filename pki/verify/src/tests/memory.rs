// SPDX-License-Identifier: Apache-2.0
//! Memory in memory: rows as a test puts them, and no laws of its own.

use std::collections::BTreeMap;

use async_trait::async_trait;
use tamga_registry::inspection::{
    AskedAt, Assertion, Given, KeptCertificate, KeptInstallation, KeptIssuer, KeptList, KeptRevision,
    KeptRevocation, ListKey,
};
use tamga_registry::store::{Inspection, StoreFault, View};

/// Rows.
#[derive(Clone)]
pub(super) struct Rows {
    pub(super) installation: Option<KeptInstallation>,
    pub(super) issuers: Vec<KeptIssuer>,
    pub(super) revisions: Vec<KeptRevision>,
    pub(super) certificates: Vec<KeptCertificate>,
    pub(super) lists: Vec<KeptList>,
    pub(super) revocations: Vec<KeptRevocation>,
    /// By serial number.
    pub(super) given: BTreeMap<Vec<u8>, Given>,
}

#[async_trait]
impl Inspection for Rows {
    async fn inspect(&self) -> Result<Box<dyn View>, StoreFault> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl View for Rows {
    fn assertions(&self) -> Vec<&'static Assertion> {
        Vec::new()
    }

    async fn offenders(&mut self, _: &'static Assertion, _: AskedAt) -> Result<Vec<Vec<u8>>, StoreFault> {
        Ok(Vec::new())
    }

    async fn installation(&mut self) -> Result<Option<KeptInstallation>, StoreFault> {
        Ok(self.installation.clone())
    }

    async fn issuers(&mut self) -> Result<Vec<KeptIssuer>, StoreFault> {
        Ok(self.issuers.clone())
    }

    async fn revisions(&mut self) -> Result<Vec<KeptRevision>, StoreFault> {
        Ok(self.revisions.clone())
    }

    async fn certificate_count(&mut self) -> Result<u64, StoreFault> {
        Ok(u64::try_from(self.certificates.len()).unwrap())
    }

    async fn certificates(&mut self, after: &[u8], _: u32) -> Result<Vec<KeptCertificate>, StoreFault> {
        // Pages of one: the course must go on.
        let next = self.certificates.iter().find(|row| row.id.as_slice() > after);
        Ok(next.cloned().into_iter().collect())
    }

    async fn list_keys(&mut self) -> Result<Vec<ListKey>, StoreFault> {
        let key = |list: &KeptList| ListKey {
            issuer: list.issuer.clone(),
            shard: list.shard,
            number: list.number,
        };
        Ok(self.lists.iter().map(key).collect())
    }

    async fn list(&mut self, key: &ListKey) -> Result<Option<KeptList>, StoreFault> {
        let list = self.lists.iter().find(|list| {
            (list.issuer.as_slice(), list.shard, list.number)
                == (key.issuer.as_slice(), key.shard, key.number)
        });
        Ok(list.cloned())
    }

    async fn revocations(
        &mut self,
        _: &ListKey,
        after: &[u8],
        _: u32,
    ) -> Result<Vec<KeptRevocation>, StoreFault> {
        let next = self.revocations.iter().find(|row| row.serial.as_slice() > after);
        Ok(next.cloned().into_iter().collect())
    }

    async fn given(&mut self, serial: &[u8]) -> Result<Option<Given>, StoreFault> {
        Ok(self.given.get(serial).cloned())
    }
}
