// SPDX-License-Identifier: Apache-2.0
//! A view for an inspection: one transaction that only reads, over a connection of its own.

use async_trait::async_trait;
use sqlx::{Pool, Transaction};
use tamga_registry::inspection::{
    AskedAt, Assertion, Given, KeptCertificate, KeptInstallation, KeptIssuer, KeptList, KeptRevision,
    KeptRevocation, ListKey,
};
use tamga_registry::store::{Inspection, StoreFault, View};

use super::super::fault::fault;
use super::super::{Db, VIEW, inspection};
use super::{Memory, within};
use crate::laws;

/// Memory that is only inspected: it never writes.
#[derive(Clone, Debug)]
pub struct Archive {
    readers: Pool<Db>,
}

impl Archive {
    pub(in super::super) fn new(readers: Pool<Db>) -> Self {
        Self { readers }
    }

    /// Ends its connections.
    pub async fn close(&self) {
        self.readers.close().await;
    }
}

#[async_trait]
impl Inspection for Archive {
    async fn inspect(&self) -> Result<Box<dyn View>, StoreFault> {
        view(&self.readers).await
    }
}

#[async_trait]
impl Inspection for Memory {
    async fn inspect(&self) -> Result<Box<dyn View>, StoreFault> {
        view(&self.readers).await
    }
}

async fn view(readers: &Pool<Db>) -> Result<Box<dyn View>, StoreFault> {
    let during = "opening a view";
    let opening = async {
        let mut begun = readers.begin_with(begin_view!()).await.map_err(fault(during))?;
        if let Some(settings) = VIEW {
            sqlx::raw_sql(settings)
                .execute(&mut *begun)
                .await
                .map_err(fault(during))?;
        }
        Ok(begun)
    };
    Ok(Box::new(OneInstant(within(opening).await?)))
}

struct OneInstant(Transaction<'static, Db>);

#[async_trait]
impl View for OneInstant {
    fn assertions(&self) -> Vec<&'static Assertion> {
        laws::assertions()
    }

    async fn offenders(
        &mut self,
        assertion: &'static Assertion,
        asked: AskedAt,
    ) -> Result<Vec<Vec<u8>>, StoreFault> {
        inspection::offenders(assertion, asked, &mut self.0).await
    }

    async fn installation(&mut self) -> Result<Option<KeptInstallation>, StoreFault> {
        inspection::installation(&mut self.0).await
    }

    async fn issuers(&mut self) -> Result<Vec<KeptIssuer>, StoreFault> {
        inspection::issuers(&mut self.0).await
    }

    async fn revisions(&mut self) -> Result<Vec<KeptRevision>, StoreFault> {
        inspection::revisions(&mut self.0).await
    }

    async fn certificate_count(&mut self) -> Result<u64, StoreFault> {
        inspection::certificate_count(&mut self.0).await
    }

    async fn certificates(&mut self, after: &[u8], limit: u32) -> Result<Vec<KeptCertificate>, StoreFault> {
        inspection::certificates(after, limit, &mut self.0).await
    }

    async fn list_keys(&mut self) -> Result<Vec<ListKey>, StoreFault> {
        inspection::list_keys(&mut self.0).await
    }

    async fn list(&mut self, key: &ListKey) -> Result<Option<KeptList>, StoreFault> {
        inspection::list(key, &mut self.0).await
    }

    async fn revocations(
        &mut self,
        of: &ListKey,
        after: &[u8],
        limit: u32,
    ) -> Result<Vec<KeptRevocation>, StoreFault> {
        inspection::revocations(of, after, limit, &mut self.0).await
    }

    async fn given(&mut self, serial: &[u8]) -> Result<Option<Given>, StoreFault> {
        inspection::given(serial, &mut self.0).await
    }
}
