// SPDX-License-Identifier: Apache-2.0
//! Judges one submission as if it had just come, and tells the journal of a refusal.

use std::time::Duration;

use tamga_registry::id::{OrganizationId, SubmissionId};
use tamga_registry::journal::{HotAct, Outcome};
use tamga_registry::role::Principal;
use tamga_registry::submission::{Settlement, Submission};

use crate::chain::Claim;
use crate::enroll::Door;
use crate::journal::Happening;
use crate::refusal::{Failure, Fault, Refusal};
use crate::request::RequestContext;

/// Judges one submission. Nothing, where the fault is ours: its lease ends, and it is judged once more.
pub(super) async fn judged(door: &Door, submission: Submission, oldest: Duration) -> Option<Settlement> {
    let (id, witness) = (submission.id, witness(&submission));
    match judge(door, submission, oldest).await {
        Ok(settlement) => Some(settlement),
        Err(Failure::Refused(refusal)) => match tell(door, witness, &refusal).await {
            Ok(()) => Some(refusal.settlement()),
            Err(fault) => {
                tracing::error!(%fault, submission = %id, "a refusal could not be journalled; it is judged again");
                None
            }
        },
        Err(Failure::Broken(fault)) => {
            tracing::error!(%fault, submission = %id, "a submission could not be judged; it is tried again");
            None
        }
    }
}

async fn judge(door: &Door, submission: Submission, oldest: Duration) -> Result<Settlement, Failure> {
    let now = door.means.now();
    if now.duration_since(submission.received_at) > oldest {
        return Err(Refusal::SubmissionTooOld.into());
    }
    if submission.received_at.duration_since(now) > AHEAD {
        return Err(unjudgeable(
            submission.id,
            "it was received at an instant that has not come",
        ));
    }
    let policy = door.policies.of(&submission.scope).await?;
    let policy = policy.filter(|policy| policy.organization.id == submission.organization);
    let policy = policy.ok_or_else(|| unjudgeable(submission.id, "its scope is not its organization's"))?;
    let asked = submission.csr.is_some();
    let claim = Claim {
        testimony: door.policies.open_evidence(&policy, &submission)?,
        scope: submission.scope,
        registration_id: submission.registration_id,
        csr: submission.csr,
        context: RequestContext {
            request: submission.request,
            source: submission.source,
            once: None,
        },
        // A door's clock may be a little ahead; nothing is judged as of an instant that has not come.
        received_at: submission.received_at.min(now),
        operation: Some(submission.operation),
    };
    let served = door.fulfil(claim).await?;
    match served.order {
        Some(order) => Ok(Settlement::Order(order)),
        None if asked => Err(Fault::new("judging a submission", "a request came to no order").into()),
        None => Ok(Settlement::Registered),
    }
}

/// A submission that nobody can judge, today or later.
fn unjudgeable(id: SubmissionId, why: &str) -> Failure {
    tracing::error!(submission = %id, why, "a submission cannot be judged; it is refused");
    Refusal::SubmissionUnreadable.into()
}

/// Of whom a refusal is told.
fn witness(submission: &Submission) -> Happening<'static> {
    let context = RequestContext {
        request: submission.request,
        source: submission.source,
        once: None,
    };
    let object = submission.registration_id.presented().to_owned();
    refused(Some(submission.organization), object, context)
}

/// What is told of a refusal, but for its reason.
pub(super) fn refused(
    organization: Option<OrganizationId>,
    object: String,
    context: RequestContext,
) -> Happening<'static> {
    Happening {
        organization,
        act: HotAct::DeviceRefuse.word(),
        actor: Principal::Duty { name: "clerk" },
        object,
        context,
        outcome: Outcome::Done(None),
        digests: &[],
    }
}

/// Journals a refusal unless it is journalled: the clerk's door tells of a device that proved itself, and only counts
/// those of whom it has doubts. Here another door had none.
pub(super) async fn tell(door: &Door, witness: Happening<'static>, refusal: &Refusal) -> Result<(), Fault> {
    let untold = matches!(
        refusal,
        Refusal::Unproven(_)
            | Refusal::SubmissionTooOld
            | Refusal::SubmissionUnreadable
            | Refusal::SubmissionsCrowded
    );
    if !untold {
        return Ok(());
    }
    let outcome = Outcome::Refused(refusal.slug());
    let row = Happening { outcome, ..witness }.row(door.means.now(), &*door.means.chance)?;
    door.denials.refused(row).await;
    Ok(())
}

/// How far a door's clock may be ahead of this one.
const AHEAD: Duration = Duration::from_secs(5 * 60);
