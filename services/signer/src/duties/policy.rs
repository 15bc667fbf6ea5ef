// SPDX-License-Identifier: Apache-2.0
//! The duty `policy`: the door learns of administrative changes, whoever made them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::Fault;
use tamga_authority::policy::Policies;

use super::Duty;

/// Looks for a newer policy version.
#[derive(Debug)]
pub struct PolicyWatch(pub Arc<Policies>);

#[async_trait]
impl Duty for PolicyWatch {
    fn name(&self) -> &'static str {
        "policy"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    async fn perform(&self) -> Result<(), Fault> {
        self.0.refresh().await
    }
}

/// A change takes effect on every replica within a second: four looks a second leave room for a slow one.
const PERIOD: Duration = Duration::from_millis(250);
