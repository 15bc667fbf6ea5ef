// SPDX-License-Identifier: Apache-2.0
//! Organizations: made below one another, renamed, suspended and resumed with everything below.

use tamga_registry::id::OrganizationId;
use tamga_registry::organization::{IdScope, Organization, OrganizationSlug, OrganizationState};
use tamga_registry::page::Page;
use tamga_registry::role::Permission;
use tamga_registry::store::{OrganizationAdded, Suspension, Thing};

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

/// An organization to be made.
#[derive(Debug)]
pub struct NewOrganization {
    /// Written into certificates: it never changes and is never given again.
    pub slug: String,
    /// For people; absent = the slug.
    pub display_name: Option<String>,
}

impl Administration {
    /// Makes an organization below another, with an id scope and a data key of its own. Of its parent's issuers and
    /// profiles it may use what is granted to it, and nothing else.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        parent: &OrganizationSlug,
        new: NewOrganization,
    ) -> Result<(Organization, IdScope), Failure> {
        let object = new.slug.chars().take(SHOWN).collect();
        self.witnessed(caller, Permission::OrganizationCreate, object, async {
            let (above, permit) = self.enter(caller, Permission::OrganizationCreate, parent).await?;
            if self.line_of(&above).await?.len() >= DEEPEST {
                return Err(invalid(
                    "organization",
                    format!("the tree is {DEEPEST} levels deep at most"),
                )
                .into());
            }
            let made = self.organization_of(&above, new)?;
            let scope = IdScope::fresh(&*self.means.chance)?;
            let data_key = self.new_data_key(made.id)?;
            // What happens to an organization stands where it is: whoever reads the parent's journal reads of its children.
            let detail = (made.id.to_string(), Some(made.slug.to_string()));
            let act = self.act_that(caller, &permit, &above, detail)?;
            let mut change = self.means.store.change(act).await?;
            match change.add_organization(&made, &scope).await? {
                OrganizationAdded::Added => {}
                OrganizationAdded::SlugTaken => return Err(Refusal::NameTaken("organization").into()),
                OrganizationAdded::ParentSuspended => return Err(Refusal::OrganizationSuspended.into()),
            }
            change.add_data_key(&data_key).await?;
            change.keep().await?;
            Ok((made, scope))
        })
        .await
    }

    fn organization_of(&self, above: &Organization, new: NewOrganization) -> Result<Organization, Failure> {
        let slug: OrganizationSlug =
            new.slug
                .parse()
                .map_err(|wrong: tamga_registry::organization::BadOrganizationSlug| {
                    invalid("slug", wrong.to_string())
                })?;
        if slug.as_str() == RESERVED {
            return Err(invalid(
                "slug",
                format!("{RESERVED} names the first organization of an installation"),
            )
            .into());
        }
        let display_name = match new.display_name {
            Some(name) => named(name)?,
            None => slug.to_string(),
        };
        let at = self.means.now();
        Ok(Organization {
            id: OrganizationId::fresh(at, &*self.means.chance)?,
            slug,
            display_name,
            parent: Some(above.id),
            state: OrganizationState::Active,
            suspended_at: None,
            generation: crate::enroll::FIRST_GENERATION,
            created_at: at,
        })
    }

    /// An organization.
    pub async fn organization(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
    ) -> Result<Organization, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::OrganizationRead, object, async {
            let (here, _) = self
                .enter(caller, Permission::OrganizationRead, organization)
                .await?;
            Ok(here)
        })
        .await
    }

    /// A page of the organizations right below one.
    pub async fn organizations_below(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<Organization>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::OrganizationRead, object, async {
            let (here, _) = self
                .enter(caller, Permission::OrganizationRead, organization)
                .await?;
            Ok(self.means.store.organizations_below(here.id, page).await?)
        })
        .await
    }

    /// Gives an organization another name for people. Its slug stays for ever.
    pub async fn rename_organization(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        display_name: String,
    ) -> Result<(), Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::OrganizationUpdate, object, async {
            let (here, permit) = self
                .enter(caller, Permission::OrganizationUpdate, organization)
                .await?;
            let display_name = named(display_name)?;
            let act = self.act(caller, &permit, &here, here.id.to_string())?;
            let mut change = self.change_of(caller, (&here, Thing::Organization), act).await?;
            change.rename_organization(here.id, &display_name).await?;
            self.keep(change).await
        })
        .await
    }

    /// Suspends or resumes an organization with everything below. Suspended, nothing is issued in it, and its accounts
    /// are turned away; reading and revocation by those above go on. One that is suspended by itself below stays so.
    ///
    /// It is resumed from above: who has a role in it and is at home elsewhere is still let in, and lifts nothing. The
    /// installation's administrators at the top come in while the top is suspended, or nobody could resume it.
    pub async fn set_organization_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        state: OrganizationState,
    ) -> Result<(), Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::OrganizationSuspend, object, async {
            let (here, permit) = self
                .enter(caller, Permission::OrganizationSuspend, organization)
                .await?;
            if state == OrganizationState::Active {
                self.may_resume(caller, &here).await?;
            }
            let detail = (here.id.to_string(), Some(state.word().to_owned()));
            let act = self.act_that(caller, &permit, &here, detail)?;
            let mut change = self.change_of(caller, (&here, Thing::Organization), act).await?;
            match state {
                OrganizationState::Suspended => {
                    match change.suspend_organization(here.id, self.means.now()).await? {
                        Suspension::Suspended => {}
                        Suspension::LastAdministrator => return Err(Refusal::LastAdministrator.into()),
                    }
                }
                OrganizationState::Active => change.resume_organization(here.id).await?,
            }
            change.keep().await?;
            self.policies.refresh_soon().await;
            Ok(())
        })
        .await
    }

    /// Whether this caller may resume an organization that it may suspend.
    async fn may_resume(&self, caller: &Caller, here: &Organization) -> Result<(), Failure> {
        let line = self.line_of(here).await?;
        let above = line.get(1..).filter(|above| !above.is_empty());
        if above.is_some_and(|above| !caller.holds(Permission::OrganizationSuspend, above)) {
            return Err(Refusal::HeldFromAbove.into());
        }
        if here.state == OrganizationState::Suspended && here.suspended_at.is_none() {
            return Err(Refusal::OrganizationSuspended.into());
        }
        Ok(())
    }

    /// Gives an organization one more id scope.
    pub async fn create_id_scope(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
    ) -> Result<IdScope, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::OrganizationUpdate, object, async {
            let (here, permit) = self
                .enter(caller, Permission::OrganizationUpdate, organization)
                .await?;
            let scope = IdScope::fresh(&*self.means.chance)?;
            let act = self.act(caller, &permit, &here, scope.to_string())?;
            let mut change = self.means.store.change(act).await?;
            change.add_id_scope(here.id, &scope, self.means.now()).await?;
            change.keep().await?;
            Ok(scope)
        })
        .await
    }
}

/// A name for people: they read it, nothing else does.
fn named(name: String) -> Result<String, Refusal> {
    let length = name.chars().count();
    let trimmed = name.trim() == name;
    if (1..=LONGEST_NAME).contains(&length) && trimmed && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    let reason =
        format!("give 1 to {LONGEST_NAME} characters, without control characters or space around them");
    Err(invalid("displayName", reason))
}

fn invalid(field: &'static str, reason: String) -> Refusal {
    Refusal::Invalid { field, reason }
}

/// Names the first organization that `tamga dev` makes; nobody else's.
const RESERVED: &str = "default";
const LONGEST_NAME: usize = 100;
/// Levels of the tree, the top included.
const DEEPEST: usize = 8;
/// How much of what can be no slug is journalled.
const SHOWN: usize = 63;
