// SPDX-License-Identifier: Apache-2.0
//! Questions that every request asks: SQLite is in this process, so each is asked by itself.

use sqlx::SqlitePool;
use tamga_registry::store::StoreFault;

use super::Row;
use super::batch::Binds;
use super::fault::fault;

/// Where questions are asked. Its clones are the same.
#[derive(Clone)]
pub(super) struct Questions(SqlitePool);

impl Questions {
    pub(super) fn start(readers: &SqlitePool) -> Self {
        Self(readers.clone())
    }

    /// Asks. At most one row answers.
    pub(super) async fn ask(&self, question: Binds) -> Result<Option<Row>, StoreFault> {
        let mut reader = self.0.acquire().await.map_err(fault("reading"))?;
        question
            .fetch_optional(&mut *reader)
            .await
            .map_err(fault("reading"))
    }

    /// Its readers are closed by who lent them.
    #[expect(clippy::unused_async, reason = "other engines have sessions to close")]
    pub(super) async fn close(&self) {}
}
