// SPDX-License-Identifier: Apache-2.0
//! Waits for conditions, each with a deadline and a name to fail by.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// Longer than anything here takes on a busy machine, and short enough to notice.
pub const DEADLINE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(25);

/// Looks again and again until there is something, and returns it; panics by `what` after [`DEADLINE`].
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let found = timeout(DEADLINE, async {
        loop {
            ticks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    });
    match found.await {
        Ok(found) => found,
        Err(_) => panic!("still not so after {:?}: {what}", begun.elapsed()),
    }
}

/// Lets something end within [`DEADLINE`], or panics by `what`.
pub async fn promptly<T>(what: &str, work: impl Future<Output = T>) -> T {
    match timeout(DEADLINE, work).await {
        Ok(done) => done,
        Err(_) => panic!("not done after {DEADLINE:?}: {what}"),
    }
}
