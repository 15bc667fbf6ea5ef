// SPDX-License-Identifier: Apache-2.0
//! What the door asks.

use async_trait::async_trait;
use tamga_registry::anchor::TrustAnchor;
use tamga_registry::device::RegistrationId;
use tamga_registry::id::{AnchorId, OrganizationId};
use tamga_registry::journal::{JournalRow, RefusalTally};
use tamga_registry::lineage::Line;
use tamga_registry::order::OperationId;
use tamga_registry::organization::IdScope;
use tamga_registry::secret::SealingPurpose;
use tamga_registry::store::{
    Enrollee, EnrolleeQuestion, Enrollments, IntentVerdict, LineQuestion, OperationAnswer, PolicyVersion,
    Registration, ScopePolicy, StoreFault,
};

use super::super::{
    anchor, enrollment, installation, issuer, lineage, operation, organization, profile, secret, station,
};
use super::{Memory, within};

#[async_trait]
impl Enrollments for Memory {
    async fn policy_version(&self) -> Result<PolicyVersion, StoreFault> {
        within(installation::policy_version(&self.questions)).await
    }

    async fn scope_policy(&self, scope: &IdScope) -> Result<Option<ScopePolicy>, StoreFault> {
        let asked = async {
            let reader = &mut *self.reader().await?;
            // First: what changes while the rest is read makes this number old.
            let version = installation::policy_version_by(reader).await?;
            let Some(organization) = organization::of_scope(scope, reader).await? else {
                return Ok(None);
            };
            let id = organization.id;
            // Before the groups: of a station that is made meanwhile the group is not read either way.
            let stations = station::by_age(id, reader).await?;
            Ok(Some(ScopePolicy {
                version,
                organization,
                groups: enrollment::groups_by_age(id, reader).await?,
                profiles: profile::granted(id, &self.revisions, reader).await?,
                issuers: issuer::granted(id, reader).await?,
                anchors: anchor::granted(id, reader).await?,
                stations,
                data_keys: secret::data_keys(SealingPurpose::DeviceSecrets, id, reader).await?,
            }))
        };
        within(asked).await
    }

    async fn trust_anchor(&self, id: AnchorId) -> Result<Option<TrustAnchor>, StoreFault> {
        within(async { anchor::by_id(id, &mut *self.reader().await?).await }).await
    }

    async fn enrollee(&self, question: &EnrolleeQuestion<'_>) -> Result<Enrollee, StoreFault> {
        within(enrollment::enrollee(question, &self.questions)).await
    }

    async fn line(&self, question: &LineQuestion) -> Result<Line, StoreFault> {
        let asked = async {
            let found = lineage::find(question, &self.questions).await?;
            for revision in found.revisions() {
                if self.revisions.known(revision).is_none() {
                    self.revisions.get(revision, &mut *self.reader().await?).await?;
                }
            }
            found.line(&self.revisions)
        };
        within(asked).await
    }

    async fn operation(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
        operation: OperationId,
    ) -> Result<Option<OperationAnswer>, StoreFault> {
        within(async { operation::find(organization, id, operation, &mut *self.reader().await?).await }).await
    }

    async fn keep_registrations(&self, rows: Vec<Registration>) -> Result<Vec<IntentVerdict>, StoreFault> {
        self.writer.keep(rows).await
    }

    async fn keep_refusals(&self, rows: Vec<JournalRow>) -> Result<(), StoreFault> {
        self.writer.keep(rows).await.map(|_| ())
    }

    async fn keep_tallies(&self, tallies: Vec<RefusalTally>) -> Result<(), StoreFault> {
        self.writer.keep(tallies).await.map(|_| ())
    }
}
