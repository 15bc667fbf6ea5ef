// SPDX-License-Identifier: Apache-2.0
//! An open administrative change: each method a step inside the writer's transaction.

use async_trait::async_trait;
use futures::future::BoxFuture;
use tamga_registry::anchor::{AnchorIntermediate, AnchorList, AnchorState, AnchorStatus, TrustAnchor};
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentState, Group, IndividualEnrollment};
use tamga_registry::id::OrganizationId;
use tamga_registry::journal::JournalRow;
use tamga_registry::secret::WrappedDataKey;
use tamga_registry::store::{
    Act, AnchorAdded, AnchorRemoved, CertificateStrike, Change, DeviceStrike, EnrollmentAdded, GroupAdded,
    Hint, IntermediateAdded, ListBrought, StoreFault, Struck,
};

use super::super::hints::Hints;
use super::super::session::Steps;
use super::super::{Connection, anchor, enrollment, installation, journal, locks, secret, strike};

/// An open change. Dropped, it never was.
pub(super) struct OpenChange {
    steps: Steps,
    act: Act,
    /// Journal rows beside that of the act.
    also: Vec<JournalRow>,
    /// Whether a step changed what is cached as policy.
    policy: bool,
    hints: Hints,
}

impl OpenChange {
    /// Does a step that changes what devices of this organization are judged by: nobody is judged by it meanwhile.
    pub(super) async fn change_policy<T, W>(
        &mut self,
        organization: OrganizationId,
        work: W,
    ) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, StoreFault>> + Send + 'static,
    {
        self.policy = true;
        self.steps
            .take(move |connection| {
                Box::pin(async move {
                    locks::policy(organization, connection).await?;
                    work(connection).await
                })
            })
            .await
    }

    /// Does a step that changes no policy.
    pub(super) async fn step<T, W>(&mut self, work: W) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, StoreFault>> + Send + 'static,
    {
        self.steps.take(work).await
    }

    /// Does a step that changes what devices are judged by; it excludes by itself whoever judges by it.
    pub(super) async fn step_of_policy<T, W>(&mut self, work: W) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, StoreFault>> + Send + 'static,
    {
        self.policy = true;
        self.steps.take(work).await
    }

    pub(super) fn new(steps: Steps, act: Act, hints: Hints) -> Self {
        Self {
            steps,
            act,
            also: Vec::new(),
            policy: false,
            hints,
        }
    }

    /// Writes one more journal row when the change is kept.
    pub(super) fn also(&mut self, row: JournalRow) {
        self.also.push(row);
    }
}

#[async_trait]
impl Change for OpenChange {
    async fn add_group(&mut self, group: &Group) -> Result<GroupAdded, StoreFault> {
        let group = group.clone();
        self.change_policy(group.organization, move |connection| {
            Box::pin(async move { enrollment::add_group(&group, connection).await })
        })
        .await
    }

    async fn add_enrollment(
        &mut self,
        enrollment: &IndividualEnrollment,
    ) -> Result<EnrollmentAdded, StoreFault> {
        let row = enrollment.clone();
        self.change_policy(row.organization, move |connection| {
            Box::pin(async move { enrollment::add_individual(&row, connection).await })
        })
        .await
    }

    async fn set_group_state(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<bool, StoreFault> {
        let name = name.clone();
        self.change_policy(organization, move |connection| {
            Box::pin(async move { enrollment::set_group_state(organization, &name, state, connection).await })
        })
        .await
    }

    async fn set_enrollment_state(
        &mut self,
        organization: OrganizationId,
        id: &RegistrationId,
        state: EnrollmentState,
    ) -> Result<bool, StoreFault> {
        let id = id.clone();
        self.change_policy(organization, move |connection| {
            Box::pin(
                async move { enrollment::set_individual_state(organization, &id, state, connection).await },
            )
        })
        .await
    }

    async fn add_anchor(&mut self, anchor: &TrustAnchor, most: u32) -> Result<AnchorAdded, StoreFault> {
        let row = anchor.clone();
        self.change_policy(anchor.organization, move |connection| {
            Box::pin(async move { anchor::add(&row, most, connection).await })
        })
        .await
    }

    async fn set_anchor_state(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        state: AnchorState,
    ) -> Result<bool, StoreFault> {
        let name = name.clone();
        self.change_policy(organization, move |connection| {
            Box::pin(async move { anchor::set_state(organization, &name, state, connection).await })
        })
        .await
    }

    async fn set_anchor_status(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        status: AnchorStatus,
    ) -> Result<bool, StoreFault> {
        let name = name.clone();
        self.change_policy(organization, move |connection| {
            Box::pin(async move { anchor::set_status(organization, &name, status, connection).await })
        })
        .await
    }

    async fn add_intermediate(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        intermediate: &AnchorIntermediate,
    ) -> Result<IntermediateAdded, StoreFault> {
        let (name, row) = (name.clone(), intermediate.clone());
        self.change_policy(organization, move |connection| {
            Box::pin(async move { anchor::add_intermediate(organization, &name, &row, connection).await })
        })
        .await
    }

    async fn bring_list(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
        list: &AnchorList,
        most: u64,
    ) -> Result<ListBrought, StoreFault> {
        let (name, list) = (name.clone(), list.clone());
        self.change_policy(organization, move |connection| {
            Box::pin(async move { anchor::bring_list(organization, &name, (&list, most), connection).await })
        })
        .await
    }

    async fn remove_anchor(
        &mut self,
        organization: OrganizationId,
        name: &RegistrationId,
    ) -> Result<AnchorRemoved, StoreFault> {
        let name = name.clone();
        self.change_policy(organization, move |connection| {
            Box::pin(async move { anchor::remove(organization, &name, connection).await })
        })
        .await
    }

    async fn add_data_key(&mut self, key: &WrappedDataKey) -> Result<bool, StoreFault> {
        let key = key.clone();
        self.change_policy(key.organization, move |connection| {
            Box::pin(async move { secret::add_data_key(&key, connection).await })
        })
        .await
    }

    async fn strike_certificate(&mut self, strike: CertificateStrike) -> Result<Struck, StoreFault> {
        self.steps
            .take(move |connection| Box::pin(strike::strike_certificate(strike, connection)))
            .await
    }

    async fn strike_device(&mut self, strike: DeviceStrike) -> Result<Struck, StoreFault> {
        self.steps
            .take(move |connection| Box::pin(strike::strike_device(strike, connection)))
            .await
    }

    async fn keep(self: Box<Self>) -> Result<(), StoreFault> {
        let Self {
            steps,
            act,
            also,
            policy,
            hints,
        } = *self;
        steps
            .keep(move |connection| {
                Box::pin(async move {
                    if policy {
                        installation::raise_policy_version(connection).await?;
                    }
                    for row in &also {
                        journal::add(row, connection).await?;
                    }
                    journal::add(&act.journal, connection).await
                })
            })
            .await?;
        // Whatever was not revoked here makes the hint spurious, which is cheaper than to tell.
        hints.give(if policy {
            Hint::PolicyChanged
        } else {
            Hint::RevocationKept
        });
        Ok(())
    }
}
