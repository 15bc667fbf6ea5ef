// SPDX-License-Identifier: Apache-2.0
//! What became of an order: waiting for it, polling it, and the form in which its certificate leaves the house.

use std::time::Duration;

use tamga_registry::admission::Denial;
use tamga_registry::certificate::{CertificateRecord, CertificateState};
use tamga_registry::device::Device;
use tamga_registry::id::{CertificateId, OrderId};
use tamga_registry::order::{OperationId, Order, OrderState};
use tamga_registry::store::{Hinted, OperationAnswer};
use tamga_registry::submission::{Settlement, SubmissionState};
use tamga_x509::time::Timestamp;

use super::call::{Call, Summary};
use super::{Door, Hands, Look, Progress, Proven, Registered, admitted_device, missing, registered};
use crate::chain::Issued;
use crate::policy::Policy;
use crate::refusal::{Failure, Fault, Refusal};

impl Door {
    /// Waits for an order that is already on its way, here or elsewhere.
    pub(super) async fn join(
        &self,
        call: &Call<'_>,
        summary: &Summary,
        device: Device,
        order: OrderId,
    ) -> Result<Look, Failure> {
        let (name, deadline) = (order, call.deadline);
        loop {
            // Asked for before the order is read: a hint between the two is not lost.
            let hint = self.finished();
            let (order, record) = self.order_of(&device, name).await?;
            let progress = self.progress(&summary.policy, &order, &record).await?;
            if !matches!(progress, Progress::Pending) || tokio::time::Instant::now() >= deadline {
                return match progress {
                    Progress::Failed(refusal) => Err(refusal.into()),
                    done @ (Progress::Assigned(_) | Progress::Pending) => {
                        let registered = summary.registered(device, order.operation, done);
                        Ok(Look::ordered(registered, name))
                    }
                };
            }
            let soon = (tokio::time::Instant::now() + POLL).min(deadline);
            // A hint only: polling alone finds another replica's work as well.
            let _ = tokio::time::timeout_at(soon, hint).await;
        }
    }

    pub(super) async fn answer(&self, proven: Proven, operation: OperationId) -> Result<Registered, Failure> {
        admitted_device(&proven)?;
        let store = &self.means.store;
        let organization = proven.policy.organization.id;
        let found = store
            .operation(organization, &proven.registration_id, operation)
            .await?;
        match found {
            None => self.filed(proven, operation).await,
            Some(OperationAnswer::Registration(device)) => {
                Ok(registered(&proven, device, operation, Progress::Assigned(None)))
            }
            Some(OperationAnswer::Order(found)) => {
                let (device, order, record) = *found;
                let progress = self.progress(&proven.policy, &order, &record).await?;
                Ok(registered(&proven, device, operation, progress))
            }
        }
    }

    /// An operation that names no order yet, or joined another one's: what was handed in under it.
    async fn filed(&self, proven: Proven, operation: OperationId) -> Result<Registered, Failure> {
        let (policy, id) = (proven.policy.clone(), &proven.registration_id);
        let filed = self.means.store.submission(policy.organization.id, id, operation);
        let filed = filed.await?.ok_or(Refusal::NotFound("operation"))?;
        let progress = match filed.state {
            SubmissionState::Waiting => Progress::Pending,
            // What came of it went with its device, if that is gone since: whoever has its name now asked for nothing.
            SubmissionState::Settled(Settlement::Registered) => match self.known(&policy, id).await? {
                Some(_) => Progress::Assigned(None),
                None => return Err(Refusal::NotFound("operation").into()),
            },
            SubmissionState::Settled(Settlement::Order(order)) => {
                let device = self.known(&policy, id).await?;
                let (order, record) = self.order(order).await?;
                if device.is_none_or(|device| device.id != order.device) {
                    return Err(Refusal::NotFound("operation").into());
                }
                self.progress(&policy, &order, &record).await?
            }
            SubmissionState::Settled(Settlement::Refused { slug, sentence }) => {
                Progress::Failed(Refusal::settled(&slug, &sentence))
            }
        };
        // It may have become known since it proved itself.
        let device = match self.known(&policy, id).await? {
            Some(device) => device,
            None => self.awaited(&proven, operation, filed.received_at)?,
        };
        Ok(registered(&proven, device, operation, progress))
    }

    /// The device as it will be: known since its request was received, and not yet kept.
    pub(super) fn awaited(
        &self,
        proven: &Proven,
        operation: OperationId,
        received_at: Timestamp,
    ) -> Result<Device, Fault> {
        if let Some(device) = &proven.device {
            return Ok(device.clone());
        }
        let (device, _) = self.new_device(proven, operation)?;
        Ok(Device {
            created_at: received_at,
            updated_at: received_at,
            ..device
        })
    }

    /// Resolves when an order may have been finished after this call.
    fn finished(&self) -> Hinted {
        match &self.hands {
            Hands::Here(hand) => Box::pin(hand.finished()),
            Hands::Elsewhere(desk) => desk.settled(),
        }
    }

    async fn progress(
        &self,
        policy: &Policy,
        order: &Order,
        record: &CertificateRecord,
    ) -> Result<Progress, Failure> {
        match &order.state {
            OrderState::Open => Ok(Progress::Pending),
            OrderState::Failed { reason } if reason == Denial::DeviceRevoked.slug() => {
                Ok(Progress::Failed(Denial::DeviceRevoked.into()))
            }
            OrderState::Failed { .. } => Ok(Progress::Failed(Denial::OrderFailed.into())),
            OrderState::Fulfilled => match self.handed_out(policy, record).await {
                Ok(issued) => Ok(Progress::Assigned(Some(issued))),
                Err(Failure::Refused(refusal)) => Ok(Progress::Failed(refusal)),
                Err(broken) => Err(broken),
            },
        }
    }

    /// A recorded certificate in the form it leaves the house; superseded and revoked ones never do.
    pub(super) async fn handed_out(
        &self,
        policy: &Policy,
        record: &CertificateRecord,
    ) -> Result<Issued, Failure> {
        match record.state {
            CertificateState::Superseded { .. } => return Err(Denial::CertificateSuperseded.into()),
            CertificateState::Revoked { .. } => return Err(Refusal::CertificateRevoked.into()),
            CertificateState::Issued { .. } | CertificateState::Intended { .. } => {}
        }
        let issuer = self.issuer_of(policy, record.issuer).await?;
        Issued::recorded(record, &issuer).ok_or_else(|| missing("certificate", &record.id).into())
    }

    pub(super) async fn recorded(&self, id: CertificateId) -> Result<CertificateRecord, Failure> {
        self.means
            .store
            .certificate(id)
            .await?
            .ok_or_else(|| missing("certificate", &id).into())
    }

    /// An order that is said to be of this device. What says so may be wrong; nobody is handed another's certificate.
    async fn order_of(&self, device: &Device, id: OrderId) -> Result<(Order, CertificateRecord), Failure> {
        let (order, record) = self.order(id).await?;
        if order.device != device.id || order.organization != device.organization {
            let what = format!("the order {id} is not of the device {}", device.id);
            return Err(Fault::new("reading an order", what).into());
        }
        Ok((order, record))
    }

    pub(super) async fn order(&self, id: OrderId) -> Result<(Order, CertificateRecord), Failure> {
        self.means
            .store
            .order(id)
            .await?
            .ok_or_else(|| missing("order", &id).into())
    }
}

/// How often an order of another replica is looked at.
const POLL: Duration = Duration::from_millis(100);
