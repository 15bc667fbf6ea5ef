// SPDX-License-Identifier: Apache-2.0
//! What operators ask of devices, certificates, orders and the journal.

use async_trait::async_trait;
use tamga_registry::certificate::{CertificateFilter, SeenCertificate};
use tamga_registry::device::{Device, DeviceFilter};
use tamga_registry::id::{CertificateId, OrderId, OrganizationId, RequestId};
use tamga_registry::journal::{JournalEntry, JournalFilter};
use tamga_registry::order::{OrderFilter, SeenOrder};
use tamga_registry::page::{Page, Portion};
use tamga_registry::store::{Ledgers, StoreFault, Traces};

use super::super::{certificate_list, device_list, journal_list, order_list, seen_submission};
use super::{Memory, within};

#[async_trait]
impl Ledgers for Memory {
    async fn devices(
        &self,
        organization: OrganizationId,
        filter: &DeviceFilter,
        page: &Page,
    ) -> Result<Portion<Device>, StoreFault> {
        within(async { device_list::list(organization, filter, page, &mut *self.reader().await?).await })
            .await
    }

    async fn certificates(
        &self,
        organization: OrganizationId,
        filter: &CertificateFilter,
        page: &Page,
    ) -> Result<Portion<SeenCertificate>, StoreFault> {
        within(async { certificate_list::list(organization, filter, page, &mut *self.reader().await?).await })
            .await
    }

    async fn seen_certificate(
        &self,
        organization: OrganizationId,
        id: CertificateId,
    ) -> Result<Option<SeenCertificate>, StoreFault> {
        within(async { certificate_list::find(organization, id, &mut *self.reader().await?).await }).await
    }

    async fn orders(
        &self,
        organization: OrganizationId,
        filter: &OrderFilter,
        page: &Page,
    ) -> Result<Portion<SeenOrder>, StoreFault> {
        within(async { order_list::list(organization, filter, page, &mut *self.reader().await?).await }).await
    }

    async fn seen_order(
        &self,
        organization: OrganizationId,
        id: OrderId,
    ) -> Result<Option<SeenOrder>, StoreFault> {
        within(async { order_list::find(organization, id, &mut *self.reader().await?).await }).await
    }

    async fn journal(
        &self,
        organization: OrganizationId,
        filter: &JournalFilter,
        page: &Page,
    ) -> Result<Portion<JournalEntry>, StoreFault> {
        within(async { journal_list::list(organization, filter, page, &mut *self.reader().await?).await })
            .await
    }

    async fn traces(&self, organization: OrganizationId, request: RequestId) -> Result<Traces, StoreFault> {
        let asked = async {
            let reader = &mut *self.reader().await?;
            Ok(Traces {
                entries: journal_list::of_request(organization, request, reader).await?,
                orders: order_list::of_request(organization, request, reader).await?,
                submissions: seen_submission::of_request(organization, request, reader).await?,
            })
        };
        within(asked).await
    }
}
