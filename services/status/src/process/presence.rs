// SPDX-License-Identifier: Apache-2.0
//! A status server among the other processes of its installation: reports itself, and tells the monitoring of the others.

use std::sync::Arc;

use tamga_authority::presence::Presence;
use tamga_authority::{Fault, Means};
use tamga_registry::process::{Heartbeat, ProcessRole};
use tamga_runtime::duty::Duties;
use tamga_runtime::neighbours::{Neighbour, TOLD, host, report};
use tamga_runtime::ops::Readiness;
use tamga_x509::time::Clock;

/// The duty `heartbeat`.
///
/// # Errors
/// [`Fault`] when chance fails.
pub fn presence(means: &Means, role: ProcessRole, readiness: &Readiness) -> Result<Duties, Fault> {
    let presence = Arc::new(Presence::new(
        means.clone(),
        role,
        host(),
        env!("CARGO_PKG_VERSION"),
    )?);
    let (asked, clock) = (presence.clone(), means.clock.clone());
    let beat = move |health| {
        let presence = presence.clone();
        async move { Ok(presence.beat(health).await?) }
    };
    let others = move || {
        let (presence, clock) = (asked.clone(), clock.clone());
        async move {
            let others = presence.others(TOLD).await?;
            Ok(others.iter().map(|other| neighbour(other, &*clock)).collect())
        }
    };
    Ok(report(readiness, beat, others))
}

fn neighbour(heartbeat: &Heartbeat, clock: &dyn Clock) -> Neighbour {
    Neighbour {
        role: heartbeat.role.word(),
        name: format!(
            "{} on {}, {}",
            heartbeat.process, heartbeat.host, heartbeat.version
        ),
        seen: clock.now().duration_since(heartbeat.seen_at),
        health: heartbeat.health.clone(),
    }
}
