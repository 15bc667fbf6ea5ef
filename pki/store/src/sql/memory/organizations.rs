// SPDX-License-Identifier: Apache-2.0
//! What the tree of organizations asks.

use async_trait::async_trait;
use tamga_registry::id::OrganizationId;
use tamga_registry::store::{Organizations, StoreFault};

use super::super::organization;
use super::{Memory, within};

#[async_trait]
impl Organizations for Memory {
    async fn organizations_above(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<OrganizationId>, StoreFault> {
        within(async { organization::above(organization, &mut *self.reader().await?).await }).await
    }
}
