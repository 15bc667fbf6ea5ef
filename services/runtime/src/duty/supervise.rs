// SPDX-License-Identifier: Apache-2.0
//! Keeps a duty alive: runs it again and again, survives its failures and panics, and says aloud when it is not well.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Duty;
use crate::telemetry::chain;

/// What is known of one duty's state. Clones share it.
#[derive(Clone)]
pub struct Health(Arc<Mutex<Pulse>>);

struct Pulse {
    last: Instant,
    silence: Duration,
    ailment: Option<String>,
    /// Cancelled when the first round has ended, well or not.
    first: CancellationToken,
}

impl Health {
    /// Not well until its first round has been. A duty that has not come round for `silence` counts as hung.
    pub(super) fn new(silence: Duration) -> Self {
        Self(Arc::new(Mutex::new(Pulse {
            last: Instant::now(),
            silence,
            ailment: None,
            first: CancellationToken::new(),
        })))
    }

    /// Returns when the first round has ended, well or not.
    pub(super) async fn come_round(&self) {
        let first = {
            let pulse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            pulse.first.clone()
        };
        first.cancelled().await;
    }

    /// What ails it, as one sentence.
    ///
    /// # Errors
    /// That sentence.
    pub fn check(&self) -> Result<(), String> {
        let pulse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ailment) = &pulse.ailment {
            return Err(ailment.clone());
        }
        let quiet = pulse.last.elapsed();
        if quiet > pulse.silence {
            return Err(format!("it has not come round for {} s", quiet.as_secs()));
        }
        if !pulse.first.is_cancelled() {
            return Err("its first round is not over".to_owned());
        }
        Ok(())
    }

    pub(super) fn beat(&self) {
        let mut pulse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (pulse.last, pulse.ailment) = (Instant::now(), None);
        pulse.first.cancel();
    }

    pub(super) fn ails(&self, ailment: String) {
        let mut pulse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (pulse.last, pulse.ailment) = (Instant::now(), Some(ailment));
        pulse.first.cancel();
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Health").field(&self.check()).finish()
    }
}

/// How long a duty may stay silent: two of its periods, and the time one round may take.
pub(super) fn silence_of(period: Duration) -> Duration {
    period.saturating_mul(2).saturating_add(LONGEST_ROUND)
}

/// Runs a duty until stopped. A round that was begun is finished.
pub(super) async fn supervise(duty: Arc<dyn Duty>, health: Health, stop: CancellationToken) {
    let mut failures = 0u32;
    while !stop.is_cancelled() {
        // Made before it looks: what happens while it looks wakes it for the next round.
        let woken = duty.woken();
        match round(&*duty).await {
            Ok(()) => {
                if failures > 0 {
                    tracing::info!(duty = duty.name(), failures, "the duty is well again");
                }
                failures = 0;
                health.beat();
            }
            Err(ailment) => {
                failures = failures.saturating_add(1);
                metrics::counter!("tamga_duty_failures_total", "duty" => duty.name()).increment(1);
                tracing::error!(
                    duty = duty.name(),
                    failures,
                    "the duty failed and is tried again: {ailment}"
                );
                health.ails(ailment);
            }
        }
        let rest = tokio::time::sleep(rest_after(duty.period(), failures));
        tokio::select! {
            () = stop.cancelled() => {}
            () = rest => {}
            // While it fails, hints would only make it fail faster.
            () = woken, if failures == 0 => {}
        }
    }
    if let Err(fault) = duty.finish().await {
        tracing::error!(
            duty = duty.name(),
            "the duty did not end well: {}",
            chain(&*fault)
        );
    }
}

/// One round; a panic is a failure like any other.
async fn round(duty: &dyn Duty) -> Result<(), String> {
    match AssertUnwindSafe(duty.perform()).catch_unwind().await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(ailment)) => Err(chain(&*ailment)),
        Err(_) => Err("it panicked; the place is in the log".to_owned()),
    }
}

/// Doubles with every failure, up to half a minute.
fn rest_after(period: Duration, failures: u32) -> Duration {
    if failures == 0 {
        return period;
    }
    let doubled = FIRST_REST.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1)));
    doubled.min(LONGEST_REST)
}

const FIRST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(30);
/// A list of a hundred thousand entries is built in seconds; a minute means that something hangs.
const LONGEST_ROUND: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
