// SPDX-License-Identifier: Apache-2.0
//! Approvals: an act that wants a second person is written down, shown to another, and done when that one says so, in
//! the same transaction.

use std::time::Duration;

use tamga_registry::account::{AccountKind, Holder};
use tamga_registry::approval::{Approval, Decision, Fate, Standing};
use tamga_registry::id::ApprovalId;
use tamga_registry::journal::Outcome as Done;
use tamga_registry::mass_revocation::MassRevocation;
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::role::{Permission, Principal};
use tamga_registry::store::Change;
use tamga_x509::certificate::Fingerprint;

use super::Administration;
use crate::guard::{Caller, Permit};
use crate::journal::Happening;
use crate::refusal::{Failure, Refusal};
use crate::tree::Line;

mod asked;
pub(crate) use asked::{Asked, Bulk, Named};

/// When a second person is wanted, and for how long one is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalRules {
    /// When.
    pub wanted: Wanted,
    /// For how long.
    pub lifetime: Duration,
    /// A revocation of more certificates than this wants one.
    pub revocations_above: u64,
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

    /// Approves what somebody else asked for, and does it. `seen` is the digest of what the approver saw.
    pub async fn approve(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (id, seen): (ApprovalId, Fingerprint),
    ) -> Result<Approval, Failure> {
        self.witnessed(caller, Permission::ApprovalDecide, id.to_string(), async {
            let (here, permit) = self
                .enter(caller, Permission::ApprovalDecide, organization)
                .await?;
            let approval = self.existing_approval(&here, id).await?;
            let asked = Asked::read(&approval.asked)?;
            self.may_approve(caller, &here, (&approval, &asked)).await?;
            self.unless_settled(&approval)?;
            let kept = Fingerprint::of(approval.asked.request.as_bytes());
            if kept != approval.asked.digest || kept != seen {
                return Err(Refusal::ApprovalStale.into());
            }
            self.still_fits(&here, &asked).await?;
            let detail = format!("{} {}", approval.asked.act, approval.asked.object);
            let act = self.act_that(caller, &permit, &here, (id.to_string(), Some(detail)))?;
            let fate = Fate::Approved(self.decision(caller));
            let mut change = self.means.store.change(act).await?;
            if !change.settle_approval(here.id, id, &fate).await? {
                return Err(Refusal::ApprovalDecided.into());
            }
            self.perform(&mut *change, (&here, &asked), &approval).await?;
            change.journal_also(self.row_of(caller, (&approval, &asked))?);
            change.keep().await?;
            self.policies.refresh_soon().await;
            Ok(Approval { fate, ..approval })
        })
        .await
    }

    /// Refuses what somebody else asked for.
    pub async fn refuse(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (id, reason): (ApprovalId, String),
    ) -> Result<Approval, Failure> {
        self.witnessed(caller, Permission::ApprovalDecide, id.to_string(), async {
            let (here, permit) = self
                .enter(caller, Permission::ApprovalDecide, organization)
                .await?;
            let approval = self.existing_approval(&here, id).await?;
            if approval.author == caller.principal.to_string() {
                return Err(Refusal::OwnRequest.into());
            }
            let reason = said(reason)?;
            let fate = Fate::Refused {
                decision: self.decision(caller),
                reason,
            };
            self.settle_with(caller, (&permit, &here), approval, fate).await
        })
        .await
    }

    /// Takes back what one asked for oneself.
    pub async fn withdraw(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: ApprovalId,
    ) -> Result<Approval, Failure> {
        self.witnessed(caller, Permission::ApprovalRead, id.to_string(), async {
            let (here, permit) = self.enter(caller, Permission::ApprovalRead, organization).await?;
            let approval = self.existing_approval(&here, id).await?;
            if approval.author != caller.principal.to_string() {
                return Err(Refusal::NotTheAuthor.into());
            }
            let fate = Fate::Withdrawn(self.decision(caller));
            self.settle_with(caller, (&permit, &here), approval, fate).await
        })
        .await
    }

    /// Whether an act of this caller waits for a second person here.
    pub(crate) async fn wants_a_second(
        &self,
        caller: &Caller,
        here: &Organization,
        needed: Permission,
    ) -> Result<bool, Failure> {
        match self.approval_rules.wanted {
            Wanted::Never => Ok(false),
            Wanted::Always => Ok(true),
            Wanted::WhenPossible => self.has_a_second(caller, here, needed).await,
        }
    }

    /// Whether there is another person who could approve: one with the rights it takes, and a credential that is good.
    async fn has_a_second(
        &self,
        caller: &Caller,
        here: &Organization,
        needed: Permission,
    ) -> Result<bool, Failure> {
        let now = self.means.now();
        let mut known: Vec<(tamga_registry::id::AccountId, bool, bool)> = Vec::new();
        for organization in self.line_of(here).await?.iter() {
            for (person, role) in self.means.store.persons_with_roles(*organization, now).await? {
                if caller.principal == Principal::Account(person) {
                    continue;
                }
                let (decides, does) = (role.holds(Permission::ApprovalDecide), role.holds(needed));
                known.push((person, decides, does));
            }
        }
        // One person may have the two rights by two roles.
        Ok(known.iter().any(|(person, decides, _)| {
            let mut own = known.iter().filter(|(other, _, _)| other == person);
            *decides && own.any(|(_, _, does)| *does)
        }))
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

    /// Does what was asked, if what it is about is as it was then.
    async fn perform(
        &self,
        change: &mut dyn Change,
        (here, asked): (&Organization, &Asked),
        approval: &Approval,
    ) -> Result<(), Failure> {
        let done = match asked {
            Asked::IssuerState { issuer, state, .. } => {
                let issuer = (*issuer, approval.asked.generation);
                change.set_issuer_state(issuer, *state).await?
            }
            Asked::Revocation(_) => {
                let revocation = MassRevocation {
                    author: approval.author.clone(),
                    approval: Some(approval.id),
                    request: approval.asked.request.clone(),
                    ..self.begun(here, asked)?
                };
                change.add_mass_revocation(&revocation).await?;
                true
            }
        };
        match done {
            true => Ok(()),
            false => Err(Refusal::ApprovalStale.into()),
        }
    }

    /// Whether it is about no more than what was asked. Less is no harm.
    async fn still_fits(&self, here: &Organization, asked: &Asked) -> Result<(), Failure> {
        let Asked::Revocation(bulk) = asked else {
            return Ok(());
        };
        let extent = self.extent(here, &bulk.query).await?;
        match extent.certificates <= bulk.certificates {
            true => Ok(()),
            false => Err(Refusal::ApprovalStale.into()),
        }
    }

    /// Only another person, who could do it as well.
    async fn may_approve(
        &self,
        caller: &Caller,
        here: &Organization,
        (approval, asked): (&Approval, &Asked),
    ) -> Result<(), Failure> {
        if approval.author == caller.principal.to_string() {
            return Err(Refusal::OwnRequest.into());
        }
        let kind = match &caller.principal {
            Principal::Account(id) => self
                .means
                .store
                .account_by_id(*id)
                .await?
                .map(|account| account.kind),
            Principal::LocalUser { .. }
            | Principal::Station(_)
            | Principal::Device { .. }
            | Principal::Duty { .. } => None,
        };
        if kind != Some(AccountKind::Person) {
            return Err(Refusal::NotAPerson.into());
        }
        let line = self.line_of(here).await?;
        if !caller.holds(asked.permission(), &line) {
            return Err(Refusal::Forbidden(asked.permission()).into());
        }
        match self
            .author_still_may(caller, approval, (asked.permission(), &line))
            .await?
        {
            true => Ok(()),
            false => Err(Refusal::ApprovalStale.into()),
        }
    }

    /// Whether whoever asked could ask still: an account that was disabled or lost its role meanwhile asks for nothing.
    async fn author_still_may(
        &self,
        caller: &Caller,
        approval: &Approval,
        (permission, line): (Permission, &Line),
    ) -> Result<bool, Failure> {
        let Ok(holder @ Holder::Account(_)) = approval.author.parse() else {
            return Ok(true);
        };
        let standing = self.means.store.standing(holder).await?;
        let author = Caller::new(holder.principal(), standing.assignments, caller.context);
        Ok(standing.good && author.holds(permission, line))
    }

    fn unless_settled(&self, approval: &Approval) -> Result<(), Refusal> {
        match approval.standing(self.means.now()) {
            Standing::Waiting => Ok(()),
            Standing::Expired => Err(Refusal::ApprovalExpired),
            Standing::Approved | Standing::Refused | Standing::Withdrawn => Err(Refusal::ApprovalDecided),
        }
    }

    async fn settle_with(
        &self,
        caller: &Caller,
        (permit, here): (&Permit, &Organization),
        approval: Approval,
        fate: Fate,
    ) -> Result<Approval, Failure> {
        self.unless_settled(&approval)?;
        let called = match fate {
            Fate::Withdrawn(_) => "approval.withdraw",
            Fate::Waiting | Fate::Approved(_) | Fate::Refused { .. } => permit.permission().act(),
        };
        let detail = format!(
            "{} {}: {}",
            approval.asked.act,
            approval.asked.object,
            fate.word()
        );
        let what = (approval.id.to_string(), Some(detail));
        let act = self.act_called(called, caller, (permit, here), what)?;
        let mut change = self.means.store.change(act).await?;
        if !change.settle_approval(here.id, approval.id, &fate).await? {
            return Err(Refusal::ApprovalDecided.into());
        }
        change.keep().await?;
        Ok(Approval { fate, ..approval })
    }

    async fn existing_approval(&self, here: &Organization, id: ApprovalId) -> Result<Approval, Failure> {
        let found = self.means.store.approval(here.id, id).await?;
        found.ok_or_else(|| Refusal::NotFound("approval").into())
    }

    fn decision(&self, caller: &Caller) -> Decision {
        Decision {
            by: caller.principal.to_string(),
            at: self.means.now(),
        }
    }

    /// The journal row of the act itself, with both names.
    fn row_of(
        &self,
        caller: &Caller,
        (approval, asked): (&Approval, &Asked),
    ) -> Result<tamga_registry::journal::JournalRow, Failure> {
        let detail = format!(
            "{}, asked by {}, {}",
            asked.detail(),
            approval.author,
            approval.id
        );
        let happening = Happening {
            organization: Some(approval.organization),
            act: asked.permission().act(),
            actor: caller.principal.clone(),
            object: asked.object(),
            context: caller.context,
            outcome: Done::Done(Some(detail)),
            digests: &[approval.asked.digest.0],
        };
        Ok(happening.row(self.means.now(), &*self.means.chance)?)
    }
}

/// Why somebody refuses, for people.
fn said(reason: String) -> Result<String, Refusal> {
    let length = reason.chars().count();
    let trimmed = reason.trim() == reason;
    if (1..=LONGEST_REASON).contains(&length) && trimmed && !reason.chars().any(char::is_control) {
        return Ok(reason);
    }
    Err(Refusal::Invalid {
        field: "reason",
        reason: format!(
            "give 1 to {LONGEST_REASON} characters, without control characters or space around them"
        ),
    })
}

const LONGEST_REASON: usize = 200;
