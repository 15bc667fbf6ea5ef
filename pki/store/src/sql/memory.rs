// SPDX-License-Identifier: Apache-2.0
//! The store as the registry sees it: reads go to readers, every write through the one queue.

use async_trait::async_trait;
use sqlx::Pool;
use sqlx::pool::PoolConnection;
use tamga_registry::store::{Hint, Hinted, Store, StoreFault};
use tamga_x509::time::Timestamp;

use super::fault::{fault, unavailable};
use super::hints::Hints;
use super::profile::Revisions;
use super::questions::Questions;
use super::writer::Writer;
use super::{Db, installation};

#[path = "memory/access.rs"]
mod access;
#[path = "memory/administration.rs"]
mod administration;
#[path = "memory/approvals.rs"]
mod approvals;
#[path = "memory/change.rs"]
mod change;
#[path = "memory/devices.rs"]
mod devices;
#[path = "memory/enrollments.rs"]
mod enrollments;
#[path = "memory/inspection.rs"]
pub(crate) mod inspection;
#[path = "memory/installations.rs"]
mod installations;
#[path = "memory/issuance.rs"]
mod issuance;
#[path = "memory/issuing.rs"]
mod issuing;
#[path = "memory/ledgers.rs"]
mod ledgers;
#[path = "memory/mass_revocations.rs"]
mod mass_revocations;
#[path = "memory/organizations.rs"]
mod organizations;
#[path = "memory/processes.rs"]
mod processes;
#[path = "memory/publication.rs"]
mod publication;
#[path = "memory/repetitions.rs"]
mod repetitions;
#[path = "memory/roster.rs"]
mod roster;
#[path = "memory/stations.rs"]
mod stations;
#[path = "memory/submissions.rs"]
mod submissions;

/// An open database. Its clones are the same one.
#[derive(Clone)]
pub struct Memory {
    readers: Pool<Db>,
    /// For what every request asks; the readers are for the rest.
    questions: Questions,
    writer: Writer,
    revisions: Revisions,
    hints: Hints,
}

impl Memory {
    pub(super) fn new((readers, questions): (Pool<Db>, Questions), writer: Writer, hints: Hints) -> Self {
        Self {
            readers,
            questions,
            writer,
            revisions: Revisions::default(),
            hints,
        }
    }

    /// Keeps what is queued and closes the database; whoever writes later is told that memory is unavailable. Without
    /// it nothing that was kept is lost, but the next start has a log to work off.
    pub async fn close(&self) {
        self.hints.close().await;
        self.questions.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn reader(&self) -> Result<PoolConnection<Db>, StoreFault> {
        self.readers.acquire().await.map_err(fault("reading"))
    }
}

/// The one deadline of all reads, from waiting for a connection to the last row: a server that is connected and silent
/// is as good as none. A read that is cut short leaves its connection unanswered, and such a one is not used again.
async fn within<T>(read: impl Future<Output = Result<T, StoreFault>>) -> Result<T, StoreFault> {
    tokio::time::timeout(super::DEADLINE, read)
        .await
        .unwrap_or_else(|_| Err(unavailable("the database did not answer within the deadline")))
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Memory").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for Memory {
    async fn ping(&self) -> Result<(), StoreFault> {
        if self.writer.has_ended() {
            return Err(unavailable("the writer has ended"));
        }
        within(async { installation::policy_version_by(&mut *self.reader().await?).await })
            .await
            .map(|_| ())
    }

    async fn database_clock(&self) -> Result<Option<Timestamp>, StoreFault> {
        let Some(clock) = super::CLOCK else {
            return Ok(None);
        };
        let asked = async {
            sqlx::query_as(clock)
                .fetch_one(&mut *self.reader().await?)
                .await
                .map_err(fault("the database's clock"))
        };
        let (micros,): (i64,) = within(asked).await?;
        Ok(Some(Timestamp::from_micros(micros)))
    }

    fn hint(&self, of: Hint) -> Hinted {
        self.hints.wait(of)
    }

    async fn close(&self) {
        Self::close(self).await;
    }
}
