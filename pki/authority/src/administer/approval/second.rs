// SPDX-License-Identifier: Apache-2.0
//! The second person: whether one is wanted, and whether somebody is one.

use tamga_registry::account::{AccountKind, Holder};
use tamga_registry::approval::Approval;
use tamga_registry::organization::Organization;
use tamga_registry::role::{Permission, Principal};

use super::super::Administration;
use super::{Asked, Wanted};
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};
use crate::tree::Line;

impl Administration {
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

    /// Only another person, who could do it as well.
    pub(super) async fn may_approve(
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
}
