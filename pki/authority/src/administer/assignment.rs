// SPDX-License-Identifier: Apache-2.0
//! Roles, given and taken. Nobody gives more than they hold there, nobody gives anything to themselves, and the last
//! administrator of the installation stays.
//!
//! Of the installation is whoever has the role Administrator at the top organization, and may come in. The user who runs
//! the service and root administer it besides, by no role that was given, and by the Unix socket alone: they can always
//! give the first one.

use tamga_registry::account::{Account, GivenRole, Grantee};
use tamga_registry::id::{AccountId, AssignmentId};
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::page::Page;
use tamga_registry::role::{Permission, Role};
use tamga_registry::store::{RoleGiven, RoleTaken, Thing};

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

impl Administration {
    /// Gives a role. It holds in the organization and everywhere below, from the next request on.
    pub async fn give_role(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (grantee, role): (Grantee, Role),
    ) -> Result<GivenRole, Failure> {
        let object = grantee.to_string();
        self.witnessed(caller, Permission::AssignmentCreate, object, async {
            let (here, permit) = self
                .enter(caller, Permission::AssignmentCreate, organization)
                .await?;
            if grantee.principal() == caller.principal {
                return Err(Refusal::OwnRole.into());
            }
            if !caller.holds_all_of(role, &self.line_of(&here).await?) {
                return Err(Refusal::BeyondOwnRights.into());
            }
            if let Grantee::Account(account) = grantee {
                self.seen_account(caller, account).await?;
            }
            let at = self.means.now();
            let given = GivenRole {
                id: AssignmentId::fresh(at, &*self.means.chance)?,
                organization: here.id,
                grantee,
                role,
                created_at: at,
            };
            let detail = (given.id.to_string(), Some(format!("{role} to {grantee}")));
            let act = self.act_that(caller, &permit, &here, detail)?;
            let mut change = self.means.store.change(act).await?;
            match change.give_role(&given).await? {
                RoleGiven::Given => change.keep().await?,
                RoleGiven::Taken => return Err(Refusal::RoleHeld.into()),
            }
            Ok(given)
        })
        .await
    }

    /// A role that was given in an organization.
    pub async fn given_role(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: AssignmentId,
    ) -> Result<GivenRole, Failure> {
        self.witnessed(caller, Permission::AssignmentRead, id.to_string(), async {
            let (here, _) = self
                .enter(caller, Permission::AssignmentRead, organization)
                .await?;
            let given = self.means.store.given_role(here.id, id).await?;
            given.ok_or_else(|| Refusal::NotFound("assignment").into())
        })
        .await
    }

    /// A page of the roles that were given in an organization.
    pub async fn given_roles(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<GivenRole>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::AssignmentRead, object, async {
            let (here, _) = self
                .enter(caller, Permission::AssignmentRead, organization)
                .await?;
            Ok(self.means.store.given_roles(here.id, page).await?)
        })
        .await
    }

    /// Takes a role away, from the next request on.
    pub async fn take_role(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: AssignmentId,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::AssignmentDelete, id.to_string(), async {
            let (here, permit) = self
                .enter(caller, Permission::AssignmentDelete, organization)
                .await?;
            let given = self.means.store.given_role(here.id, id).await?;
            let given = given.ok_or(Refusal::NotFound("assignment"))?;
            let detail = format!("{} of {}", given.role, given.grantee);
            let act = self.act_that(caller, &permit, &here, (id.to_string(), Some(detail)))?;
            let thing = Thing::Assignment(id);
            let mut change = self.change_of(caller, (&here, thing), act).await?;
            match change.take_role(here.id, id).await? {
                RoleTaken::Taken => Ok(change.keep().await?),
                RoleTaken::NoRole => Err(Refusal::NotFound("assignment").into()),
                RoleTaken::LastAdministrator => Err(Refusal::LastAdministrator.into()),
            }
        })
        .await
    }

    /// An account this caller may see, wherever it is. One it may not see is none.
    pub(super) async fn seen_account(&self, caller: &Caller, id: AccountId) -> Result<Account, Failure> {
        let account = self.means.store.account_by_id(id).await?;
        let account = account.ok_or(Refusal::NotFound("account"))?;
        let line = self.line_by_id(account.organization).await?;
        if caller.holds(Permission::AccountRead, &line) {
            Ok(account)
        } else {
            Err(Refusal::NotFound("account").into())
        }
    }
}
