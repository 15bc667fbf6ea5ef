// SPDX-License-Identifier: Apache-2.0
//! What doors and signers of separate processes ask: keep what was proved, take it over, say what became of it.

use async_trait::async_trait;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::device::RegistrationId;
use crate::id::{OrganizationId, SubmissionId};
use crate::order::OperationId;
use crate::submission::{Filed, Settlement, Submission};

/// What became of a submission that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is kept, by this call or by an earlier one with the same id.
    Kept,
    /// It is not kept: too many of its organization wait already.
    Crowded,
}

/// A submission in somebody's hands.
#[derive(Debug, Clone)]
pub struct LeasedSubmission {
    /// The submission.
    pub submission: Submission,
    /// Fencing: only under this epoch can it be settled or held.
    pub lease_epoch: i64,
}

/// A submission in somebody's hands that cannot be read: whoever took it settles it all the same.
#[derive(Debug)]
pub struct UnreadableSubmission {
    /// Which one.
    pub id: SubmissionId,
    /// Whose it says it is.
    pub organization: OrganizationId,
    /// Fencing: only under this epoch can it be settled.
    pub lease_epoch: i64,
    /// What is wrong with it.
    pub damage: StoreFault,
}

/// What a taker took.
#[derive(Debug, Default)]
pub struct TakenSubmissions {
    /// In the order of their arrival.
    pub leased: Vec<LeasedSubmission>,
    /// Those that nobody can judge.
    pub unreadable: Vec<UnreadableSubmission>,
}

/// The end of a submission.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Which one.
    pub id: SubmissionId,
    /// The epoch under which it was taken.
    pub lease_epoch: i64,
    /// What became of it.
    pub settlement: Settlement,
    /// Now.
    pub at: Timestamp,
}

/// What doors and signers of separate processes ask of memory.
#[async_trait]
pub trait Submissions: Send + Sync {
    /// Keeps submissions in one commit, and hints [`super::Hint::SubmissionKept`]. A verdict per row, in order.
    /// Idempotent by id. While `most_waiting` of an organization wait, its further ones are not kept. A row that cannot
    /// be kept at all is `Crowded` when others were handed in with it (memory logs why), and a fault when it was alone.
    async fn submit(&self, rows: Vec<Submission>, most_waiting: u32) -> Result<Vec<Posted>, StoreFault>;

    /// Takes up to `limit` waiting submissions whose lease ended before `now`, under new lease epochs, in the order
    /// of their arrival at memory; two takers never get the same. A lease that ends more than 10 minutes after `now` has
    /// ended: the clock stepped back since. Rows that cannot be read are told apart.
    async fn take_submissions(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<TakenSubmissions, StoreFault>;

    /// Prolongs the leases of submissions still in hand. Those that somebody else has taken since stay theirs.
    async fn hold_submissions(
        &self,
        held: Vec<(SubmissionId, i64)>,
        lease_until: Timestamp,
    ) -> Result<(), StoreFault>;

    /// Settles submissions in one commit, clears what was sealed in them, and hints
    /// [`super::Hint::SubmissionSettled`]. One that somebody else has taken or settled since is left alone.
    async fn settle(&self, rows: Vec<Settled>) -> Result<(), StoreFault>;

    /// What became of these, in one query; those that still wait are left out.
    async fn settlements(&self, ids: &[SubmissionId]) -> Result<Vec<(SubmissionId, Settlement)>, StoreFault>;

    /// The submission of this registration id that an operation id names.
    async fn submission(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
        operation: OperationId,
    ) -> Result<Option<Filed>, StoreFault>;

    /// Refuses what waits beyond the first `most_waiting` of each organization to arrive, with this slug and sentence, and says
    /// how many that were. Against a door that hands in more than [`Self::submit`] would have kept.
    async fn refuse_crowd(
        &self,
        most_waiting: u32,
        refusal: (&'static str, String),
        at: Timestamp,
    ) -> Result<u64, StoreFault>;

    /// Deletes up to some thousand submissions that were settled before an instant. How many those were.
    async fn forget_submissions(&self, settled_before: Timestamp) -> Result<u64, StoreFault>;
}
