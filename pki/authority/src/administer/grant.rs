// SPDX-License-Identifier: Apache-2.0
//! Grants: an organization lets one below it use an issuer, a profile or a trust anchor of its own, and takes that back.

use tamga_registry::grant::{Grant, GrantName};
use tamga_registry::id::OrganizationId;
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::role::Permission;
use tamga_registry::store::{GrantGiven, GrantOf, GrantTaken};

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

impl Administration {
    /// Lets an organization below use something of this one.
    pub async fn give_grant(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: GrantName,
    ) -> Result<Grant, Failure> {
        self.witnessed(caller, Permission::GrantCreate, name.to_string(), async {
            let (here, permit) = self.enter(caller, Permission::GrantCreate, organization).await?;
            let to = self
                .below(&here, &name.to)
                .await?
                .ok_or_else(|| Refusal::Invalid {
                    field: "to",
                    reason: "name an organization below this one".to_owned(),
                })?;
            let now = self.means.now();
            let act = self.act(caller, &permit, &here, name.to_string())?;
            let mut change = self.means.store.change(act).await?;
            match change.give_grant(&grant_of(&here, &name, to), now).await? {
                GrantGiven::Given => {}
                GrantGiven::Held => return Err(Refusal::GrantHeld.into()),
                GrantGiven::NothingThere => return Err(Refusal::NotFound(name.kind.word()).into()),
            }
            change.keep().await?;
            self.policies.refresh_soon().await;
            Ok(Grant {
                name,
                created_at: now,
            })
        })
        .await
    }

    /// Takes a grant back that nothing refers to. What was issued by it stays.
    pub async fn take_grant(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &GrantName,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::GrantDelete, name.to_string(), async {
            let (here, permit) = self.enter(caller, Permission::GrantDelete, organization).await?;
            let to = self.below(&here, &name.to).await?.ok_or(NO_GRANT)?;
            let act = self.act(caller, &permit, &here, name.to_string())?;
            let mut change = self.means.store.change(act).await?;
            match change.take_grant(&grant_of(&here, name, to)).await? {
                GrantTaken::Taken => {}
                GrantTaken::NoGrant => return Err(NO_GRANT.into()),
                GrantTaken::InUse(by) => return Err(Refusal::GrantInUse(by).into()),
            }
            change.keep().await?;
            self.policies.refresh_soon().await;
            Ok(())
        })
        .await
    }

    /// A page of the grants an organization gave.
    pub async fn grants(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<Grant>, Failure> {
        self.witnessed(caller, Permission::GrantRead, organization.to_string(), async {
            let (here, _) = self.enter(caller, Permission::GrantRead, organization).await?;
            Ok(self.means.store.grants(here.id, page).await?)
        })
        .await
    }

    /// A grant an organization gave.
    pub async fn grant(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &GrantName,
    ) -> Result<Grant, Failure> {
        self.witnessed(caller, Permission::GrantRead, name.to_string(), async {
            let (here, _) = self.enter(caller, Permission::GrantRead, organization).await?;
            let found = self.means.store.grant(here.id, name).await?;
            found.ok_or_else(|| NO_GRANT.into())
        })
        .await
    }

    /// An organization below another; to whoever asks there, one elsewhere is none.
    async fn below(
        &self,
        here: &Organization,
        slug: &OrganizationSlug,
    ) -> Result<Option<OrganizationId>, Failure> {
        let Some(found) = self.means.store.organization(slug).await? else {
            return Ok(None);
        };
        let line = self.line_of(&found).await?;
        Ok((found.id != here.id && line.contains(&here.id)).then_some(found.id))
    }
}

fn grant_of(here: &Organization, name: &GrantName, to: OrganizationId) -> GrantOf {
    GrantOf {
        owner: here.id,
        kind: name.kind,
        thing: name.thing.clone(),
        to,
    }
}

const NO_GRANT: Refusal = Refusal::NotFound("grant");
