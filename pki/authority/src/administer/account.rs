// SPDX-License-Identifier: Apache-2.0
//! Accounts: people and programs that come to the admin plane, and whether they may.

use tamga_registry::account::{Account, AccountKind, AccountName, AccountState};
use tamga_registry::id::AccountId;
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::page::Page;
use tamga_registry::role::Permission;
use tamga_registry::store::{AccountSet, Thing};

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

impl Administration {
    /// Makes an account. It has no role and no credential yet.
    pub async fn create_account(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (name, kind): (AccountName, AccountKind),
    ) -> Result<Account, Failure> {
        let object = name.to_string();
        self.witnessed(caller, Permission::AccountCreate, object, async {
            let (here, permit) = self
                .enter(caller, Permission::AccountCreate, organization)
                .await?;
            let at = self.means.now();
            let account = Account {
                id: AccountId::fresh(at, &*self.means.chance)?,
                organization: here.id,
                name,
                kind,
                state: AccountState::Enabled,
                generation: crate::enroll::FIRST_GENERATION,
                created_at: at,
            };
            let act = self.act(caller, &permit, &here, account.id.to_string())?;
            let mut change = self.means.store.change(act).await?;
            if !change.add_account(&account).await? {
                return Err(Refusal::NameTaken("account").into());
            }
            change.keep().await?;
            Ok(account)
        })
        .await
    }

    /// An account.
    pub async fn account(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &AccountName,
    ) -> Result<Account, Failure> {
        let object = name.to_string();
        self.witnessed(caller, Permission::AccountRead, object, async {
            let (here, _) = self.enter(caller, Permission::AccountRead, organization).await?;
            let account = self.means.store.account(here.id, name).await?;
            account.ok_or_else(|| Refusal::NotFound("account").into())
        })
        .await
    }

    /// A page of the accounts of an organization.
    pub async fn accounts(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<Account>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::AccountRead, object, async {
            let (here, _) = self.enter(caller, Permission::AccountRead, organization).await?;
            Ok(self.means.store.accounts(here.id, page).await?)
        })
        .await
    }

    /// Enables or disables an account. Its next request, on whatever process, is judged by it.
    pub async fn set_account_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &AccountName,
        state: AccountState,
    ) -> Result<(), Failure> {
        let object = name.to_string();
        self.witnessed(caller, Permission::AccountUpdate, object, async {
            let (here, permit) = self
                .enter(caller, Permission::AccountUpdate, organization)
                .await?;
            let detail = (name.to_string(), Some(state.word().to_owned()));
            let act = self.act_that(caller, &permit, &here, detail)?;
            let thing = Thing::Account(name.clone());
            let mut change = self.change_of(caller, (&here, thing), act).await?;
            match change.set_account_state(here.id, name, state).await? {
                AccountSet::Set => Ok(change.keep().await?),
                AccountSet::NoAccount => Err(Refusal::NotFound("account").into()),
                AccountSet::LastAdministrator => Err(Refusal::LastAdministrator.into()),
            }
        })
        .await
    }
}
