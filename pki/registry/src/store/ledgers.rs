// SPDX-License-Identifier: Apache-2.0
//! What operators ask of devices, certificates, orders and the journal.

use async_trait::async_trait;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::certificate::{CertificateFilter, SeenCertificate};
use crate::device::{Device, DeviceFilter};
use crate::id::{CertificateId, OrderId, OrganizationId, RequestId, SubmissionId};
use crate::journal::{JournalEntry, JournalFilter};
use crate::order::{OrderFilter, SeenOrder};
use crate::page::{Page, Portion};
use crate::submission::SubmissionState;

/// What was handed in under a request, without what was sealed of it.
#[derive(Debug, Clone)]
pub struct SeenSubmission {
    /// Its id.
    pub id: SubmissionId,
    /// Who it says it is, as presented.
    pub registration_id: String,
    /// When the door received it.
    pub received_at: Timestamp,
    /// How far it has come.
    pub state: SubmissionState,
}

/// All that is known of one request.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    /// What the journal tells, oldest first.
    pub entries: Vec<JournalEntry>,
    /// The orders it made.
    pub orders: Vec<SeenOrder>,
    /// What it handed in.
    pub submissions: Vec<SeenSubmission>,
}

/// Devices, certificates, orders and the journal of an organization, to be looked at. Lists are walked: a part of one
/// costs the same, however many rows there are and however few its filters leave.
#[async_trait]
pub trait Ledgers: Send + Sync {
    /// A part of its devices, by name or by age.
    async fn devices(
        &self,
        organization: OrganizationId,
        filter: &DeviceFilter,
        page: &Page,
    ) -> Result<Portion<Device>, StoreFault>;

    /// A part of its devices' certificates and intents, by age or by the end of their lives.
    async fn certificates(
        &self,
        organization: OrganizationId,
        filter: &CertificateFilter,
        page: &Page,
    ) -> Result<Portion<SeenCertificate>, StoreFault>;

    /// A certificate of one of its devices.
    async fn seen_certificate(
        &self,
        organization: OrganizationId,
        id: CertificateId,
    ) -> Result<Option<SeenCertificate>, StoreFault>;

    /// A part of its orders, by age.
    async fn orders(
        &self,
        organization: OrganizationId,
        filter: &OrderFilter,
        page: &Page,
    ) -> Result<Portion<SeenOrder>, StoreFault>;

    /// One of its orders.
    async fn seen_order(
        &self,
        organization: OrganizationId,
        id: OrderId,
    ) -> Result<Option<SeenOrder>, StoreFault>;

    /// A part of its journal, by age.
    async fn journal(
        &self,
        organization: OrganizationId,
        filter: &JournalFilter,
        page: &Page,
    ) -> Result<Portion<JournalEntry>, StoreFault>;

    /// All that is known in it of one request.
    async fn traces(&self, organization: OrganizationId, request: RequestId) -> Result<Traces, StoreFault>;
}
