// SPDX-License-Identifier: Apache-2.0
//! The second person: whether one is wanted, and whether somebody is one.

use tamga_registry::account::{AccountKind, Holder};
use tamga_registry::approval::Approval;
use tamga_registry::organization::Organization;
use tamga_registry::role::{Assignment, Permission, Principal};
use tamga_registry::store::PersonWithRole;

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

    /// Whether there is another person who could approve: one with the rights it takes, by a credential that is good and
    /// leaves them these rights, as the guard would say if they came.
    async fn has_a_second(
        &self,
        caller: &Caller,
        here: &Organization,
        needed: Permission,
    ) -> Result<bool, Failure> {
        let now = self.means.now();
        let line = self.line_of(here).await?;
        let mut known = Vec::new();
        for organization in line.iter() {
            let persons = self.means.store.persons_with_roles(*organization, now).await?;
            known.extend(persons.into_iter().map(|person| (person, *organization)));
        }
        known.retain(|(one, _)| caller.principal != Principal::Account(one.person));
        // One person may have the two rights by two roles, and comes in by one credential at a time.
        let comes = |one: &PersonWithRole| {
            let own = known.iter().filter(|(other, _)| other.person == one.person);
            let roles = own.map(|(other, organization)| Assignment {
                role: other.role,
                organization: Some(*organization),
            });
            let mut other = Caller::new(Principal::Account(one.person), roles.collect(), caller.context);
            other.limit = Some(one.limit);
            other.holds(Permission::ApprovalDecide, &line) && other.holds(needed, &line)
        };
        Ok(known.iter().any(|(one, _)| comes(one)))
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
