// SPDX-License-Identifier: Apache-2.0
//! Hints within the one process that has the database open.

use std::sync::Arc;

use tamga_registry::store::{Hint, Hinted};
use tokio::sync::Notify;

/// Wakes who waits. Its clones wake the same.
#[derive(Clone, Default)]
pub(super) struct Hints([Arc<Notify>; Hint::ALL.len()]);

impl Hints {
    /// Something of this kind was kept.
    pub(super) fn give(&self, of: Hint) {
        self.of(of).notify_waiters();
    }

    /// Wakes nobody any more: whoever waits has a deadline.
    #[expect(clippy::unused_async, reason = "other engines have connections to close")]
    pub(super) async fn close(&self) {}

    /// Resolves at the next [`Self::give`] after this call.
    pub(super) fn wait(&self, of: Hint) -> Hinted {
        // `notify_waiters` reaches it from now on, polled or not.
        Box::pin(self.of(of).notified_owned())
    }

    fn of(&self, of: Hint) -> Arc<Notify> {
        let [kept, settled, revoked, policy] = &self.0;
        match of {
            Hint::SubmissionKept => kept,
            Hint::SubmissionSettled => settled,
            Hint::RevocationKept => revoked,
            Hint::PolicyChanged => policy,
        }
        .clone()
    }
}
