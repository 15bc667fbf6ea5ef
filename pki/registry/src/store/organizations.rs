// SPDX-License-Identifier: Apache-2.0
//! What the tree of organizations asks of memory.

use async_trait::async_trait;

use super::StoreFault;
use crate::id::OrganizationId;

/// The tree. Organizations never move in it, and none is ever removed.
#[async_trait]
pub trait Organizations: Send + Sync {
    /// Those above an organization, the nearest first.
    async fn organizations_above(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<OrganizationId>, StoreFault>;
}
