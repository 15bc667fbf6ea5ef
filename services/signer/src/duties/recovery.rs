// SPDX-License-Identifier: Apache-2.0
//! The duty `recovery`: orders whose hand died are finished, at start and again and again.

use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::fulfil::Finisher;
use tamga_runtime::duty::{Ailment, Duty};

/// Finishes what a crash left.
#[derive(Debug)]
pub struct Recovery(pub Finisher);

#[async_trait]
impl Duty for Recovery {
    fn name(&self) -> &'static str {
        "recovery"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn perform(&self) -> Result<(), Ailment> {
        let settled = self.0.finish_unfinished().await?;
        if settled > 0 {
            tracing::info!(settled, "finished orders that were left unfinished");
        }
        Ok(())
    }
}

/// A third of an order's lease: one left by a crash is taken over within five seconds.
const PERIOD: Duration = Duration::from_secs(1);
