// SPDX-License-Identifier: Apache-2.0
//! The status plane in a process: alone as `tamga-status`, or beside the others.

use std::time::Duration;

use tamga_authority::Means;
use tamga_authority::means::Origin;
use tamga_runtime::drain::Drain;
use tamga_runtime::duty::{Duties, every};
use tamga_runtime::exit::Failure;
use tamga_runtime::listener::Plane;
use tamga_runtime::process::{Part, Process, Served, Waking};

use crate::settings::StatusProcessSettings;
use crate::{StatusPlane, StatusSettings, router};

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

/// Starts a status server as a process of its own. It holds no key.
///
/// # Errors
/// A failure when a place cannot be taken; everything else is waited for.
pub async fn start(settings: StatusProcessSettings, origin: Origin, drain: Drain) -> Result<Waking, Failure> {
    let process = Process::new(drain, origin.clock.clone(), origin.chance.clone());
    let process = process.map_err(|fault| Failure::fault(&fault))?;
    let ages = settings.cache.ages();
    let awaken = move || {
        let origin = origin.clone();
        async move {
            let means = origin.means().await?;
            let store = means.store.clone();
            Ok(Part {
                farewell: Some(Box::pin(async move { store.close().await })),
                ..status(&means, ages)
            })
        }
    };
    Ok(process.wake(settings.listeners, awaken).await?)
}

const DATABASE_PERIOD: Duration = Duration::from_secs(2);
