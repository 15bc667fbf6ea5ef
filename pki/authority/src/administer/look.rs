// SPDX-License-Identifier: Apache-2.0
//! What operators look at: devices, certificates, orders and the journal, a part at a time.

use std::sync::Arc;

use tamga_registry::certificate::{CertificateFilter, SeenCertificate};
use tamga_registry::device::{Device, DeviceFilter, RegistrationId};
use tamga_registry::id::{CertificateId, OrderId};
use tamga_registry::journal::{JournalEntry, JournalFilter};
use tamga_registry::order::{OrderFilter, SeenOrder};
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::page::{Page, Portion};
use tamga_registry::role::Permission;
use tamga_registry::store::DeviceView;

use super::Administration;
use crate::guard::Caller;
use crate::policy::chain_of;
use crate::refusal::{Failure, Fault, Refusal};

/// A certificate, and what is above it.
#[derive(Debug)]
pub struct CertificateSight {
    /// The certificate.
    pub seen: SeenCertificate,
    /// DER: its issuer first, the root last.
    pub chain: Vec<Arc<[u8]>>,
}

impl Administration {
    /// A part of the devices of an organization.
    pub async fn devices(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        filter: &DeviceFilter,
        page: &Page,
    ) -> Result<Portion<Device>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::DeviceRead, object, async {
            let (organization, _) = self.enter(caller, Permission::DeviceRead, organization).await?;
            Ok(self.means.store.devices(organization.id, filter, page).await?)
        })
        .await
    }

    /// A device and its certificates.
    pub async fn device(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: &RegistrationId,
    ) -> Result<DeviceView, Failure> {
        let object = id.to_string();
        self.witnessed(caller, Permission::DeviceRead, object, async {
            let (organization, _) = self.enter(caller, Permission::DeviceRead, organization).await?;
            let view = self.means.store.device(organization.id, id).await?;
            view.ok_or_else(|| Refusal::NotFound("device").into())
        })
        .await
    }

    /// A part of the certificates of an organization's devices.
    pub async fn certificates(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        filter: &CertificateFilter,
        page: &Page,
    ) -> Result<Portion<SeenCertificate>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::CertificateRead, object, async {
            let (organization, _) = self
                .enter(caller, Permission::CertificateRead, organization)
                .await?;
            Ok(self
                .means
                .store
                .certificates(organization.id, filter, page)
                .await?)
        })
        .await
    }

    /// A certificate of one of its devices, with what is above it.
    pub async fn certificate(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: CertificateId,
    ) -> Result<CertificateSight, Failure> {
        self.witnessed(caller, Permission::CertificateRead, id.to_string(), async {
            let (organization, _) = self
                .enter(caller, Permission::CertificateRead, organization)
                .await?;
            let store = &*self.means.store;
            let seen = store.seen_certificate(organization.id, id).await?;
            let seen = seen.ok_or(Refusal::NotFound("certificate"))?;
            let issuer = store.issuer(seen.record.issuer).await?;
            let issuer = issuer.ok_or_else(|| {
                Fault::new("reading an issuer", format!("{} is missing", seen.record.issuer))
            })?;
            let chain = chain_of(store, &issuer).await?;
            Ok(CertificateSight { seen, chain })
        })
        .await
    }

    /// A part of the orders of an organization.
    pub async fn orders(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        filter: &OrderFilter,
        page: &Page,
    ) -> Result<Portion<SeenOrder>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::OrderRead, object, async {
            let (organization, _) = self.enter(caller, Permission::OrderRead, organization).await?;
            Ok(self.means.store.orders(organization.id, filter, page).await?)
        })
        .await
    }

    /// One of its orders.
    pub async fn order(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: OrderId,
    ) -> Result<SeenOrder, Failure> {
        self.witnessed(caller, Permission::OrderRead, id.to_string(), async {
            let (organization, _) = self.enter(caller, Permission::OrderRead, organization).await?;
            let seen = self.means.store.seen_order(organization.id, id).await?;
            seen.ok_or_else(|| Refusal::NotFound("order").into())
        })
        .await
    }

    /// A part of the journal of an organization.
    pub async fn journal(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        filter: &JournalFilter,
        page: &Page,
    ) -> Result<Portion<JournalEntry>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::JournalRead, object, async {
            let (organization, _) = self.enter(caller, Permission::JournalRead, organization).await?;
            Ok(self.means.store.journal(organization.id, filter, page).await?)
        })
        .await
    }
}
