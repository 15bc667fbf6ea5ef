// SPDX-License-Identifier: Apache-2.0
//! The clerk beside the hand: takes what doors of other processes handed in, judges it again, and says what became of it.
//!
//! It believes nothing a door says but when a request was received and what a handshake proved: the evidence is opened
//! and judged again, by this process's own policy. So a fallen door adds false submissions and nothing else.
//!
//! A clerk that dies leaves leases of a few seconds behind; another takes over. Two that work on the same submission
//! come to the same order, whose identity is its device, profile, key and epoch; one of them settles it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tamga_registry::id::SubmissionId;
use tamga_registry::journal::{HotAct, Outcome};
use tamga_registry::role::Principal;
use tamga_registry::store::{Hint, LeasedSubmission, Settled};
use tamga_registry::submission::{Settlement, Submission};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::chain::Claim;
use crate::enroll::Door;
use crate::journal::Happening;
use crate::refusal::{Failure, Fault, Refusal};
use crate::request::RequestContext;

/// Judges submissions by a door of its own, which has a hand in this process and no listener.
pub struct Clerk {
    door: Arc<Door>,
    rules: ClerkRules,
    /// Held by the one round that runs; what it began goes on between rounds.
    at_work: Mutex<AtWork>,
}

/// How a clerk works.
#[derive(Debug, Clone, Copy)]
pub struct ClerkRules {
    /// How many submissions it judges side by side.
    pub slots: u32,
    /// For how long nobody else takes what it took; prolonged while it is at work.
    pub lease: Duration,
    /// How old a submission may be and still be judged as of its receipt.
    pub oldest_submission: Duration,
    /// For how long what became of a submission can be asked after.
    pub remembered: Duration,
    /// How many submissions of one organization may wait.
    pub most_waiting: u32,
}

impl Default for ClerkRules {
    fn default() -> Self {
        Self {
            slots: 256,
            lease: Duration::from_secs(3),
            oldest_submission: Duration::from_secs(15 * 60),
            remembered: Duration::from_hours(24),
            most_waiting: 4_096,
        }
    }
}

struct AtWork {
    judging: JoinSet<(SubmissionId, Option<Settlement>)>,
    /// The epochs under which they are leased.
    leases: HashMap<SubmissionId, i64>,
    prolonged: Instant,
    /// Whether it has been looked once: nobody has to wait for a clerk with nothing to do to begin.
    begun: bool,
}

impl Clerk {
    /// A clerk that judges by this door.
    pub fn new(door: Arc<Door>, rules: ClerkRules) -> Self {
        Self {
            door,
            rules,
            at_work: Mutex::new(AtWork {
                judging: JoinSet::new(),
                leases: HashMap::new(),
                prolonged: Instant::now(),
                begun: false,
            }),
        }
    }

    /// One round of some hundred milliseconds: takes what waits, wakes at once when something is handed in, settles what
    /// is done. To be called again and again; what is still being judged at its end goes on meanwhile.
    pub async fn work(&self) -> Result<(), Fault> {
        let mut at_work = self.at_work.lock().await;
        let end = Instant::now() + ROUND;
        loop {
            // Asked for before the look: what is handed in between the two is not lost.
            let kept = self.door.means.store.hint(Hint::SubmissionKept);
            let more = self.take(&mut at_work).await?;
            self.prolong(&mut at_work).await?;
            if !std::mem::replace(&mut at_work.begun, true) {
                return Ok(());
            }
            if more {
                continue;
            }
            let done = tokio::select! {
                Some(done) = at_work.judging.join_next() => Some(done),
                // A hint only: looking again and again finds the same.
                () = kept, if at_work.has_room(&self.rules) => None,
                () = tokio::time::sleep(POLL) => None,
            };
            self.settle(&mut at_work, done).await?;
            if Instant::now() >= end {
                return Ok(());
            }
        }
    }

    /// Takes nothing more, and settles what is still being judged: before the hand ends.
    pub async fn finish(&self) -> Result<(), Fault> {
        let mut at_work = self.at_work.lock().await;
        while let Some(done) = at_work.judging.join_next().await {
            self.settle(&mut at_work, Some(done)).await?;
        }
        Ok(())
    }

    /// Refuses what a door handed in beyond its organization's share, and forgets what nobody asks after any more.
    pub async fn tidy(&self) -> Result<(), Fault> {
        let (store, now) = (&self.door.means.store, self.door.means.now());
        let refusal = Refusal::SubmissionsCrowded;
        let told = (refusal.slug(), refusal.to_string());
        let crowd = store.refuse_crowd(self.rules.most_waiting, told, now).await?;
        if crowd > 0 {
            tracing::warn!(crowd, "more submissions waited than a door may hand in");
        }
        let before = now.saturating_sub(self.rules.remembered);
        while store.forget_submissions(before).await? > 0 {}
        Ok(())
    }

    /// Takes as many as there is room for and begins to judge them. Whether it got as many, so that there may be more.
    async fn take(&self, at_work: &mut AtWork) -> Result<bool, Fault> {
        let room = at_work.room(&self.rules);
        // What cannot be signed is left to those who can.
        if room == 0 || !self.door.may_sign() {
            return Ok(false);
        }
        let now = self.door.means.now();
        let until = now.saturating_add(self.rules.lease);
        let taken = self.door.means.store.take_submissions(now, until, room).await?;
        if taken.is_empty() {
            return Ok(false);
        }
        // The doors judged by a policy that was kept before these were: this process must not judge by an older one.
        self.door.policies.refresh().await?;
        let more =
            taken.len() == usize::try_from(room).unwrap_or(usize::MAX) && at_work.has_room(&self.rules);
        for LeasedSubmission {
            submission,
            lease_epoch,
        } in taken
        {
            let id = submission.id;
            // Taken again while it is being judged: its lease ended early. The judgement at work settles it.
            if at_work.leases.insert(id, lease_epoch).is_none() {
                let (door, oldest) = (self.door.clone(), self.rules.oldest_submission);
                at_work
                    .judging
                    .spawn(async move { (id, judged(&door, submission, oldest).await) });
            }
        }
        Ok(more)
    }

    /// Settles this one and all others that are done, in one commit.
    async fn settle(&self, at_work: &mut AtWork, done: Option<Done>) -> Result<(), Fault> {
        let mut settled = Vec::new();
        let mut next = done;
        while let Some(done) = next {
            match done {
                Ok((id, settlement)) => {
                    let lease = at_work.leases.remove(&id);
                    settled.extend(lease.zip(settlement).map(|(lease_epoch, settlement)| Settled {
                        id,
                        lease_epoch,
                        settlement,
                        at: self.door.means.now(),
                    }));
                }
                Err(error) => tracing::error!(%error, "judging a submission panicked"),
            }
            next = at_work.judging.try_join_next();
        }
        if at_work.judging.is_empty() {
            // Those whose judging panicked are nobody's: their leases end.
            at_work.leases.clear();
        }
        if settled.is_empty() {
            return Ok(());
        }
        Ok(self.door.means.store.settle(settled).await?)
    }

    /// Prolongs the leases of what is still being judged, three times a lease.
    async fn prolong(&self, at_work: &mut AtWork) -> Result<(), Fault> {
        if at_work.prolonged.elapsed() < self.rules.lease / 3 {
            return Ok(());
        }
        at_work.prolonged = Instant::now();
        let held: Vec<_> = at_work.leases.iter().map(|(id, epoch)| (*id, *epoch)).collect();
        if held.is_empty() {
            return Ok(());
        }
        let until = self.door.means.now().saturating_add(self.rules.lease);
        Ok(self.door.means.store.hold_submissions(held, until).await?)
    }
}

type Done = Result<(SubmissionId, Option<Settlement>), tokio::task::JoinError>;

impl AtWork {
    fn room(&self, rules: &ClerkRules) -> u32 {
        let busy = u32::try_from(self.judging.len()).unwrap_or(u32::MAX);
        rules.slots.saturating_sub(busy)
    }

    fn has_room(&self, rules: &ClerkRules) -> bool {
        self.room(rules) > 0
    }
}

/// Judges one submission. Nothing, where the fault is ours: its lease ends, and it is judged once more.
async fn judged(door: &Door, submission: Submission, oldest: Duration) -> Option<Settlement> {
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
    let policy = door.policies.of(&submission.scope).await?;
    let policy = policy.filter(|policy| policy.organization.id == submission.organization);
    let policy =
        policy.ok_or_else(|| Fault::new("judging a submission", "its scope is not its organization's"))?;
    let asked = submission.csr.is_some();
    let claim = Claim {
        evidence: door.policies.open_evidence(&policy, &submission)?,
        scope: submission.scope,
        registration_id: submission.registration_id,
        csr: submission.csr,
        context: RequestContext {
            request: submission.request,
            source: submission.source,
        },
        // A door's clock may be ahead; nothing is judged as of an instant that has not come.
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

/// Of whom a refusal is told.
fn witness(submission: &Submission) -> Happening<'static> {
    Happening {
        organization: Some(submission.organization),
        act: HotAct::DeviceRefuse.word(),
        actor: Principal::Duty { name: "clerk" },
        object: submission.registration_id.presented().to_owned(),
        context: RequestContext {
            request: submission.request,
            source: submission.source,
        },
        outcome: Outcome::Done(None),
        digests: &[],
    }
}

/// Journals a refusal unless it is journalled: the clerk's door tells of a device that proved itself, and only counts
/// those of whom it has doubts. Here another door had none.
async fn tell(door: &Door, witness: Happening<'static>, refusal: &Refusal) -> Result<(), Fault> {
    let untold = matches!(refusal, Refusal::Unproven(_) | Refusal::SubmissionTooOld);
    if !untold {
        return Ok(());
    }
    let outcome = Outcome::Refused(refusal.slug());
    let row = Happening { outcome, ..witness }.row(door.means.now(), &*door.means.chance)?;
    door.denials.refused(row).await;
    Ok(())
}

impl std::fmt::Debug for Clerk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Clerk")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// How long one round goes on.
const ROUND: Duration = Duration::from_millis(500);
/// How long a submission may go unnoticed when no hint came.
const POLL: Duration = Duration::from_millis(100);
