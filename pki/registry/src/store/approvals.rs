// SPDX-License-Identifier: Apache-2.0
//! What approvals ask of memory.

use async_trait::async_trait;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::approval::{Approval, Fate, Standing};
use crate::id::{AccountId, ApprovalId, IssuerId, OrganizationId};
use crate::issuer::IssuerState;
use crate::journal::JournalRow;
use crate::page::Page;
use crate::role::{Assignment, Role};

/// A person who has a role, and a way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonWithRole {
    /// Who.
    pub person: AccountId,
    /// The role.
    pub role: Role,
    /// What the credential they come in by leaves them.
    pub limit: Assignment,
}

/// What is read of approvals.
#[async_trait]
pub trait Approvals: Send + Sync {
    /// An approval of an organization.
    async fn approval(
        &self,
        organization: OrganizationId,
        id: ApprovalId,
    ) -> Result<Option<Approval>, StoreFault>;

    /// A page of the approvals of an organization that stand so now.
    async fn approvals(
        &self,
        organization: OrganizationId,
        (standing, now): (Option<Standing>, Timestamp),
        page: &Page,
    ) -> Result<Vec<Approval>, StoreFault>;

    /// The persons who have a role that was given in this organization, and may come in now: each role with each token or
    /// certificate that is good.
    async fn persons_with_roles(
        &self,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<PersonWithRole>, StoreFault>;
}

/// What an open change does with approvals, and with what only they allow.
#[async_trait]
pub trait ApprovalChange: Send {
    /// Writes down what is asked.
    async fn add_approval(&mut self, approval: &Approval) -> Result<(), StoreFault>;

    /// Settles an approval that waits and has not expired at the moment of the decision. False otherwise: of two that
    /// settle one at once, one does.
    async fn settle_approval(
        &mut self,
        organization: OrganizationId,
        id: ApprovalId,
        fate: &Fate,
    ) -> Result<bool, StoreFault>;

    /// Gives an issuer another state, if it is still of this generation; whatever was judged by it and is not yet kept is
    /// judged again. False when it is of another.
    async fn set_issuer_state(
        &mut self,
        issuer: (IssuerId, i64),
        state: IssuerState,
    ) -> Result<bool, StoreFault>;

    /// Writes this row into the journal as well, when the change is kept.
    fn journal_also(&mut self, row: JournalRow);
}
