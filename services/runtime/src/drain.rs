// SPDX-License-Identifier: Apache-2.0
//! Ends a process politely: the first signal asks everybody to finish, the second one cuts.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The two stages of ending, shared by everything that has to end.
///
/// Cloning shares the stages. `cut` always implies `begin`.
#[derive(Clone, Debug, Default)]
pub struct Drain {
    begun: CancellationToken,
    cut: CancellationToken,
}

impl Drain {
    /// Nobody has asked to end yet, and no signal will: for tests and for parts that end with their owner.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins on the first SIGTERM or SIGINT and cuts on the second.
    ///
    /// # Errors
    /// The operating system refuses to install a signal handler.
    pub fn on_signals() -> io::Result<Self> {
        let drain = Self::new();
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let stages = drain.clone();
        tokio::spawn(async move {
            for stage in [
                "finishing what is in flight; a second signal ends at once",
                "ending at once",
            ] {
                let name = tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                };
                tracing::info!(signal = name, "{stage}");
                stages.advance();
            }
        });
        Ok(drain)
    }

    /// Asks everybody to finish what is in flight and take nothing new.
    pub fn begin(&self) {
        self.begun.cancel();
    }

    /// Asks everybody to stop at once.
    pub fn cut(&self) {
        self.begun.cancel();
        self.cut.cancel();
    }

    /// Whether the end has been asked for.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    /// Cancelled when the end is asked for.
    #[must_use]
    pub fn begun(&self) -> &CancellationToken {
        &self.begun
    }

    /// Cancelled when no more time is given.
    #[must_use]
    pub fn at_once(&self) -> &CancellationToken {
        &self.cut
    }

    /// Stages that follow these, and can be cut without cutting the others.
    pub(crate) fn for_one_listener(&self) -> Self {
        Self {
            begun: self.begun.clone(),
            cut: self.cut.child_token(),
        }
    }

    fn advance(&self) {
        if self.has_begun() {
            self.cut();
        } else {
            self.begin();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_request_to_end_cuts() {
        let drain = Drain::new();
        drain.advance();
        assert!(drain.has_begun() && !drain.at_once().is_cancelled());
        drain.advance();
        assert!(drain.at_once().is_cancelled());
    }

    #[test]
    fn cutting_implies_beginning() {
        let drain = Drain::new();
        drain.clone().cut();
        assert!(drain.has_begun() && drain.at_once().is_cancelled());
    }
}
