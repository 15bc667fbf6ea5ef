// SPDX-License-Identifier: Apache-2.0
//! An open administrative change: each method a step inside the writer's transaction.

use async_trait::async_trait;
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{EnrollmentState, Group, IndividualEnrollment};
use tamga_registry::id::OrganizationId;
use tamga_registry::secret::WrappedDataKey;
use tamga_registry::store::{
    Act, CertificateStrike, Change, DeviceStrike, EnrollmentAdded, Hint, StoreFault, Struck,
};

use super::super::hints::Hints;
use super::super::session::Steps;
use super::super::{enrollment, installation, journal, secret, strike};

/// An open change. Dropped, it never was.
pub(super) struct OpenChange {
    steps: Steps,
    act: Act,
    /// Whether a step changed what is cached as policy.
    policy: bool,
    hints: Hints,
}

impl OpenChange {
    pub(super) fn new(steps: Steps, act: Act, hints: Hints) -> Self {
        Self {
            steps,
            act,
            policy: false,
            hints,
        }
    }
}

#[async_trait]
impl Change for OpenChange {
    async fn add_group(&mut self, group: &Group) -> Result<bool, StoreFault> {
        let group = group.clone();
        self.policy = true;
        self.steps
            .take(move |connection| Box::pin(async move { enrollment::add_group(&group, connection).await }))
            .await
    }

    async fn add_enrollment(
        &mut self,
        enrollment: &IndividualEnrollment,
    ) -> Result<EnrollmentAdded, StoreFault> {
        let row = enrollment.clone();
        self.policy = true;
        self.steps
            .take(move |connection| {
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
        self.policy = true;
        self.steps
            .take(move |connection| {
                Box::pin(
                    async move { enrollment::set_group_state(organization, &name, state, connection).await },
                )
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
        self.policy = true;
        self.steps
            .take(move |connection| {
                Box::pin(async move {
                    enrollment::set_individual_state(organization, &id, state, connection).await
                })
            })
            .await
    }

    async fn add_data_key(&mut self, key: &WrappedDataKey) -> Result<bool, StoreFault> {
        let key = key.clone();
        self.policy = true;
        self.steps
            .take(move |connection| Box::pin(async move { secret::add_data_key(&key, connection).await }))
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
            policy,
            hints,
        } = *self;
        steps
            .keep(move |connection| {
                Box::pin(async move {
                    if policy {
                        installation::raise_policy_version(connection).await?;
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
