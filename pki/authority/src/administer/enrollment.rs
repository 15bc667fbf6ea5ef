// SPDX-License-Identifier: Apache-2.0
//! Groups and individual enrollments: made, switched, removed.

use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentState, Group, IndividualEnrollment};
use tamga_registry::id::Id;
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::role::Permission;

use super::entry::Entry;
use super::{Administration, NewAttestation, NewEnrollment, RevealedKeys};
use crate::guard::{self, Caller, Permit};
use crate::refusal::{Failure, Refusal};

impl Administration {
    /// Makes an enrollment group.
    pub async fn create_group(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewEnrollment,
    ) -> Result<(Group, Option<RevealedKeys>), Failure> {
        self.create(caller, organization, new).await
    }

    /// Makes an individual enrollment.
    pub async fn create_enrollment(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewEnrollment,
    ) -> Result<(IndividualEnrollment, Option<RevealedKeys>), Failure> {
        self.create(caller, organization, new).await
    }

    /// Enables or disables a group. Takes effect on every replica within a second, and for orders whose intent is not yet kept at once.
    pub async fn set_group_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<(), Failure> {
        self.set_state::<Group>(caller, organization, name, state).await
    }

    /// Enables or disables an individual enrollment, as [`Self::set_group_state`].
    pub async fn set_enrollment_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<(), Failure> {
        self.set_state::<IndividualEnrollment>(caller, organization, id, state)
            .await
    }

    /// Removes a group. Its devices keep their history and their certificates, and stay bound to it: they enroll no more,
    /// neither by a group that takes its name nor by another. Its stations go with it, where the caller may remove those, each
    /// with a journal row of its own.
    pub async fn delete_group(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<(), Failure> {
        self.remove::<Group>(caller, organization, name).await
    }

    /// Removes an individual enrollment, as [`Self::delete_group`].
    pub async fn delete_enrollment(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
    ) -> Result<(), Failure> {
        self.remove::<IndividualEnrollment>(caller, organization, id)
            .await
    }

    async fn create<E: Entry>(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewEnrollment,
    ) -> Result<(E, Option<RevealedKeys>), Failure> {
        let object = new.name.to_string();
        // What a caller expects is of the list, which has no version.
        let caller = &caller.expecting_nothing();
        self.witnessed(caller, E::CREATE, object, async {
            let (here, permit) = self.enter(caller, E::CREATE, organization).await?;
            self.make(caller, (&here, &permit), &new).await
        })
        .await
    }

    /// Makes one, where there is none of the name, and where the caller expects none.
    pub(super) async fn make<E: Entry>(
        &self,
        caller: &Caller,
        (here, permit): (&Organization, &Permit),
        new: &NewEnrollment,
    ) -> Result<(E, Option<RevealedKeys>), Failure> {
        let id = Id::<E::Kind>::fresh(self.means.now(), &*self.means.chance)?;
        let by_keys = NewAttestation::SymmetricKey(None);
        let attestation = new.attestation.as_ref().unwrap_or(&by_keys);
        let furnished = E::furnish(self, here, id.octets(), attestation).await?;
        let terms = self.terms(here, new, furnished.attestation.clone()).await?;
        let made = E::new(id, here.id, new.name.clone(), terms);
        if !caller.expects.is_met_by(None) {
            return Err(Refusal::PreconditionFailed.into());
        }
        let act = self.act(caller, permit, here, id.to_string())?;
        let mut change = self.means.store.change(act).await?;
        furnished.add_data_key(&mut *change).await?;
        made.add_to(&mut *change).await?;
        self.keep(change).await?;
        Ok((made, furnished.revealed))
    }

    async fn set_state<E: Entry>(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<(), Failure> {
        self.witnessed(caller, E::UPDATE, name.to_string(), async {
            let (here, permit) = self.enter(caller, E::UPDATE, organization).await?;
            let detail = (name.to_string(), Some(state.word().to_owned()));
            let act = self.act_that(caller, &permit, &here, detail)?;
            let mut change = self.change_of(caller, (&here, E::thing(name)), act).await?;
            if !E::set_state(&mut *change, here.id, name, state).await? {
                return Err(E::NONE.into());
            }
            self.keep(change).await
        })
        .await
    }

    async fn remove<E: Entry>(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<(), Failure> {
        self.witnessed(caller, E::DELETE, name.to_string(), async {
            let (here, permit) = self.enter(caller, E::DELETE, organization).await?;
            let entry = E::find(&*self.means.store, here.id, name).await?;
            let of = entry.ok_or(E::NONE)?.reference();
            let detail = (name.to_string(), Some(of.to_string()));
            let act = self.act_that(caller, &permit, &here, detail)?;
            let mut change = self.change_of(caller, (&here, E::thing(name)), act).await?;
            let removed = change.remove_enrollment(here.id, of, self.means.now()).await?;
            let stations = removed.ok_or(E::NONE)?;
            if !stations.is_empty() {
                let line = self.line_of(&here).await?;
                let removes = guard::permit(caller, Permission::StationDelete, &line)?;
                for station in stations {
                    let detail = (station.to_string(), Some(format!("with {of}")));
                    change.journal_also(self.act_that(caller, &removes, &here, detail)?.journal);
                }
            }
            self.keep(change).await
        })
        .await
    }
}
