// SPDX-License-Identifier: Apache-2.0
//! What groups and individual enrollments have in common for whoever makes, changes and removes them.

use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentRef, EnrollmentState, Group, IndividualEnrollment, Terms};
use tamga_registry::id::{Id, Kind, OrganizationId, kind};
use tamga_registry::organization::Organization;
use tamga_registry::role::Permission;
use tamga_registry::store::{Change, Store, StoreFault, Thing};
use tamga_registry::version::Versioned;

use super::attestation::Furnished;
use super::roster::{NO_ENROLLMENT, NO_GROUP};
use super::{Administration, NewAttestation};
use crate::refusal::{Failure, Refusal};

/// A group or an individual enrollment, as far as they are made, changed and removed alike.
pub(super) trait Entry: Versioned + Sized + Send {
    /// What its id identifies.
    type Kind: Kind;
    const CREATE: Permission;
    const UPDATE: Permission;
    const DELETE: Permission;
    /// There is none of that name.
    const NONE: Refusal;

    fn new(id: Id<Self::Kind>, organization: OrganizationId, name: RegistrationId, terms: Terms) -> Self;
    fn thing(name: &RegistrationId) -> Thing;
    fn reference(&self) -> EnrollmentRef;
    fn terms(&self) -> &Terms;
    fn terms_mut(&mut self) -> &mut Terms;

    /// What it holds to measure its devices by.
    async fn furnish(
        administration: &Administration,
        organization: &Organization,
        id: &[u8; 16],
        new: &NewAttestation,
    ) -> Result<Furnished, Failure>;
    async fn find(
        store: &dyn Store,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Self>, StoreFault>;
    /// As it is seen by an open change.
    async fn find_in(
        change: &mut dyn Change,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Self>, StoreFault>;
    async fn add_to(&self, change: &mut dyn Change) -> Result<(), Failure>;
    async fn set_state(
        change: &mut dyn Change,
        organization: OrganizationId,
        name: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<bool, StoreFault>;
}

impl Entry for Group {
    type Kind = kind::Group;
    const CREATE: Permission = Permission::GroupCreate;
    const UPDATE: Permission = Permission::GroupUpdate;
    const DELETE: Permission = Permission::GroupDelete;
    const NONE: Refusal = NO_GROUP;

    fn new(id: Id<Self::Kind>, organization: OrganizationId, name: RegistrationId, terms: Terms) -> Self {
        Self {
            id,
            organization,
            name,
            terms,
        }
    }

    fn thing(name: &RegistrationId) -> Thing {
        Thing::Group(name.clone())
    }

    fn reference(&self) -> EnrollmentRef {
        EnrollmentRef::Group(self.id)
    }

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn terms_mut(&mut self) -> &mut Terms {
        &mut self.terms
    }

    async fn furnish(
        administration: &Administration,
        organization: &Organization,
        id: &[u8; 16],
        new: &NewAttestation,
    ) -> Result<Furnished, Failure> {
        administration.furnish_group(organization, id, new).await
    }

    async fn find(
        store: &dyn Store,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Self>, StoreFault> {
        store.group(organization, name).await
    }

    async fn find_in(
        change: &mut dyn Change,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Self>, StoreFault> {
        change.group(organization, name).await
    }

    async fn add_to(&self, change: &mut dyn Change) -> Result<(), Failure> {
        Ok(Refusal::unless_group_added(change.add_group(self).await?)?)
    }

    async fn set_state(
        change: &mut dyn Change,
        organization: OrganizationId,
        name: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<bool, StoreFault> {
        change.set_group_state(organization, name, state).await
    }
}

impl Entry for IndividualEnrollment {
    type Kind = kind::Enrollment;
    const CREATE: Permission = Permission::EnrollmentCreate;
    const UPDATE: Permission = Permission::EnrollmentUpdate;
    const DELETE: Permission = Permission::EnrollmentDelete;
    const NONE: Refusal = NO_ENROLLMENT;

    fn new(id: Id<Self::Kind>, organization: OrganizationId, name: RegistrationId, terms: Terms) -> Self {
        Self {
            id,
            organization,
            registration_id: name,
            terms,
        }
    }

    fn thing(name: &RegistrationId) -> Thing {
        Thing::Individual(name.clone())
    }

    fn reference(&self) -> EnrollmentRef {
        EnrollmentRef::Individual(self.id)
    }

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn terms_mut(&mut self) -> &mut Terms {
        &mut self.terms
    }

    async fn furnish(
        administration: &Administration,
        organization: &Organization,
        id: &[u8; 16],
        new: &NewAttestation,
    ) -> Result<Furnished, Failure> {
        administration.furnish_individual(organization, id, new).await
    }

    async fn find(
        store: &dyn Store,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Self>, StoreFault> {
        store.individual(organization, name).await
    }

    async fn find_in(
        change: &mut dyn Change,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<Option<Self>, StoreFault> {
        change.individual(organization, name).await
    }

    async fn add_to(&self, change: &mut dyn Change) -> Result<(), Failure> {
        Ok(Refusal::unless_added(change.add_enrollment(self).await?)?)
    }

    async fn set_state(
        change: &mut dyn Change,
        organization: OrganizationId,
        name: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<bool, StoreFault> {
        change.set_enrollment_state(organization, name, state).await
    }
}
