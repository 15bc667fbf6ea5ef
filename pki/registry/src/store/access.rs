// SPDX-License-Identifier: Apache-2.0
//! What access asks of memory: accounts, roles and credentials.

use async_trait::async_trait;
use tamga_x509::certificate::Fingerprint;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::account::{
    Account, AccountName, AccountState, ApiToken, ClientCertificate, GivenRole, Grantee, Holder, Standing,
};
use crate::id::{AccountId, AssignmentId, CertificateId, OrganizationId, TokenId};
use crate::page::Page;

/// A pinned certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCertificate {
    /// It.
    pub certificate: ClientCertificate,
    /// Neither it, where we issued it, nor its key was revoked, and its device, where it is of one, may enroll.
    pub sound: bool,
}

/// What became of an account that was to be enabled or disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountSet {
    /// It is.
    Set,
    /// There is none of that name.
    NoAccount,
    /// Nobody would be left of those who administer the installation by a role they were given. Not to be kept.
    LastAdministrator,
}

/// What became of a role that was to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleGiven {
    /// It is given.
    Given,
    /// They had it there.
    Taken,
}

/// What became of a role that was to be taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleTaken {
    /// It is taken away.
    Taken,
    /// There is none of that id in the organization.
    NoRole,
    /// Nobody would be left of those who administer the installation by a role they were given. Not to be kept.
    LastAdministrator,
}

/// What is read of access. What a change kept is seen by every read that begins after it, on every replica: nothing of
/// this is kept in mind anywhere.
#[async_trait]
pub trait Access: Send + Sync {
    /// An account of an organization.
    async fn account(
        &self,
        organization: OrganizationId,
        name: &AccountName,
    ) -> Result<Option<Account>, StoreFault>;

    /// An account, wherever it is.
    async fn account_by_id(&self, id: AccountId) -> Result<Option<Account>, StoreFault>;

    /// The roles of one grantee, wherever they hold.
    async fn roles_of(&self, grantee: Grantee) -> Result<Vec<GivenRole>, StoreFault>;

    /// A role that was given in an organization.
    async fn given_role(
        &self,
        organization: OrganizationId,
        id: AssignmentId,
    ) -> Result<Option<GivenRole>, StoreFault>;

    /// How whoever proved themselves by a credential stands.
    async fn standing(&self, holder: Holder) -> Result<Standing, StoreFault>;

    /// An API token, good or not.
    async fn api_token(&self, id: TokenId) -> Result<Option<ApiToken>, StoreFault>;

    /// A pinned client certificate.
    async fn client_certificate(
        &self,
        fingerprint: Fingerprint,
    ) -> Result<Option<KnownCertificate>, StoreFault>;

    /// The certificate of an organization with this serial, octet for octet.
    async fn recorded(
        &self,
        organization: OrganizationId,
        serial: &Serial,
        der: &[u8],
    ) -> Result<Option<CertificateId>, StoreFault>;

    /// A page of the accounts of an organization.
    async fn accounts(&self, organization: OrganizationId, page: &Page) -> Result<Vec<Account>, StoreFault>;

    /// A page of the roles that were given in an organization.
    async fn given_roles(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<GivenRole>, StoreFault>;

    /// A page of the tokens that hold in an organization, good or not.
    async fn api_tokens(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<ApiToken>, StoreFault>;

    /// A page of the certificates that are pinned in an organization.
    async fn client_certificates(
        &self,
        organization: OrganizationId,
        page: &Page,
    ) -> Result<Vec<ClientCertificate>, StoreFault>;

    /// Writes down when tokens were last used. An earlier time never replaces a later one.
    async fn note_uses(&self, uses: Vec<(TokenId, Timestamp)>) -> Result<(), StoreFault>;
}

/// What an open change does with access. These steps exclude each other until the change ends.
#[async_trait]
pub trait AccessChange: Send {
    /// Adds an account. False when its name is taken.
    async fn add_account(&mut self, account: &Account) -> Result<bool, StoreFault>;

    /// Enables or disables an account.
    async fn set_account_state(
        &mut self,
        organization: OrganizationId,
        name: &AccountName,
        state: AccountState,
    ) -> Result<AccountSet, StoreFault>;

    /// Gives a role.
    async fn give_role(&mut self, given: &GivenRole) -> Result<RoleGiven, StoreFault>;

    /// Takes a role away.
    async fn take_role(
        &mut self,
        organization: OrganizationId,
        id: AssignmentId,
    ) -> Result<RoleTaken, StoreFault>;

    /// Adds a token.
    async fn add_api_token(&mut self, token: &ApiToken) -> Result<(), StoreFault>;

    /// Revokes a token; one that is revoked keeps its date. False when there is none of that id in the organization.
    async fn revoke_api_token(
        &mut self,
        organization: OrganizationId,
        id: TokenId,
        at: Timestamp,
    ) -> Result<bool, StoreFault>;

    /// Pins a client certificate. False when it proves somebody already.
    async fn pin_client_certificate(&mut self, pinned: &ClientCertificate) -> Result<bool, StoreFault>;

    /// Lets a pinned certificate prove nobody. False when it is pinned nowhere in the organization.
    async fn unpin_client_certificate(
        &mut self,
        organization: OrganizationId,
        fingerprint: Fingerprint,
    ) -> Result<bool, StoreFault>;
}
