// SPDX-License-Identifier: Apache-2.0
//! What is asked of memory so that a request that is sent again does nothing again.

use async_trait::async_trait;
use tamga_x509::time::Timestamp;

use super::StoreFault;
use crate::id::RequestId;
use crate::repetition::{Known, Once, SealedAnswer};
use crate::secret::WrappedDataKey;

/// The keys of requests. They are spent by [`Administration::change`](super::Administration::change), in the transaction
/// of the act.
#[async_trait]
pub trait Repetitions: Send + Sync {
    /// What is known of a key of a principal, if it was spent and has not expired by now.
    async fn repetition(
        &self,
        principal: &str,
        once: &Once,
        now: Timestamp,
    ) -> Result<Option<Known>, StoreFault>;

    /// Keeps the answer of an act beside the key that it spent, together with the data key that had to be made for it.
    /// False, and nothing is kept, when that request spent no key, its answer is kept already, or the organization has
    /// a data key of that version by now.
    async fn keep_answer(
        &self,
        by: RequestId,
        answer: &SealedAnswer,
        new_data_key: Option<&WrappedDataKey>,
    ) -> Result<bool, StoreFault>;

    /// Forgets keys that have expired by now, at most so many; how many they were.
    async fn forget_repetitions(&self, now: Timestamp, limit: u32) -> Result<u64, StoreFault>;
}
