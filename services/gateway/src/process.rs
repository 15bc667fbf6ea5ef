// SPDX-License-Identifier: Apache-2.0
//! What a gateway brings into a process: its plane, and the duties behind it.
//!
//! - [`Reception`]: what both planes stand on: policies in mind, refusals on their way into the journal;
//! - [`device`]: the plane for devices; [`admin`]: the plane for operators;
//! - `shown`: the TLS certificate that a signer keeps in the database, shown from the next handshake on;
//! - [`presence`]: reports the process among the others;
//! - [`start`]: a whole process of one plane.

pub mod admin;
pub mod device;
pub mod presence;
mod shown;
pub mod start;

use std::sync::Arc;
use std::time::Duration;

use tamga_authority::policy::Policies;
use tamga_authority::secrets::Vault;
use tamga_authority::{Denials, Means};
use tamga_registry::store::Hint;
use tamga_runtime::duty::{Duties, every};
use tamga_runtime::ops::Readiness;

pub use shown::Shown;

/// What both planes stand on.
#[derive(Clone)]
pub struct Reception {
    /// Memory, time, chance.
    pub means: Means,
    /// What is known of each organization.
    pub policies: Arc<Policies>,
    /// Where refusals are reported.
    pub denials: Denials,
    /// Unseals the secrets of devices, and nothing else.
    pub device_secrets: Arc<dyn Vault>,
}

impl Reception {
    /// A reception, and what keeps it well.
    pub fn new(means: &Means, device_secrets: Arc<dyn Vault>, readiness: &Readiness) -> (Self, Duties) {
        let policies = Arc::new(Policies::new(means.store.clone(), device_secrets.clone()));
        let noted = policies.clone();
        readiness.note("policy", move || vec![format!("version {}", noted.known())]);
        let (denials, keeper) = Denials::new(means.clone());
        let store = means.store.clone();
        let database = every("database", DATABASE_PERIOD, move || {
            let store = store.clone();
            async move { Ok(store.ping().await?) }
        });
        let (watched, hints) = (policies.clone(), means.store.clone());
        let policy = every("policy", POLICY_PERIOD, move || {
            let policies = watched.clone();
            async move { Ok(policies.refresh().await?) }
        });
        let policy = policy.woken_by(move || hints.hint(Hint::PolicyChanged));
        let duties = Duties::default()
            .round(policy)
            .round(database)
            .work("denials", |stop| keeper.run(stop));
        let reception = Self {
            means: means.clone(),
            policies,
            denials,
            device_secrets,
        };
        (reception, duties)
    }
}

impl std::fmt::Debug for Reception {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Reception").finish_non_exhaustive()
    }
}

/// A change takes effect on every replica within a second: four looks a second leave room for a slow one.
const POLICY_PERIOD: Duration = Duration::from_millis(250);
const DATABASE_PERIOD: Duration = Duration::from_secs(2);
