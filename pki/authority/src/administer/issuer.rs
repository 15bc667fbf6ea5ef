// SPDX-License-Identifier: Apache-2.0
//! Issuers, as operators see them.

use std::sync::Arc;

use tamga_registry::device::RegistrationId;
use tamga_registry::issuer::UsableIssuer;
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::page::Page;
use tamga_registry::role::Permission;

use super::Administration;
use crate::guard::Caller;
use crate::policy::chain_of;
use crate::refusal::{Failure, Refusal};

/// An issuer, with the certificates that follow what it issues: its own first, its root last.
pub type ChainedIssuer = (UsableIssuer, Vec<Arc<[u8]>>);

impl Administration {
    /// A page of the issuers an organization may use.
    pub async fn issuers(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<UsableIssuer>, Failure> {
        self.witnessed(caller, Permission::IssuerRead, organization.to_string(), async {
            let (here, _) = self.enter(caller, Permission::IssuerRead, organization).await?;
            Ok(self.means.store.usable_issuers(here.id, page).await?)
        })
        .await
    }

    /// An issuer the organization may use.
    pub async fn issuer(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<ChainedIssuer, Failure> {
        self.witnessed(caller, Permission::IssuerRead, name.to_string(), async {
            let (here, _) = self.enter(caller, Permission::IssuerRead, organization).await?;
            let found = self.means.store.usable_issuer(here.id, name).await?;
            let found = found.ok_or(Refusal::NotFound("issuer"))?;
            let chain = chain_of(&*self.means.store, &found.issuer).await?;
            Ok((found, chain))
        })
        .await
    }
}
