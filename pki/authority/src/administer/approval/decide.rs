// SPDX-License-Identifier: Apache-2.0
//! Deciding: what somebody asked for is approved and done in one transaction, refused, or taken back.

use tamga_registry::approval::{Approval, Decision, Fate, Standing};
use tamga_registry::id::ApprovalId;
use tamga_registry::journal::Outcome as Done;
use tamga_registry::mass_revocation::MassRevocation;
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::role::Permission;
use tamga_registry::store::Change;
use tamga_x509::certificate::Fingerprint;

use super::super::Administration;
use super::Asked;
use crate::guard::{Caller, Permit};
use crate::journal::Happening;
use crate::refusal::{Failure, Refusal};

impl Administration {
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
            if seen != approval.asked.digest || !asked.is_kept_as(&approval.asked, here.id) {
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
        let extent = self.extent(here, (&bulk.query, bulk.reason)).await?;
        match extent.is_some_and(|extent| bulk.covers(&extent)) {
            true => Ok(()),
            false => Err(Refusal::ApprovalStale.into()),
        }
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
