// SPDX-License-Identifier: Apache-2.0
//! The secrets of a story: none of them may stand in an answer that did not have to show it, or in any log line.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::{EnvFilter, fmt};

/// What may be seen nowhere.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<BTreeSet<String>>>);

impl Secrets {
    /// One more.
    pub fn keep(&self, secret: &str) {
        assert!(secret.len() >= 16, "too short to be looked for: {secret}");
        locked(&self.0).insert(secret.to_owned());
    }

    /// None of them stands in this text.
    pub fn assert_absent(&self, place: &str, text: &str) {
        let secrets = locked(&self.0).clone();
        for secret in &secrets {
            assert!(!text.contains(secret), "a secret stands in {place}: {secret}");
        }
    }

    /// None of them stands in what this process logged so far.
    pub fn assert_unlogged(&self) {
        let log = locked(&LOG.0).clone();
        self.assert_absent("the log", &String::from_utf8_lossy(&log));
    }
}

/// Everything this process logs, kept; the stories of one process share it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let filter = EnvFilter::new("debug,hyper=info,rustls=info,sqlx=info");
    let layer = fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(log.clone());
    layer
        .try_init()
        .expect("nobody else keeps the log of this process");
    log
});

/// A story that failed while it held the lock must not fail the others.
fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins keeping the log.
pub fn listen_to_the_log() {
    LazyLock::force(&LOG);
}

/// The end of the log, for a story that fails.
pub fn last_of_the_log(lines: usize) -> String {
    let log = locked(&LOG.0);
    let text = String::from_utf8_lossy(&log).into_owned();
    let from = text.lines().count().saturating_sub(lines);
    text.lines().skip(from).collect::<Vec<_>>().join("\n")
}

impl io::Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        locked(&self.0).extend(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
