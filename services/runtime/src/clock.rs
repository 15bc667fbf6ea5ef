// SPDX-License-Identifier: Apache-2.0
//! The machine's own clock, the only ambient one in the house.

use std::time::{SystemTime, UNIX_EPOCH};

use tamga_x509::time::{Clock, Timestamp};

/// Reads the operating system's wall clock.
#[derive(Copy, Clone, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where ambient time enters the house"
    )]
    fn now(&self) -> Timestamp {
        let now = SystemTime::now();
        let micros = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            // A machine without a battery starts before 1970: say so truthfully, the callers compare.
            Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, i64::saturating_neg),
        };
        Timestamp::from_micros(micros)
    }
}
