// SPDX-License-Identifier: Apache-2.0
//! Approvals: an act that wants a second person is written down, shown to another, and done when that one says so, in
//! the same transaction.

use std::time::Duration;

use tamga_registry::approval::{Approval, Fate, Standing};
use tamga_registry::id::ApprovalId;
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::role::Permission;

use super::Administration;
use crate::guard::{Caller, Permit};
use crate::refusal::{Failure, Refusal};

mod asked;
mod decide;
mod second;
pub(crate) use asked::{Asked, Bulk, Compromise, NO_GENERATION, Named};

/// When a second person is wanted, and for how long one is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalRules {
    /// When.
    pub wanted: Wanted,
    /// For how long.
    pub lifetime: Duration,
    /// A revocation of more certificates than this wants one.
    pub revocations_above: u64,
    /// A revocation is not asked where more devices than this would have to be looked at to count its certificates: who
    /// asks waits for the count.
    pub counted_at_most: u64,
    /// A revocation of many certificates is done after a walk that began so much later than its query's last instant: what
    /// was intended by then is kept by now. Longer than a batch of intents waits for its commit and clocks differ.
    pub settles_within: Duration,
}

/// When a second person is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// As soon as there is another one who could approve.
    WhenPossible,
    /// Always: where there is nobody, nothing is done.
    Always,
    /// Never.
    Never,
}

impl Default for ApprovalRules {
    fn default() -> Self {
        Self {
            wanted: Wanted::WhenPossible,
            lifetime: Duration::from_hours(72),
            revocations_above: 100,
            counted_at_most: 100_000,
            settles_within: Duration::from_secs(10),
        }
    }
}

/// What became of an act that may want a second person.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It is done.
    Done(T),
    /// It waits for somebody to approve it.
    Waits(Box<Approval>),
}

impl Administration {
    /// A page of the approvals of an organization that stand so.
    pub async fn approvals(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (standing, page): (Option<Standing>, &Page),
    ) -> Result<Vec<Approval>, Failure> {
        self.witnessed(
            caller,
            Permission::ApprovalRead,
            organization.to_string(),
            async {
                let (here, _) = self.enter(caller, Permission::ApprovalRead, organization).await?;
                let asked = (standing, self.means.now());
                Ok(self.means.store.approvals(here.id, asked, page).await?)
            },
        )
        .await
    }

    /// An approval.
    pub async fn approval(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: ApprovalId,
    ) -> Result<Approval, Failure> {
        self.witnessed(caller, Permission::ApprovalRead, id.to_string(), async {
            let (here, _) = self.enter(caller, Permission::ApprovalRead, organization).await?;
            self.existing_approval(&here, id).await
        })
        .await
    }

    /// Writes down what is asked, for another to approve.
    pub(crate) async fn ask(
        &self,
        caller: &Caller,
        (permit, here): (&Permit, &Organization),
        (asked, generation): (&Asked, i64),
    ) -> Result<Box<Approval>, Failure> {
        let now = self.means.now();
        let approval = Approval {
            id: ApprovalId::fresh(now, &*self.means.chance)?,
            organization: here.id,
            asked: asked.act(here.id, generation),
            author: caller.principal.to_string(),
            fate: Fate::Waiting,
            created_at: now,
            expires_at: now.saturating_add(self.approval_rules.lifetime),
        };
        let detail = format!("{} {}", approval.asked.act, approval.asked.object);
        let what = (approval.id.to_string(), Some(detail));
        let act = self.act_called("approval.create", caller, (permit, here), what)?;
        let mut change = self.means.store.change(act).await?;
        change.add_approval(&approval).await?;
        change.keep().await?;
        Ok(Box::new(approval))
    }

    async fn existing_approval(&self, here: &Organization, id: ApprovalId) -> Result<Approval, Failure> {
        let found = self.means.store.approval(here.id, id).await?;
        found.ok_or_else(|| Refusal::NotFound("approval").into())
    }
}
