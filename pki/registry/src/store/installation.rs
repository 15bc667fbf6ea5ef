// SPDX-License-Identifier: Apache-2.0
//! What the first start and the house's own upkeep ask: the installation, its authorities, its TLS certificate.

use async_trait::async_trait;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::certificate::CertificateRecord;
use crate::id::SoftwareKeyId;
use crate::issuer::Issuer;
use crate::journal::JournalRow;
use crate::organization::{IdScope, Organization};
use crate::profile::ProfileRevision;
use crate::secret::{SealedSoftwareKey, WrappedDataKey};

/// What is true of the whole installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The SPIFFE trust domain of every device certificate; never changes.
    pub trust_domain: String,
    /// The second octet of every serial.
    pub restore_epoch: u8,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An authority with its sealed key, and the first list of each of its shards still to be published.
#[derive(Debug, Clone)]
pub struct NewAuthority {
    /// The authority.
    pub issuer: Issuer,
    /// Its key.
    pub key: SealedSoftwareKey,
}

/// A whole new installation: kept in one commit, so that a crash leaves either none or a complete one.
#[derive(Debug, Clone)]
pub struct NewInstallation {
    /// The installation.
    pub installation: Installation,
    /// Its first organization.
    pub organization: Organization,
    /// The organization's id scope.
    pub scope: IdScope,
    /// Data keys.
    pub data_keys: Vec<WrappedDataKey>,
    /// Roots first.
    pub authorities: Vec<NewAuthority>,
    /// First revisions.
    pub profiles: Vec<ProfileRevision>,
    /// What the journal says.
    pub journal: Vec<JournalRow>,
}

/// Tamga's own TLS certificate with its sealed key.
#[derive(Debug, Clone)]
pub struct ServiceCertificate {
    /// The certificate row.
    pub certificate: CertificateRecord,
    /// Its key.
    pub key: SealedSoftwareKey,
}

/// How long the intent of a TLS certificate is left to whoever made it.
pub const SERVICE_LEASE: std::time::Duration = std::time::Duration::from_secs(60);

/// What set-up and upkeep ask of memory.
#[async_trait]
pub trait Installations: Send + Sync {
    /// The installation, once made.
    async fn installation(&self) -> Result<Option<Installation>, StoreFault>;

    /// Makes the installation. False when there is one already: then nothing is changed.
    async fn create_installation(&self, new: &NewInstallation) -> Result<bool, StoreFault>;

    /// The installation's first organization.
    async fn first_organization(&self) -> Result<Option<Organization>, StoreFault>;

    /// The current revision of a profile of an organization, by name.
    async fn profile(
        &self,
        organization: crate::id::OrganizationId,
        name: &str,
    ) -> Result<Option<ProfileRevision>, StoreFault>;

    /// A sealed software key.
    async fn software_key(&self, id: SoftwareKeyId) -> Result<Option<SealedSoftwareKey>, StoreFault>;

    /// The data keys of an organization and purpose, by version.
    async fn data_keys(
        &self,
        purpose: crate::secret::SealingPurpose,
        organization: crate::id::OrganizationId,
    ) -> Result<Vec<WrappedDataKey>, StoreFault>;

    /// The newest recorded TLS certificate of the house.
    async fn service_certificate(&self) -> Result<Option<ServiceCertificate>, StoreFault>;

    /// Keeps the intent of a TLS certificate with its sealed key: serial and exact bytes, before the signature. An earlier
    /// one that was not completed within [`SERVICE_LEASE`] is recorded as revoked with it: it may have been signed.
    ///
    /// False, and nothing is kept, when the newest recorded one is not `instead_of`, or a younger intent is still being
    /// completed: somebody else saw to it.
    async fn keep_service_intent(
        &self,
        intent: &ServiceCertificate,
        tbs_hash: [u8; 32],
        instead_of: Option<crate::id::CertificateId>,
    ) -> Result<bool, StoreFault>;

    /// Completes it with its journal row. False when it is no longer intended.
    async fn keep_service_record(
        &self,
        certificate: crate::id::CertificateId,
        der: Vec<u8>,
        at: Timestamp,
        journal: JournalRow,
    ) -> Result<bool, StoreFault>;
}
