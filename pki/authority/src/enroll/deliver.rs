// SPDX-License-Identifier: Apache-2.0
//! Step three: an admitted order goes to the hand, of this process or of another, and its device waits or is told to poll.
//!
//! A device is told to poll only what is stored. Where its order is not stored in time, what it asked and proved is:
//! a clerk judges it again and makes the order under the very operation the device was told.

use tamga_registry::device::Device;
use tamga_registry::id::SubmissionId;
use tamga_registry::order::OperationId;
use tamga_registry::store::Posted;
use tamga_registry::submission::{Settlement, Submission};
use tokio::time::{Instant, timeout_at};

use super::call::{Asking, Call, Summary};
use super::{Door, Hands, Look, Progress, Proven, missing};
use crate::chain::{Admitted, Testimony};
use crate::desk::{Desk, Filing};
use crate::fulfil::{Errand, Hand, HandOutcome, OrderName, foresee};
use crate::refusal::{Failure, Fault, Refusal};

/// What is stored when a call's patience ends.
enum Stored {
    Order(OrderName),
    /// What was asked, under the call's own operation.
    Submission,
}

impl Door {
    /// Passes an admitted order on and waits for its certificate.
    pub(super) async fn pass_on(&self, call: &Call<'_>, admitted: Admitted) -> Result<Look, Failure> {
        match &self.hands {
            Hands::Here(hand) => self.give(call, admitted, hand).await,
            Hands::Elsewhere(desk) => {
                foresee(&self.means, &admitted)?;
                self.hand_in(call, admitted.proven, desk).await
            }
        }
    }

    /// To the hand of this process.
    async fn give(&self, call: &Call<'_>, admitted: Admitted, hand: &Hand) -> Result<Look, Failure> {
        let summary = Summary::of(&admitted.proven);
        let device = admitted.device.clone();
        let mut errand = match call.caller {
            Asking::Clerk => hand.take(admitted).await?,
            Asking::Device => match timeout_at(call.deadline, hand.take(admitted)).await {
                Ok(errand) => errand?,
                Err(_) => {
                    return match self.put_by(call, &summary).await? {
                        Posted::Kept => Ok(pending(&summary, device, call.operation)),
                        Posted::Crowded => Err(Refusal::SubmissionsCrowded.into()),
                    };
                }
            },
        };
        let outcome = match timeout_at(call.deadline, errand.done()).await {
            Ok(outcome) => outcome?,
            Err(_) => match self.stored(call, &summary, &mut errand).await? {
                Ok(Stored::Order(order)) => {
                    let registered = summary.registered(device, order.operation, Progress::Pending);
                    return Ok(Look::ordered(registered, order.id));
                }
                Ok(Stored::Submission) => return Ok(pending(&summary, device, call.operation)),
                Err(outcome) => outcome,
            },
        };
        match outcome {
            HandOutcome::Issued(order, issued) => {
                let progress = Progress::Assigned(Some(issued));
                Ok(Look::ordered(
                    summary.registered(device, order.operation, progress),
                    order.id,
                ))
            }
            HandOutcome::Refused(refusal) => Err(refusal.into()),
            HandOutcome::Stale => Ok(Look::Stale),
            HandOutcome::Broken(fault) => Err(fault.into()),
        }
    }

    /// Sees to it that what is to be polled is stored: the order, or what was asked. Or the end, if that comes first.
    async fn stored(
        &self,
        call: &Call<'_>,
        summary: &Summary,
        errand: &mut Errand,
    ) -> Result<Result<Stored, HandOutcome>, Failure> {
        if let Some(order) = errand.is_kept() {
            return Ok(Ok(Stored::Order(order)));
        }
        if call.caller == Asking::Device && self.put_by(call, summary).await? == Posted::Kept {
            // Its place in the queue is given up with the errand.
            return Ok(Ok(Stored::Submission));
        }
        Ok(errand.kept_or_done().await?.map(Stored::Order))
    }

    /// Stores what was asked and proved, for a clerk to judge again.
    async fn put_by(&self, call: &Call<'_>, summary: &Summary) -> Result<Posted, Failure> {
        let rows = vec![self.submission(call, summary)?];
        let posted = self.means.store.submit(rows, self.rules.most_waiting).await?;
        let posted = posted.first().copied();
        posted.ok_or_else(|| Fault::new("keeping a submission", "the database gave no verdict").into())
    }

    /// To the hand of another process.
    pub(super) async fn hand_in(
        &self,
        call: &Call<'_>,
        proven: Proven,
        desk: &Desk,
    ) -> Result<Look, Failure> {
        let summary = Summary::of(&proven);
        let submission = self.submission(call, &summary)?;
        let waiting = loop {
            match desk.file(submission.clone(), self.rules.most_waiting).await? {
                Filing::Kept(waiting) => break waiting,
                // A crowd thins out; a device turned away may be lost for hours.
                Filing::Crowded if Instant::now() < call.deadline => {
                    tokio::time::sleep_until((Instant::now() + ROOM).min(call.deadline)).await;
                }
                Filing::Crowded => return Err(Refusal::SubmissionsCrowded.into()),
            }
        };
        match timeout_at(call.deadline, waiting.settled()).await {
            Ok(settlement) => self.settled(call, &summary, settlement?).await,
            Err(_) => {
                let device = self.awaited(&proven, call.operation, submission.received_at)?;
                Ok(pending(&summary, device, call.operation))
            }
        }
    }

    /// What another process made of it.
    async fn settled(
        &self,
        call: &Call<'_>,
        summary: &Summary,
        settlement: Settlement,
    ) -> Result<Look, Failure> {
        match settlement {
            Settlement::Refused { slug, sentence } => Ok(Look::Refused(Refusal::settled(&slug, &sentence))),
            Settlement::Registered => {
                let device = self.enrolled(summary, call).await?;
                let operation = device.operation;
                let progress = Progress::Assigned(None);
                Ok(Look::done(summary.registered(device, operation, progress)))
            }
            Settlement::Order(order) => {
                let device = self.enrolled(summary, call).await?;
                self.join(call, summary, device, order).await
            }
        }
    }

    /// The device, which is known by now.
    async fn enrolled(&self, summary: &Summary, call: &Call<'_>) -> Result<Device, Failure> {
        let id = &call.claim.registration_id;
        let device = self.known(&summary.policy, id).await?;
        device.ok_or_else(|| missing("device", id).into())
    }

    /// What was asked and proved, in the form in which it is kept.
    fn submission(&self, call: &Call<'_>, summary: &Summary) -> Result<Submission, Fault> {
        let (claim, policy) = (call.claim, &summary.policy);
        let submission = Submission {
            id: SubmissionId::fresh(self.means.now(), &*self.means.chance)?,
            organization: policy.organization.id,
            scope: claim.scope.clone(),
            registration_id: claim.registration_id.clone(),
            csr: claim.csr.clone(),
            evidence: Vec::new(),
            data_key: 0,
            operation: call.operation,
            request: claim.context.request,
            source: claim.context.source,
            station: match &claim.testimony {
                Testimony::Own(_) => None,
                Testimony::Station(word) => Some(word.station()),
            },
            received_at: claim.received_at,
        };
        self.policies.seal_evidence(policy, submission, &claim.testimony)
    }
}

fn pending(summary: &Summary, device: Device, operation: OperationId) -> Look {
    Look::done(summary.registered(device, operation, Progress::Pending))
}

/// How often a door that was told of a crowd asks for room again.
const ROOM: std::time::Duration = std::time::Duration::from_millis(250);
