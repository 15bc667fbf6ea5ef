// SPDX-License-Identifier: Apache-2.0
//! The status plane in a process: alone as `tamga-status`, or beside the others.

pub mod presence;

use std::time::Duration;

use tamga_authority::Means;
use tamga_authority::means::Origin;
use tamga_registry::process::ProcessRole;
use tamga_runtime::drain::Drain;
use tamga_runtime::duty::{Ailment, Duties, every};
use tamga_runtime::exit::Failure;
use tamga_runtime::listener::{ListenerConfig, Plane};
use tamga_runtime::ops::Readiness;
use tamga_runtime::process::{Part, Process, Served, Waking};

use crate::{StatusPlane, StatusSettings, router};
use presence::presence;

/// The status plane.
#[must_use]
pub fn status(means: &Means, ages: StatusSettings) -> Part {
    let plane = StatusPlane::new(means.store.clone(), means.clock.clone(), ages);
    let store = means.store.clone();
    let database = every("database", DATABASE_PERIOD, move || {
        let store = store.clone();
        async move { Ok(store.ping().await?) }
    });
    Part {
        fronts: vec![Served {
            plane: Plane::Status,
            front: router(plane).into(),
            tls: None,
        }],
        duties: Duties::default().round(database),
        farewell: None,
    }
}

/// A status server. It holds no key.
#[derive(Clone, Debug)]
pub struct StatusServer {
    /// Where it listens.
    pub listeners: Vec<ListenerConfig>,
    /// How long caches may keep what it serves.
    pub ages: StatusSettings,
}

impl StatusServer {
    /// Starts it.
    ///
    /// # Errors
    /// A failure when a place cannot be taken; everything else is waited for.
    pub async fn start(self, origin: Origin, drain: Drain) -> Result<Waking, Failure> {
        let process = Process::new(drain, origin.clock.clone(), origin.chance.clone());
        let process = process.map_err(|fault| Failure::fault(&fault))?;
        let (listeners, readiness, ages) = (self.listeners, process.readiness().clone(), self.ages);
        let awaken = move || {
            let (origin, readiness) = (origin.clone(), readiness.clone());
            async move { part(&origin, ages, &readiness).await }
        };
        Ok(process.wake(listeners, awaken).await?)
    }
}

async fn part(origin: &Origin, ages: StatusSettings, readiness: &Readiness) -> Result<Part, Ailment> {
    let means = origin.means().await?;
    let store = means.store.clone();
    let own = Part {
        duties: presence(&means, ProcessRole::Status, readiness)?,
        farewell: Some(Box::pin(async move { store.close().await })),
        ..Part::default()
    };
    Ok(own.and(status(&means, ages)))
}

const DATABASE_PERIOD: Duration = Duration::from_secs(2);
