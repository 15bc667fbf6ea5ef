// SPDX-License-Identifier: Apache-2.0
//! What doors and signers of separate processes ask.

use async_trait::async_trait;
use tamga_registry::device::RegistrationId;
use tamga_registry::id::{OrganizationId, SubmissionId};
use tamga_registry::order::OperationId;
use tamga_registry::store::{Hint, Posted, Settled, StoreFault, Submissions, TakenSubmissions};
use tamga_registry::submission::{Filed, Settlement, Submission};
use tamga_x509::time::Timestamp;

use super::super::submission::{self, Crowd, Forget, Hold, Post, Take};
use super::{Memory, within};

#[async_trait]
impl Submissions for Memory {
    async fn submit(&self, rows: Vec<Submission>, most_waiting: u32) -> Result<Vec<Posted>, StoreFault> {
        let post = |submission| Post {
            submission,
            most_waiting,
        };
        let ids: Vec<SubmissionId> = rows.iter().map(|row| row.id).collect();
        let mut posted = self.writer.keep(rows.into_iter().map(post).collect()).await?;
        self.hints.give(Hint::SubmissionKept);
        let missed = |posted: &Posted| *posted == Posted::Crowded;
        if posted.iter().any(missed) {
            let missed = ids.iter().zip(&posted).filter(|(_, posted)| missed(posted));
            let missed: Vec<SubmissionId> = missed.map(|(id, _)| *id).collect();
            let asked = async { submission::posted(missed.into_iter(), &mut *self.reader().await?).await };
            let there = within(asked).await?;
            for (posted, _) in posted.iter_mut().zip(&ids).filter(|(_, id)| there.contains(id)) {
                *posted = Posted::Kept;
            }
        }
        Ok(posted)
    }

    async fn take_submissions(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<TakenSubmissions, StoreFault> {
        self.writer
            .keep_one(Take {
                now,
                lease_until,
                limit,
            })
            .await
    }

    async fn hold_submissions(
        &self,
        held: Vec<(SubmissionId, i64)>,
        lease_until: Timestamp,
    ) -> Result<(), StoreFault> {
        let hold = |(id, lease_epoch)| Hold {
            id,
            lease_epoch,
            lease_until,
        };
        self.writer
            .keep(held.into_iter().map(hold).collect())
            .await
            .map(|_| ())
    }

    async fn settle(&self, rows: Vec<Settled>) -> Result<(), StoreFault> {
        self.writer.keep(rows).await?;
        self.hints.give(Hint::SubmissionSettled);
        Ok(())
    }

    async fn settlements(&self, ids: &[SubmissionId]) -> Result<Vec<(SubmissionId, Settlement)>, StoreFault> {
        within(async { submission::settlements(ids, &mut *self.reader().await?).await }).await
    }

    async fn submission(
        &self,
        organization: OrganizationId,
        id: &RegistrationId,
        operation: OperationId,
    ) -> Result<Option<Filed>, StoreFault> {
        within(async { submission::find(organization, id, operation, &mut *self.reader().await?).await })
            .await
    }

    async fn refuse_crowd(
        &self,
        most_waiting: u32,
        (slug, sentence): (&'static str, String),
        at: Timestamp,
    ) -> Result<u64, StoreFault> {
        let crowd = Crowd {
            most_waiting,
            slug: slug.to_owned(),
            sentence,
            at,
        };
        let refused = self.writer.keep_one(crowd).await?;
        if refused > 0 {
            self.hints.give(Hint::SubmissionSettled);
        }
        Ok(refused)
    }

    async fn forget_submissions(&self, settled_before: Timestamp) -> Result<u64, StoreFault> {
        self.writer.keep_one(Forget { settled_before }).await
    }
}
