// SPDX-License-Identifier: Apache-2.0
//! A clock that runs with the machine's, and jumps when the story says so.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use tamga_runtime::clock::SystemClock;
use tamga_x509::time::{Clock, Timestamp};

/// The time of one story. Its house, its devices and its TLS clients all live in it.
#[derive(Debug, Default)]
pub struct StoryClock {
    /// Microseconds before the machine's clock; negative when behind.
    ahead: AtomicI64,
    /// Microseconds that pass with each reading.
    stride: AtomicI64,
}

impl StoryClock {
    /// Lets time pass at once.
    pub fn pass(&self, span: Duration) {
        let micros = i64::try_from(span.as_micros()).expect("a story takes less than 292,000 years");
        self.ahead.fetch_add(micros, Ordering::SeqCst);
    }

    /// From now on each reading of the clock takes this long, as on a machine that is suspended at the worst moments.
    pub fn stride(&self, span: Duration) {
        let micros = i64::try_from(span.as_micros()).expect("a short span");
        self.stride.store(micros, Ordering::SeqCst);
    }

    /// Lets it be this instant, now; from there time runs on.
    pub fn jump(&self, to: Timestamp) {
        let ahead = to.as_micros() - SystemClock.now().as_micros();
        self.ahead.store(ahead, Ordering::SeqCst);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        let stride = self.stride.load(Ordering::SeqCst);
        let ahead = self.ahead.fetch_add(stride, Ordering::SeqCst);
        Timestamp::from_micros(SystemClock.now().as_micros() + ahead)
    }
}

impl TimeProvider for StoryClock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.now().seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
