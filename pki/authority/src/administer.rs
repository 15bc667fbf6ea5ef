// SPDX-License-Identifier: Apache-2.0
//! What operators do with groups and enrollments, and what they look at.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tamga_attestation::SymmetricKey;
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{
    Attestation, DEFAULT_REKEYS_PER_DAY, EnrollmentState, Group, IndividualEnrollment, RekeyPolicy, Terms,
};
use tamga_registry::id::{EnrollmentId, GroupId};
use tamga_registry::issuer::{IssuerRole, IssuerState};
use tamga_registry::journal::Outcome;
use tamga_registry::organization::{IdScope, Organization, OrganizationSlug};
use tamga_registry::role::Permission;
use tamga_registry::secret::{SealedPair, SealingPurpose, WrappedDataKey};
use tamga_registry::store::{Act, DeviceView};

use crate::guard::{Caller, Permit, permit};
use crate::journal::Happening;
use crate::means::Means;
use crate::policy::Policies;
use crate::refusal::{Failure, Fault, Refusal};
use crate::secrets::{Vault, symmetric_key_place};

/// The acts of operators. Every one asks the guard, and journals itself in its own transaction.
pub struct Administration {
    pub(crate) means: Means,
    pub(crate) policies: Arc<Policies>,
    vault: Arc<dyn Vault>,
    pub(crate) visibility: crate::revoke::Visibility,
}

/// A group or individual enrollment to be made.
#[derive(Debug)]
pub struct NewEnrollment {
    /// The group's name, or the registration id of the one device.
    pub name: RegistrationId,
    /// Primary and secondary key, base64; made from chance when absent.
    pub keys: Option<(SecretString, SecretString)>,
    /// The profile's name; absent = `device`.
    pub profile: Option<String>,
    /// The issuer's name; absent = the only active device issuer.
    pub issuer: Option<String>,
    /// What becomes of a new key inside one epoch.
    pub rekey: RekeyPolicy,
    /// How many certificates a device may draw by changing its key, within 24 hours; absent = 10.
    pub rekeys_per_day: Option<i64>,
    /// Answered as `assignedHub`; absent = the installation's.
    pub assigned_hub: Option<String>,
}

/// The keys of an enrollment, base64. Shown once, when it is made.
#[derive(Debug)]
pub struct RevealedKeys {
    /// The primary key.
    pub primary: SecretString,
    /// The secondary key.
    pub secondary: SecretString,
}

impl Administration {
    /// The acts over one memory.
    pub fn new(
        means: Means,
        policies: Arc<Policies>,
        vault: Arc<dyn Vault>,
        visibility: crate::revoke::Visibility,
    ) -> Self {
        Self {
            means,
            policies,
            vault,
            visibility,
        }
    }

    /// Makes an enrollment group.
    pub async fn create_group(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewEnrollment,
    ) -> Result<(Group, RevealedKeys), Failure> {
        let (organization, permit) = self.enter(caller, Permission::GroupCreate, organization).await?;
        let id = GroupId::fresh(self.means.now(), &*self.means.chance)?;
        let sealed = self.seal_keys(&organization, id.octets(), &new).await?;
        let terms = self.terms(&organization, &new, sealed.pair).await?;
        let group = Group {
            id,
            organization: organization.id,
            name: new.name,
            terms,
        };
        let act = self.act(caller, &permit, &organization, id.to_string())?;
        let mut change = self.means.store.change(act).await?;
        if let Some(key) = &sealed.new_data_key {
            change.add_data_key(key).await?;
        }
        if !change.add_group(&group).await? {
            return Err(Refusal::NameTaken("enrollment group").into());
        }
        change.keep().await?;
        self.policies.refresh().await?;
        Ok((group, sealed.revealed))
    }

    /// Makes an individual enrollment.
    pub async fn create_enrollment(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewEnrollment,
    ) -> Result<(IndividualEnrollment, RevealedKeys), Failure> {
        let (organization, permit) = self
            .enter(caller, Permission::EnrollmentCreate, organization)
            .await?;
        let id = EnrollmentId::fresh(self.means.now(), &*self.means.chance)?;
        let sealed = self.seal_keys(&organization, id.octets(), &new).await?;
        let terms = self.terms(&organization, &new, sealed.pair).await?;
        let enrollment = IndividualEnrollment {
            id,
            organization: organization.id,
            registration_id: new.name,
            terms,
        };
        let act = self.act(caller, &permit, &organization, id.to_string())?;
        let mut change = self.means.store.change(act).await?;
        if let Some(key) = &sealed.new_data_key {
            change.add_data_key(key).await?;
        }
        Refusal::unless_added(change.add_enrollment(&enrollment).await?)?;
        change.keep().await?;
        self.policies.refresh().await?;
        Ok((enrollment, sealed.revealed))
    }

    /// Enables or disables a group. Takes effect on every replica within a second, and for orders on their way at once.
    pub async fn set_group_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<(), Failure> {
        let (organization, permit) = self.enter(caller, Permission::GroupUpdate, organization).await?;
        let act = self.act_in_state(caller, &permit, &organization, (name.to_string(), state))?;
        let mut change = self.means.store.change(act).await?;
        if !change.set_group_state(organization.id, name, state).await? {
            return Err(Refusal::NotFound("enrollment group").into());
        }
        change.keep().await?;
        Ok(self.policies.refresh().await?)
    }

    /// Enables or disables an individual enrollment, as [`Self::set_group_state`].
    pub async fn set_enrollment_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<(), Failure> {
        let (organization, permit) = self
            .enter(caller, Permission::EnrollmentUpdate, organization)
            .await?;
        let act = self.act_in_state(caller, &permit, &organization, (id.to_string(), state))?;
        let mut change = self.means.store.change(act).await?;
        if !change.set_enrollment_state(organization.id, id, state).await? {
            return Err(Refusal::NotFound("individual enrollment").into());
        }
        change.keep().await?;
        Ok(self.policies.refresh().await?)
    }

    /// The groups of an organization by name, a page at a time.
    pub async fn groups(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Group>, Failure> {
        let (organization, _) = self.enter(caller, Permission::GroupRead, organization).await?;
        Ok(self.means.store.groups(organization.id, after, limit).await?)
    }

    /// A device and its certificates.
    pub async fn device(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
    ) -> Result<DeviceView, Failure> {
        let (organization, _) = self.enter(caller, Permission::DeviceRead, organization).await?;
        let view = self.means.store.device(organization.id, id).await?;
        view.ok_or_else(|| Refusal::NotFound("device").into())
    }

    /// The id scopes of an organization.
    pub async fn id_scopes(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
    ) -> Result<Vec<IdScope>, Failure> {
        let (organization, _) = self.enter(caller, Permission::GroupRead, organization).await?;
        Ok(self.means.store.id_scopes(organization.id).await?)
    }

    /// Finds the organization and asks the guard. To a stranger one that exists looks like one that does not.
    pub(crate) async fn enter(
        &self,
        caller: &Caller,
        permission: Permission,
        slug: &OrganizationSlug,
    ) -> Result<(Organization, Permit), Failure> {
        let organization = self.means.store.organization(slug).await?;
        let organization = organization.ok_or(Refusal::NotFound("organization"))?;
        let permit = permit(caller, permission, organization.id)?;
        Ok((organization, permit))
    }

    pub(crate) fn act(
        &self,
        caller: &Caller,
        permit: &Permit,
        organization: &Organization,
        object: String,
    ) -> Result<Act, Fault> {
        self.act_that(caller, permit, organization, (object, None))
    }

    fn act_in_state(
        &self,
        caller: &Caller,
        permit: &Permit,
        organization: &Organization,
        (object, state): (String, EnrollmentState),
    ) -> Result<Act, Fault> {
        self.act_that(
            caller,
            permit,
            organization,
            (object, Some(state.word().to_owned())),
        )
    }

    pub(crate) fn act_that(
        &self,
        caller: &Caller,
        permit: &Permit,
        organization: &Organization,
        (object, detail): (String, Option<String>),
    ) -> Result<Act, Fault> {
        let happening = Happening {
            organization: Some(organization.id),
            act: permit.permission().word(),
            actor: caller.principal.clone(),
            object,
            context: caller.context,
            outcome: Outcome::Done(detail),
            digests: &[],
        };
        Ok(Act {
            journal: happening.row(self.means.now(), &*self.means.chance)?,
        })
    }

    async fn seal_keys(
        &self,
        organization: &Organization,
        enrollment: &[u8; 16],
        new: &NewEnrollment,
    ) -> Result<SealedKeys, Failure> {
        let (primary, secondary) = match &new.keys {
            Some((primary, secondary)) => (given("primaryKey", primary)?, given("secondaryKey", secondary)?),
            None => {
                let chance = &*self.means.chance;
                (SymmetricKey::generate(chance)?, SymmetricKey::generate(chance)?)
            }
        };
        let store = &self.means.store;
        let kept = store
            .data_key(SealingPurpose::DeviceSecrets, organization.id)
            .await?;
        let new_data_key = match &kept {
            Some(_) => None,
            None => Some(self.new_data_key(organization)?),
        };
        let key = kept.or_else(|| new_data_key.clone());
        let key = key.ok_or_else(|| Fault::new("sealing keys", "there is no data key"))?;
        let seal = |column, plain: &SymmetricKey| {
            let place = symmetric_key_place(enrollment, column);
            self.vault
                .seal(&key, &place, plain.expose_octets())
                .map_err(Fault::during_act("sealing keys"))
        };
        let pair = SealedPair {
            primary: seal("primary_key", &primary)?,
            secondary: seal("secondary_key", &secondary)?,
            data_key: key.version,
        };
        let revealed = RevealedKeys {
            primary: primary.to_base64(),
            secondary: secondary.to_base64(),
        };
        Ok(SealedKeys {
            pair,
            new_data_key,
            revealed,
        })
    }

    fn new_data_key(&self, organization: &Organization) -> Result<WrappedDataKey, Fault> {
        let purpose = SealingPurpose::DeviceSecrets;
        let wrapped = self
            .vault
            .new_data_key(purpose, organization.id)
            .map_err(Fault::during_act("making a data key"))?;
        Ok(WrappedDataKey {
            purpose,
            organization: organization.id,
            version: 1,
            wrapped,
            created_at: self.means.now(),
        })
    }

    async fn terms(
        &self,
        organization: &Organization,
        new: &NewEnrollment,
        pair: SealedPair,
    ) -> Result<Terms, Failure> {
        let scopes = self.means.store.id_scopes(organization.id).await?;
        let scope = scopes
            .first()
            .ok_or_else(|| Fault::new("reading an organization", "it has no id scope"))?;
        let policy = self.policies.of(scope).await?;
        let policy = policy.ok_or_else(|| Fault::new("reading an organization", "its scope is gone"))?;
        let name = new.profile.as_deref().unwrap_or(DEFAULT_PROFILE);
        let profile = policy.profiles.values().find(|profile| profile.name == name);
        let issuer = policy.issuers.values().find(|issuer| {
            let issuer = &issuer.issuer;
            let named = new.issuer.as_ref().is_none_or(|name| *name == issuer.name);
            named && issuer.role == IssuerRole::Device && issuer.state == IssuerState::Active
        });
        let rekeys_per_day = new.rekeys_per_day.unwrap_or(DEFAULT_REKEYS_PER_DAY);
        if !(0..=MOST_REKEYS).contains(&rekeys_per_day) {
            let reason = format!("give a number from 0 to {MOST_REKEYS}");
            return Err(Refusal::Invalid {
                field: "rekeysPerDay",
                reason,
            }
            .into());
        }
        Ok(Terms {
            state: EnrollmentState::Enabled,
            generation: crate::enroll::FIRST_GENERATION,
            attestation: Attestation::SymmetricKey(pair),
            profile: profile.ok_or(Refusal::NotFound("profile"))?.id.profile,
            issuer: issuer.ok_or(Refusal::NotFound("issuer"))?.issuer.id,
            rekey: new.rekey,
            rekeys_per_day,
            assigned_hub: new.assigned_hub.clone(),
            created_at: self.means.now(),
        })
    }
}

/// Sealed keys, the data key that had to be made for them, and the keys to show once.
struct SealedKeys {
    pair: SealedPair,
    new_data_key: Option<WrappedDataKey>,
    revealed: RevealedKeys,
}

fn given(field: &'static str, key: &SecretString) -> Result<SymmetricKey, Refusal> {
    SymmetricKey::from_base64(key.expose_secret()).map_err(|refusal| Refusal::Invalid {
        field,
        reason: refusal.to_string(),
    })
}

impl std::fmt::Debug for Administration {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Administration")
            .field("means", &self.means)
            .finish_non_exhaustive()
    }
}

/// The profile made at first start.
pub const DEFAULT_PROFILE: &str = "device";
const MOST_REKEYS: i64 = 1_000_000;
