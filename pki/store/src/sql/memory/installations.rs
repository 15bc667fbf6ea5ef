// SPDX-License-Identifier: Apache-2.0
//! What set-up and upkeep ask.

use async_trait::async_trait;
use tamga_registry::id::{CertificateId, OrganizationId, SoftwareKeyId};
use tamga_registry::journal::JournalRow;
use tamga_registry::organization::Organization;
use tamga_registry::profile::ProfileRevision;
use tamga_registry::secret::{SealedSoftwareKey, SealingPurpose, WrappedDataKey};
use tamga_registry::store::{Installation, Installations, NewInstallation, ServiceCertificate, StoreFault};
use tamga_x509::time::Timestamp;

use super::super::service_certificate::{self, KeepIntent, KeepRecord};
use super::super::{installation, organization, profile, secret};
use super::{Memory, within};

#[async_trait]
impl Installations for Memory {
    async fn installation(&self) -> Result<Option<Installation>, StoreFault> {
        within(async { installation::find(&mut *self.reader().await?).await }).await
    }

    async fn create_installation(&self, new: &NewInstallation) -> Result<bool, StoreFault> {
        self.writer.keep_one(new.clone()).await
    }

    async fn first_organization(&self) -> Result<Option<Organization>, StoreFault> {
        within(async { organization::first(&mut *self.reader().await?).await }).await
    }

    async fn profile(
        &self,
        organization: OrganizationId,
        name: &str,
    ) -> Result<Option<ProfileRevision>, StoreFault> {
        within(async {
            profile::named(organization, name, &self.revisions, &mut *self.reader().await?).await
        })
        .await
    }

    async fn software_key(&self, id: SoftwareKeyId) -> Result<Option<SealedSoftwareKey>, StoreFault> {
        within(async { secret::software_key(id, &mut *self.reader().await?).await }).await
    }

    async fn data_keys(
        &self,
        purpose: SealingPurpose,
        organization: OrganizationId,
    ) -> Result<Vec<WrappedDataKey>, StoreFault> {
        within(async { secret::data_keys(purpose, organization, &mut *self.reader().await?).await }).await
    }

    async fn service_certificate(&self) -> Result<Option<ServiceCertificate>, StoreFault> {
        within(async { service_certificate::newest(&mut *self.reader().await?).await }).await
    }

    async fn keep_service_intent(
        &self,
        intent: &ServiceCertificate,
        tbs_hash: [u8; 32],
        instead_of: Option<CertificateId>,
    ) -> Result<bool, StoreFault> {
        self.writer
            .keep_one(KeepIntent {
                service: intent.clone(),
                tbs_hash,
                instead_of,
            })
            .await
    }

    async fn keep_service_record(
        &self,
        certificate: CertificateId,
        der: Vec<u8>,
        at: Timestamp,
        journal: JournalRow,
    ) -> Result<bool, StoreFault> {
        self.writer
            .keep_one(KeepRecord {
                certificate,
                der,
                at,
                journal,
            })
            .await
    }
}
