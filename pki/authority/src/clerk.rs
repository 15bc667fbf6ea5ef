// SPDX-License-Identifier: Apache-2.0
//! The clerk beside the hand: takes what doors of other processes handed in, judges it again, and says what became of it.
//!
//! It believes nothing a door says but when a request was received and what a TLS handshake proved: the evidence is opened
//! and judged again, by this process's own policy. A fallen door knows the symmetric keys that it serves and is believed on
//! handshakes, so it can play the devices it serves; it cannot have signed what their policy refuses, nor write how far
//! a submission has come. What cannot be judged at all is refused: nothing is tried for ever.
//!
//! A clerk that dies leaves leases of a few seconds behind; another takes over. Two that work on the same submission
//! come to the same order, whose identity is its device, profile, key and epoch; one of them settles it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tamga_registry::id::{OrganizationId, RequestId, SubmissionId};
use tamga_registry::store::{Hint, LeasedSubmission, Settled, UnreadableSubmission};
use tamga_registry::submission::Settlement;
use tamga_x509::time::Timestamp;
use tokio::sync::Mutex;
use tokio::task::{self, JoinSet};
use tokio::time::Instant;

use crate::enroll::Door;
use crate::journal::Happening;
use crate::refusal::{Fault, Refusal};
use crate::request::RequestContext;

use judge::{judged, refused, tell};

mod judge;

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
            most_waiting: 16_384,
        }
    }
}

struct AtWork {
    judging: JoinSet<Option<Settlement>>,
    /// Which submission each judgement is of.
    tasks: HashMap<task::Id, SubmissionId>,
    /// The epochs under which they are leased: until their settlement is kept.
    leases: HashMap<SubmissionId, i64>,
    /// What is judged and not kept yet.
    judged: Vec<Judged>,
    prolonged: Instant,
    /// Whether it has been looked once: nobody has to wait for a clerk with nothing to do to begin.
    begun: bool,
}

/// A judgement that is to be kept.
#[derive(Clone)]
struct Judged {
    id: SubmissionId,
    settlement: Settlement,
    at: Timestamp,
}

impl Clerk {
    /// A clerk that judges by this door.
    pub fn new(door: Arc<Door>, rules: ClerkRules) -> Self {
        Self {
            door,
            rules,
            at_work: Mutex::new(AtWork {
                judging: JoinSet::new(),
                tasks: HashMap::new(),
                leases: HashMap::new(),
                judged: Vec::new(),
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
            // Before it takes: whatever keeps it from taking more, what is judged is kept.
            self.settle(&mut at_work).await?;
            self.prolong(&mut at_work).await?;
            let more = self.take(&mut at_work).await?;
            if !std::mem::replace(&mut at_work.begun, true) {
                return Ok(());
            }
            if more {
                continue;
            }
            let done = tokio::select! {
                Some(done) = at_work.judging.join_next_with_id() => Some(done),
                // A hint only: looking again and again finds the same.
                () = kept, if at_work.has_room(&self.rules) => None,
                () = tokio::time::sleep(POLL) => None,
            };
            self.collect(&mut at_work, done);
            self.settle(&mut at_work).await?;
            if Instant::now() >= end {
                return Ok(());
            }
        }
    }

    /// Takes nothing more, and settles what is still being judged: before the hand ends.
    pub async fn finish(&self) -> Result<(), Fault> {
        let mut at_work = self.at_work.lock().await;
        while !at_work.judging.is_empty() {
            let done = tokio::select! {
                done = at_work.judging.join_next_with_id() => done,
                () = tokio::time::sleep(self.rules.lease / 3) => None,
            };
            self.collect(&mut at_work, done);
            // Neither ends the others that are still judged: what could not be kept is kept with the next.
            let (held, settled) = (self.prolong(&mut at_work).await, self.settle(&mut at_work).await);
            for fault in [held, settled].into_iter().filter_map(Result::err) {
                tracing::error!(%fault, "a clerk that ends could not keep what it judged yet");
            }
        }
        self.settle(&mut at_work).await
    }

    /// Refuses what a door handed in beyond its organization's share, and forgets what nobody asks after any more.
    pub async fn tidy(&self) -> Result<(), Fault> {
        let (store, now) = (&self.door.means.store, self.door.means.now());
        let refusal = Refusal::SubmissionsCrowded;
        let told = (refusal.slug(), refusal.to_string());
        let crowd = store.refuse_crowd(self.rules.most_waiting, told, now).await?;
        if crowd > 0 {
            tracing::warn!(crowd, "more submissions waited than a door may hand in");
            let told = self.witness(None, format!("{crowd} submissions"))?;
            tell(&self.door, told, &refusal).await?;
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
        let count = taken.leased.len().saturating_add(taken.unreadable.len());
        if count == 0 {
            return Ok(false);
        }
        for unreadable in taken.unreadable {
            self.refuse_unreadable(at_work, unreadable).await?;
        }
        let full = count == usize::try_from(room).unwrap_or(usize::MAX);
        if taken.leased.is_empty() {
            return Ok(full);
        }
        // The doors judged by a policy that was kept before these were: this process must not judge by an older one.
        self.door.policies.refresh().await?;
        for LeasedSubmission {
            submission,
            lease_epoch,
        } in taken.leased
        {
            let id = submission.id;
            // Taken again while it is being judged: its lease ended early. The judgement at work settles it.
            if at_work.leases.insert(id, lease_epoch).is_none() {
                let (door, oldest) = (self.door.clone(), self.rules.oldest_submission);
                let judging = async move { judged(&door, submission, oldest).await };
                let task = at_work.judging.spawn(judging).id();
                at_work.tasks.insert(task, id);
            }
        }
        Ok(full && at_work.has_room(&self.rules))
    }

    /// Nobody can judge it, today or later.
    async fn refuse_unreadable(
        &self,
        at_work: &mut AtWork,
        unreadable: UnreadableSubmission,
    ) -> Result<(), Fault> {
        let id = unreadable.id;
        let fault = Fault::from(unreadable.damage);
        tracing::error!(%fault, submission = %id, "a submission cannot be read; it is refused");
        let refusal = Refusal::SubmissionUnreadable;
        let told = self.witness(Some(unreadable.organization), id.to_string())?;
        tell(&self.door, told, &refusal).await?;
        at_work.leases.insert(id, unreadable.lease_epoch);
        at_work.judged.push(Judged {
            id,
            settlement: refusal.settlement(),
            at: self.door.means.now(),
        });
        Ok(())
    }

    /// Of what a refusal is told where no request can be named.
    fn witness(
        &self,
        organization: Option<OrganizationId>,
        object: String,
    ) -> Result<Happening<'static>, Fault> {
        let means = &self.door.means;
        let context = RequestContext {
            request: RequestId::fresh(means.now(), &*means.chance)?,
            source: None,
            once: None,
        };
        Ok(refused(organization, object, context))
    }

    /// Puts this judgement by, and all others that are done.
    fn collect(&self, at_work: &mut AtWork, done: Option<Done>) {
        let mut next = done;
        while let Some(done) = next {
            let (task, settlement) = done.unwrap_or_else(|error| {
                tracing::error!(%error, "judging a submission panicked");
                (error.id(), None)
            });
            if let Some(id) = at_work.tasks.remove(&task) {
                match settlement {
                    Some(settlement) => at_work.judged.push(Judged {
                        id,
                        settlement,
                        at: self.door.means.now(),
                    }),
                    // Its lease ends, and whoever takes it judges it once more.
                    None => drop(at_work.leases.remove(&id)),
                }
            }
            next = at_work.judging.try_join_next_with_id();
        }
    }

    /// Settles all that is judged, in one commit. Until it is kept, it is leased and kept in mind.
    async fn settle(&self, at_work: &mut AtWork) -> Result<(), Fault> {
        let done = at_work.judging.try_join_next_with_id();
        self.collect(at_work, done);
        let leases = &at_work.leases;
        let settled: Vec<_> = at_work
            .judged
            .iter()
            .filter_map(|judged| {
                Some(Settled {
                    id: judged.id,
                    lease_epoch: *leases.get(&judged.id)?,
                    settlement: judged.settlement.clone(),
                    at: judged.at,
                })
            })
            .collect();
        if !settled.is_empty() {
            self.door.means.store.settle(settled).await?;
        }
        for judged in at_work.judged.drain(..) {
            at_work.leases.remove(&judged.id);
        }
        Ok(())
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

type Done = Result<(task::Id, Option<Settlement>), task::JoinError>;

impl AtWork {
    fn room(&self, rules: &ClerkRules) -> u32 {
        let busy = self.judging.len().saturating_add(self.judged.len());
        let busy = u32::try_from(busy).unwrap_or(u32::MAX);
        rules.slots.saturating_sub(busy)
    }

    fn has_room(&self, rules: &ClerkRules) -> bool {
        self.room(rules) > 0
    }
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
