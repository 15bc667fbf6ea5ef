// SPDX-License-Identifier: Apache-2.0
//! The duties `clerk` and `tidy`: what doors of other processes handed in is judged again, and forgotten in the end.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::clerk::Clerk;
use tamga_runtime::duty::{Ailment, Duty};

/// Judges submissions. Its rounds follow each other without a pause: it waits for hints inside them.
#[derive(Debug)]
pub struct Submissions(pub Arc<Clerk>);

/// Keeps crowds out, and forgets submissions that nobody asks after any more.
#[derive(Debug)]
pub struct Tidying(pub Arc<Clerk>);

#[async_trait]
impl Duty for Submissions {
    fn name(&self) -> &'static str {
        "clerk"
    }

    fn period(&self) -> Duration {
        NO_PAUSE
    }

    async fn perform(&self) -> Result<(), Ailment> {
        Ok(self.0.work().await?)
    }

    async fn finish(&self) -> Result<(), Ailment> {
        Ok(self.0.finish().await?)
    }
}

#[async_trait]
impl Duty for Tidying {
    fn name(&self) -> &'static str {
        "tidy"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn perform(&self) -> Result<(), Ailment> {
        Ok(self.0.tidy().await?)
    }
}

const NO_PAUSE: Duration = Duration::ZERO;
const PERIOD: Duration = Duration::from_secs(10);
