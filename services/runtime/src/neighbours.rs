// SPDX-License-Identifier: Apache-2.0
//! The duty `heartbeat`: a process reports itself where all of an installation can read it, and tells of the others.
//!
//! A signer has no socket to be asked at: its health is seen at `/readyz` and `/metrics` of the others.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::duty::{Ailment, Duties, every};
use crate::ops::Readiness;

/// Another process of the installation, or this one, as it reported itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// What it is there for; one of a few words.
    pub role: &'static str,
    /// Its id, its machine, its version.
    pub name: String,
    /// How long ago it reported.
    pub seen: Duration,
    /// Empty when it is well; else what ails it.
    pub health: String,
}

/// Reports by `beat` what ails this process, and tells at `/readyz` and in `/metrics` what `others` reports.
///
/// What is told of others changes nothing about the readiness of this process.
pub fn report<B, O>(
    readiness: &Readiness,
    beat: impl Fn(String) -> B + Send + Sync + 'static,
    others: impl Fn() -> O + Send + Sync + 'static,
) -> Duties
where
    B: Future<Output = Result<(), Ailment>> + Send + 'static,
    O: Future<Output = Result<Vec<Neighbour>, Ailment>> + Send + 'static,
{
    let seen: Arc<Mutex<Vec<Neighbour>>> = Arc::default();
    let told = seen.clone();
    readiness.note("processes", move || {
        let told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.iter().map(Neighbour::line).collect()
    });
    let readiness = readiness.clone();
    Duties::default().round(every(NAME, PERIOD, move || {
        let ailments = readiness.ailments().into_iter().filter(|(name, _)| *name != NAME);
        let health: Vec<String> = ailments
            .map(|(name, ailment)| format!("{name}: {ailment}"))
            .collect();
        let (beat, others, seen) = (beat(health.join("\n")), others(), seen.clone());
        async move {
            beat.await?;
            let others = others.await?;
            measure(&others);
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = others;
            Ok(())
        }
    }))
}

impl Neighbour {
    fn is_well(&self) -> bool {
        self.health.is_empty()
    }

    fn line(&self) -> String {
        let health = match self.is_well() {
            true => "well".to_owned(),
            false => self.health.replace('\n', "; "),
        };
        format!(
            "{} {}, seen {} s ago: {health}",
            self.role,
            self.name,
            self.seen.as_secs()
        )
    }
}

/// Counts by role: the names of processes change with every start.
fn measure(others: &[Neighbour]) {
    let mut roles: Vec<&'static str> = others.iter().map(|other| other.role).collect();
    roles.sort_unstable();
    roles.dedup();
    for role in roles {
        for (state, well) in [("well", true), ("ailing", false)] {
            let count = others
                .iter()
                .filter(|other| other.role == role && other.is_well() == well)
                .count();
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            metrics::gauge!("tamga_processes", "role" => role, "state" => state).set(f64::from(count));
        }
    }
}

/// The name of the machine, as it calls itself.
#[must_use]
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

const NAME: &str = "heartbeat";
const PERIOD: Duration = Duration::from_secs(2);
/// Whoever reported within this span is told of: a few missed reports are a process that ended or hangs.
pub const TOLD: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_who_how_long_ago_and_what_ails_it() {
        let signer = Neighbour {
            role: "signer",
            name: "prc_x on hall-1, 0.1.0".to_owned(),
            seen: Duration::from_millis(2_400),
            health: String::new(),
        };
        assert_eq!(signer.line(), "signer prc_x on hall-1, 0.1.0, seen 2 s ago: well");
        let ailing = Neighbour {
            health: "database: away\nlists: stale".to_owned(),
            ..signer
        };
        assert!(
            ailing.line().ends_with(": database: away; lists: stale"),
            "{}",
            ailing.line()
        );
    }
}
