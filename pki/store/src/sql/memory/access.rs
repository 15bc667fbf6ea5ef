// SPDX-License-Identifier: Apache-2.0
//! What access asks, and the steps of a change that concern it.

use async_trait::async_trait;
use futures::future::BoxFuture;
use tamga_registry::account::{
    Account, AccountName, AccountState, ApiToken, ClientCertificate, GivenRole, Grantee, Holder, Standing,
};
use tamga_registry::id::{AccountId, AssignmentId, CertificateId, OrganizationId, TokenId};
use tamga_registry::page::Page;
use tamga_registry::store::{
    Access, AccessChange, AccountSet, KnownCertificate, RoleGiven, RoleTaken, StoreFault,
};
use tamga_x509::certificate::Fingerprint;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::super::{Connection, account, credential, locks, station};
use super::change::OpenChange;
use super::{Memory, within};

#[async_trait]
impl Access for Memory {
    async fn account(
        &self,
        organization: OrganizationId,
        name: &AccountName,
    ) -> Result<Option<Account>, StoreFault> {
        within(async { account::find(organization, name, &mut *self.reader().await?).await }).await
    }

    async fn account_by_id(&self, id: AccountId) -> Result<Option<Account>, StoreFault> {
        within(async { account::by_id(id, &mut *self.reader().await?).await }).await
    }

    async fn roles_of(&self, grantee: Grantee) -> Result<Vec<GivenRole>, StoreFault> {
        within(async { account::roles_of(grantee, &mut *self.reader().await?).await }).await
    }

    async fn given_role(
        &self,
        organization: OrganizationId,
        id: AssignmentId,
    ) -> Result<Option<GivenRole>, StoreFault> {
        within(async { account::role(organization, id, &mut *self.reader().await?).await }).await
    }

    async fn standing(&self, holder: Holder) -> Result<Standing, StoreFault> {
        match holder {
            Holder::Account(id) => {
                within(async { credential::account_standing(id, &mut *self.reader().await?).await }).await
            }
            Holder::Station(id) => within(station::standing(id, &self.questions)).await,
        }
    }

    async fn api_token(&self, id: TokenId) -> Result<Option<ApiToken>, StoreFault> {
        within(credential::token_shown(id, &self.questions)).await
    }

    async fn client_certificate(
        &self,
        fingerprint: Fingerprint,
    ) -> Result<Option<KnownCertificate>, StoreFault> {
        within(async { credential::certificate(fingerprint, &mut *self.reader().await?).await }).await
    }

    async fn recorded(
        &self,
        organization: OrganizationId,
        serial: &Serial,
        der: &[u8],
    ) -> Result<Option<CertificateId>, StoreFault> {
        within(async { credential::recorded(organization, serial, der, &mut *self.reader().await?).await })
            .await
    }

    async fn accounts(&self, organization: OrganizationId, page: &Page) -> Result<Vec<Account>, StoreFault> {
        within(async { account::page(organization, page, &mut *self.reader().await?).await }).await
    }

    async fn given_roles(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<GivenRole>, StoreFault> {
        within(async { account::role_page(organization, page, &mut *self.reader().await?).await }).await
    }

    async fn api_tokens(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<ApiToken>, StoreFault> {
        within(async { credential::token_page(organization, page, &mut *self.reader().await?).await }).await
    }

    async fn client_certificates(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<ClientCertificate>, StoreFault> {
        within(async { credential::certificate_page(organization, page, &mut *self.reader().await?).await })
            .await
    }

    async fn note_uses(&self, uses: Vec<(TokenId, Timestamp)>) -> Result<(), StoreFault> {
        let rows = uses
            .into_iter()
            .map(|(token, at)| credential::TokenUse { token, at });
        self.writer.keep(rows.collect()).await.map(|_| ())
    }
}

impl OpenChange {
    /// Does a step that changes access: nobody else changes any meanwhile.
    async fn change_access<T, W>(&mut self, work: W) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, StoreFault>> + Send + 'static,
    {
        self.step(move |connection| {
            Box::pin(async move {
                locks::access(connection).await?;
                work(connection).await
            })
        })
        .await
    }
}

#[async_trait]
impl AccessChange for OpenChange {
    async fn add_account(&mut self, account: &Account) -> Result<bool, StoreFault> {
        let row = account.clone();
        self.change_access(move |connection| Box::pin(async move { account::add(&row, connection).await }))
            .await
    }

    async fn set_account_state(
        &mut self,
        organization: OrganizationId,
        name: &AccountName,
        state: AccountState,
    ) -> Result<AccountSet, StoreFault> {
        let name = name.clone();
        self.change_access(move |connection| {
            Box::pin(async move { account::set_state(organization, &name, state, connection).await })
        })
        .await
    }

    async fn give_role(&mut self, given: &GivenRole) -> Result<RoleGiven, StoreFault> {
        let row = given.clone();
        self.change_access(move |connection| Box::pin(async move { account::give(&row, connection).await }))
            .await
    }

    async fn take_role(
        &mut self,
        organization: OrganizationId,
        id: AssignmentId,
    ) -> Result<RoleTaken, StoreFault> {
        self.change_access(move |connection| Box::pin(account::take(organization, id, connection)))
            .await
    }

    async fn add_api_token(&mut self, token: &ApiToken) -> Result<(), StoreFault> {
        let row = token.clone();
        self.change_access(move |connection| {
            Box::pin(async move { credential::add_token(&row, connection).await })
        })
        .await
    }

    async fn revoke_api_token(
        &mut self,
        organization: OrganizationId,
        id: TokenId,
        at: Timestamp,
    ) -> Result<bool, StoreFault> {
        self.change_access(move |connection| {
            Box::pin(credential::revoke_token(organization, id, at, connection))
        })
        .await
    }

    async fn pin_client_certificate(&mut self, pinned: &ClientCertificate) -> Result<bool, StoreFault> {
        let row = pinned.clone();
        self.change_access(move |connection| Box::pin(async move { credential::pin(&row, connection).await }))
            .await
    }

    async fn unpin_client_certificate(
        &mut self,
        organization: OrganizationId,
        fingerprint: Fingerprint,
    ) -> Result<bool, StoreFault> {
        self.change_access(move |connection| {
            Box::pin(credential::unpin(organization, fingerprint, connection))
        })
        .await
    }
}
