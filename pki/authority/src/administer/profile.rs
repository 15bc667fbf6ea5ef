// SPDX-License-Identifier: Apache-2.0
//! Profiles: made, revised, and read. A revision never changes; orders keep the one they were judged by.

use std::sync::Arc;

use tamga_registry::device::RegistrationId;
use tamga_registry::id::ProfileId;
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::profile::{DatedRevision, ProfileRevision, RevisionId, UsableProfile};
use tamga_registry::role::Permission;
use tamga_x509::profile::{Profile, ProfileConfig};

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

impl Administration {
    /// Makes a profile, with its first revision.
    pub async fn create_profile(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (name, config): (RegistrationId, ProfileConfig),
    ) -> Result<UsableProfile, Failure> {
        self.witnessed(caller, Permission::ProfileCreate, name.to_string(), async {
            let (here, permit) = self
                .enter(caller, Permission::ProfileCreate, organization)
                .await?;
            let rules = Profile::try_from(config).map_err(Refusal::ProfileInvalid)?;
            let now = self.means.now();
            let profile = ProfileId::fresh(now, &*self.means.chance)?;
            let first = ProfileRevision {
                id: RevisionId { profile, revision: 1 },
                owner: here.id,
                name: name.canonical().to_owned(),
                rules: Arc::new(rules),
            };
            let act = self.act(caller, &permit, &here, profile.to_string())?;
            let mut change = self.means.store.change(act).await?;
            if !change.add_profile(&first, now).await? {
                return Err(Refusal::NameTaken("profile").into());
            }
            change.keep().await?;
            self.policies.refresh_soon().await;
            Ok(UsableProfile {
                owner: here.slug,
                current: first,
                usable_since: now,
            })
        })
        .await
    }

    /// Gives a profile another revision, which new orders use from now on. Whom a profile is for never changes.
    pub async fn revise_profile(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (name, config): (RegistrationId, ProfileConfig),
    ) -> Result<DatedRevision, Failure> {
        self.witnessed(caller, Permission::ProfileUpdate, name.to_string(), async {
            let (here, permit) = self
                .enter(caller, Permission::ProfileUpdate, organization)
                .await?;
            let known = self.existing_profile(&here, &name).await?.current;
            if known.owner != here.id {
                return Err(Refusal::OwnedElsewhere("profile").into());
            }
            let rules = Arc::new(Profile::try_from(config).map_err(Refusal::ProfileInvalid)?);
            if rules.usage() != known.rules.usage() {
                let reason = "a profile stays for whom it was made: make another profile".to_owned();
                return Err(Refusal::Invalid {
                    field: "usage",
                    reason,
                }
                .into());
            }
            let now = self.means.now();
            let act = self.act(caller, &permit, &here, known.id.profile.to_string())?;
            let mut change = self.means.store.change(act).await?;
            let revision = change.revise_profile(known.id.profile, &rules, now).await?;
            change.keep().await?;
            self.policies.refresh_soon().await;
            let id = RevisionId { revision, ..known.id };
            Ok(DatedRevision {
                revision: ProfileRevision { id, rules, ..known },
                created_at: now,
            })
        })
        .await
    }

    /// A page of the profiles an organization may use.
    pub async fn profiles(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<UsableProfile>, Failure> {
        self.witnessed(caller, Permission::ProfileRead, organization.to_string(), async {
            let (here, _) = self.enter(caller, Permission::ProfileRead, organization).await?;
            Ok(self.means.store.usable_profiles(here.id, page).await?)
        })
        .await
    }

    /// A profile the organization may use.
    pub async fn profile(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<UsableProfile, Failure> {
        self.witnessed(caller, Permission::ProfileRead, name.to_string(), async {
            let (here, _) = self.enter(caller, Permission::ProfileRead, organization).await?;
            self.existing_profile(&here, name).await
        })
        .await
    }

    /// A page of the revisions of a profile the organization may use.
    pub async fn profile_revisions(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (name, page): (&RegistrationId, &Page),
    ) -> Result<Vec<DatedRevision>, Failure> {
        self.witnessed(caller, Permission::ProfileRead, name.to_string(), async {
            let (here, _) = self.enter(caller, Permission::ProfileRead, organization).await?;
            let known = self.existing_profile(&here, name).await?;
            let profile = known.current.id.profile;
            Ok(self.means.store.profile_revisions(profile, page).await?)
        })
        .await
    }

    /// A revision of a profile the organization may use.
    pub async fn profile_revision(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (name, revision): (&RegistrationId, i64),
    ) -> Result<DatedRevision, Failure> {
        self.witnessed(caller, Permission::ProfileRead, name.to_string(), async {
            let (here, _) = self.enter(caller, Permission::ProfileRead, organization).await?;
            let known = self.existing_profile(&here, name).await?;
            let id = RevisionId {
                profile: known.current.id.profile,
                revision,
            };
            let found = self.means.store.profile_revision(id).await?;
            found.ok_or_else(|| Refusal::NotFound("revision").into())
        })
        .await
    }

    async fn existing_profile(
        &self,
        here: &Organization,
        name: &RegistrationId,
    ) -> Result<UsableProfile, Failure> {
        let found = self.means.store.usable_profile(here.id, name).await?;
        found.ok_or_else(|| Refusal::NotFound("profile").into())
    }
}
