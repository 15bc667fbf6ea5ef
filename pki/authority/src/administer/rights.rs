// SPDX-License-Identifier: Apache-2.0
//! What a caller has: told to itself, and looked at to say which organizations it sees.

use tamga_registry::account::Account;
use tamga_registry::id::OrganizationId;
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::{By, Direction, Listed as _, Mark, Page};
use tamga_registry::role::{Assignment, Permission, Principal, Role};

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Fault};

/// Whom the house takes a caller for.
#[derive(Debug)]
pub struct Who {
    /// Its account, if it is one.
    pub account: Option<Account>,
    /// What it has.
    pub rights: Vec<Right>,
    /// What its credential cuts these down to.
    pub limit: Option<Right>,
}

/// A role somewhere.
#[derive(Debug)]
pub struct Right {
    /// The role.
    pub role: Role,
    /// Where it holds, with everything below; absent = the whole installation.
    pub organization: Option<OrganizationSlug>,
}

impl Administration {
    /// Whom the house takes the caller for: no secret to itself.
    pub async fn whoami(&self, caller: &Caller) -> Result<Who, Failure> {
        let account = match &caller.principal {
            Principal::Account(id) => self.means.store.account_by_id(*id).await?,
            Principal::LocalUser { .. }
            | Principal::Station(_)
            | Principal::Device { .. }
            | Principal::Duty { .. } => None,
        };
        let mut rights = Vec::with_capacity(caller.assignments.len());
        for assignment in &caller.assignments {
            rights.push(self.right(assignment).await?);
        }
        let limit = match &caller.limit {
            Some(limit) => Some(self.right(limit).await?),
            None => None,
        };
        Ok(Who {
            account,
            rights,
            limit,
        })
    }

    async fn right(&self, assignment: &Assignment) -> Result<Right, Failure> {
        let organization = match assignment.organization {
            Some(id) => Some(self.organization_of_id(id).await?.slug),
            None => None,
        };
        Ok(Right {
            role: assignment.role,
            organization,
        })
    }

    async fn organization_of_id(&self, id: OrganizationId) -> Result<Organization, Failure> {
        let found = self.means.store.organization_by_id(id).await?;
        Ok(found.ok_or_else(|| Fault::new("reading an organization", format!("{id} is missing")))?)
    }

    /// A page of the organizations the caller may see, wherever in the tree.
    pub async fn organizations(&self, caller: &Caller, page: &Page) -> Result<Vec<Organization>, Failure> {
        let mut seen: Vec<Organization> = Vec::new();
        for top in self.tops(caller).await? {
            let within = self.means.store.organizations_within(top, page).await?;
            seen.extend(within);
        }
        // Of each part of the tree the first rows were read: the first of all are among them.
        let mark = |organization: &Organization| match organization.mark(By::Name) {
            Mark::Name(name) => name,
            Mark::Time(..) => String::new(),
        };
        seen.sort_by_key(mark);
        seen.dedup_by_key(|organization| organization.id);
        if page.sort.direction == Direction::Falling {
            seen.reverse();
        }
        seen.truncate(usize::try_from(page.fetched()).unwrap_or(usize::MAX));
        Ok(seen)
    }

    /// The tops of the parts of the tree that the caller may see; nothing named stands for the whole.
    async fn tops(&self, caller: &Caller) -> Result<Vec<Option<OrganizationId>>, Failure> {
        let sees = |one: &&Assignment| one.role.holds(Permission::OrganizationRead);
        if caller.limit.as_ref().is_some_and(|limit| !sees(&limit)) {
            return Ok(Vec::new());
        }
        let limit = caller.limit.and_then(|limit| limit.organization);
        let mut tops = Vec::new();
        for one in caller.assignments.iter().filter(sees) {
            tops.extend(self.lower(one.organization, limit).await?);
        }
        tops.sort_unstable();
        tops.dedup();
        match tops.contains(&None) {
            true => Ok(vec![None]),
            false => Ok(tops),
        }
    }

    /// Of two parts of the tree the one that lies within the other; nothing when neither does.
    async fn lower(
        &self,
        one: Option<OrganizationId>,
        other: Option<OrganizationId>,
    ) -> Result<Option<Option<OrganizationId>>, Failure> {
        let (Some(one), Some(other)) = (one, other) else {
            return Ok(Some(one.or(other)));
        };
        if self.line_by_id(one).await?.contains(&other) {
            return Ok(Some(Some(one)));
        }
        Ok(self
            .line_by_id(other)
            .await?
            .contains(&one)
            .then_some(Some(other)))
    }
}
