// SPDX-License-Identifier: Apache-2.0
//! What every act works with: memory, time, chance, and what is true of the installation.

use std::sync::Arc;

use tamga_registry::store::{Installation, Store};
use tamga_x509::chance::Chance;
use tamga_x509::time::{Clock, Timestamp};

/// Memory, time and chance are arguments of every act; they travel together.
#[derive(Clone)]
pub struct Means {
    /// Memory.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// What is true of the whole installation.
    pub installation: Arc<Installation>,
}

impl Means {
    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl std::fmt::Debug for Means {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Means")
            .field("installation", &self.installation)
            .finish_non_exhaustive()
    }
}
