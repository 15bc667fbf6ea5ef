// SPDX-License-Identifier: Apache-2.0
//! One call at the door: whose, until when it waits, and what its answer says of the enrollment.

use std::sync::Arc;
use std::time::Duration;

use tamga_registry::device::Device;
use tamga_registry::order::OperationId;
use tamga_x509::chance::{Chance, ChanceFault};
use tokio::time::Instant;

use super::{Claim, Progress, Proven, Registered};
use crate::policy::Policy;

/// A call, however often it is judged.
pub(super) struct Call<'a> {
    pub(super) claim: &'a Claim,
    /// What a new order or registration is called.
    pub(super) operation: OperationId,
    /// From then on whoever asks is told to poll.
    pub(super) deadline: Instant,
    pub(super) caller: Asking,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// A device: what it is told to poll must be stored by then.
    Device,
    /// Who judges a stored claim again: it may as well wait.
    Clerk,
}

impl<'a> Call<'a> {
    pub(super) fn of_device(
        claim: &'a Claim,
        patience: Duration,
        chance: &dyn Chance,
    ) -> Result<Self, ChanceFault> {
        Self::of(claim, patience, Asking::Device, chance)
    }

    pub(super) fn of_clerk(
        claim: &'a Claim,
        patience: Duration,
        chance: &dyn Chance,
    ) -> Result<Self, ChanceFault> {
        Self::of(claim, patience, Asking::Clerk, chance)
    }

    fn of(
        claim: &'a Claim,
        patience: Duration,
        caller: Asking,
        chance: &dyn Chance,
    ) -> Result<Self, ChanceFault> {
        Ok(Self {
            claim,
            operation: match claim.operation {
                Some(operation) => operation,
                None => OperationId::fresh(chance)?,
            },
            deadline: Instant::now() + patience,
            caller,
        })
    }
}

/// What an answer says of the enrollment.
pub(super) struct Summary {
    pub(super) policy: Arc<Policy>,
    group: Option<String>,
    assigned_hub: Option<String>,
}

impl Summary {
    pub(super) fn of(proven: &Proven) -> Self {
        Self {
            policy: proven.policy.clone(),
            group: proven.group.clone(),
            assigned_hub: proven.terms.assigned_hub.clone(),
        }
    }

    pub(super) fn registered(
        &self,
        device: Device,
        operation: OperationId,
        progress: Progress,
    ) -> Registered {
        Registered {
            device,
            operation,
            group: self.group.clone(),
            assigned_hub: self.assigned_hub.clone(),
            progress,
        }
    }
}
