// SPDX-License-Identifier: Apache-2.0
//! What is asked so that a request that is sent again does nothing again.

use async_trait::async_trait;
use tamga_registry::id::RequestId;
use tamga_registry::repetition::{Known, Once, SealedAnswer};
use tamga_registry::secret::WrappedDataKey;
use tamga_registry::store::{Repetitions, StoreFault};
use tamga_x509::time::Timestamp;

use super::super::repetition::{self, Answer, Forget};
use super::{Memory, within};

#[async_trait]
impl Repetitions for Memory {
    async fn repetition(
        &self,
        principal: &str,
        once: &Once,
        now: Timestamp,
    ) -> Result<Option<Known>, StoreFault> {
        within(async { repetition::find(principal, once, now, &mut *self.reader().await?).await }).await
    }

    async fn keep_answer(
        &self,
        by: RequestId,
        answer: &SealedAnswer,
        new_data_key: Option<&WrappedDataKey>,
    ) -> Result<bool, StoreFault> {
        let row = Answer {
            by,
            answer: answer.clone(),
            new_data_key: new_data_key.cloned(),
        };
        self.writer.keep_one(row).await
    }

    async fn forget_repetitions(&self, now: Timestamp, limit: u32) -> Result<u64, StoreFault> {
        self.writer.keep_one(Forget { now, limit }).await
    }
}
