// SPDX-License-Identifier: Apache-2.0
//! Says what an instant is: microseconds since the Unix epoch, told by a clock that is always an argument.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// Where instants come from. The ambient clock exists once, in the composition root; tests move their own.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// An instant, in whole microseconds since 1970-01-01T00:00:00Z. Rows keep exactly this integer: as text,
/// `…20.001Z` would sort before `…20Z`.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From seconds since the epoch; saturates some 292,000 years away.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch, rounded down (also before 1970).
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// This instant and `span` more; `None` beyond the range.
    #[must_use]
    pub fn checked_add(self, span: Duration) -> Option<Self> {
        self.0.checked_add(micros(span)?).map(Self)
    }

    /// This instant and `span` more, or the last instant there is.
    #[must_use]
    pub fn saturating_add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span).unwrap_or(i64::MAX)))
    }

    /// This instant less `span`, or the first instant there is.
    #[must_use]
    pub fn saturating_sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(micros(span).unwrap_or(i64::MAX)))
    }

    /// Time passed since `earlier`; zero when `earlier` is in fact later.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> Duration {
        if self <= earlier {
            Duration::ZERO
        } else {
            Duration::from_micros(self.0.abs_diff(earlier.0))
        }
    }

    /// The last whole second not after this instant: certificates tell no finer time.
    #[must_use]
    pub const fn floor_to_second(self) -> Self {
        Self::from_seconds(self.seconds())
    }

    /// `2026-11-22T01:02:03.123456Z`, always with six decimals.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let format =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
        self.calendar()
            .and_then(|moment| moment.format(format).ok())
            .unwrap_or_else(|| format!("{} microseconds since 1970", self.0))
    }

    /// Reads what [`Self::to_rfc3339`] writes, with any number of decimals up to six, or none: UTC, spelled `T` and `Z`.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let whole = text.strip_suffix('Z')?;
        let (seconds, decimals) = whole.split_once('.').unwrap_or((whole, "0"));
        if decimals.is_empty() || decimals.len() > 6 || !decimals.bytes().all(|digit| digit.is_ascii_digit())
        {
            return None;
        }
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
        let moment = time::PrimitiveDateTime::parse(seconds, format).ok()?;
        // One spelling an instant: four digits of year, no sign.
        if seconds.len() != "2026-11-22T01:02:03".len()
            || !seconds.starts_with(|first: char| first.is_ascii_digit())
        {
            return None;
        }
        let micros: i64 = format!("{decimals:0<6}").parse().ok()?;
        let seconds = moment.assume_utc().unix_timestamp();
        Some(Self(seconds.checked_mul(MICROS_PER_SECOND)?.checked_add(micros)?))
    }

    /// The instant on the calendar, if its year has four digits at most.
    pub(crate) fn calendar(self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0).saturating_mul(1_000)).ok()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl FromStr for Timestamp {
    type Err = BadTimestamp;

    /// RFC 3339, in any offset; what is finer than a microsecond is cut off.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| BadTimestamp)?;
        let micros = moment.unix_timestamp_nanos().div_euclid(1_000);
        i64::try_from(micros).map(Self).map_err(|_| BadTimestamp)
    }
}

/// Text that is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an instant is written as RFC 3339 says: 2026-11-22T01:02:03Z")]
pub struct BadTimestamp;

fn micros(span: Duration) -> Option<i64> {
    i64::try_from(span.as_micros()).ok()
}

const MICROS_PER_SECOND: i64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_back_as_it_was_written_in_any_offset() {
        let at = Timestamp::from_micros(1_795_309_323_000_045);
        assert_eq!(at.to_rfc3339().parse(), Ok(at));
        assert_eq!("2026-11-22T03:02:03.000045+02:00".parse(), Ok(at));
        assert_eq!("2026-11-22T01:02:03.0000459Z".parse(), Ok(at));
        for wrong in [
            "",
            "2026-11-22",
            "01:02:03Z",
            "2026-11-22T01:02:03",
            "1795309323",
            "2026-13-22T01:02:03Z",
        ] {
            assert_eq!(wrong.parse::<Timestamp>(), Err(BadTimestamp), "{wrong}");
        }
    }

    #[test]
    fn an_instant_reads_as_rfc_3339_with_six_decimals() {
        assert_eq!(
            Timestamp::from_micros(1_795_309_323_000_045).to_string(),
            "2026-11-22T01:02:03.000045Z"
        );
        assert_eq!(
            Timestamp::from_seconds(0).to_rfc3339(),
            "1970-01-01T00:00:00.000000Z"
        );
        assert_eq!(
            Timestamp::from_micros(-1).to_rfc3339(),
            "1969-12-31T23:59:59.999999Z"
        );
    }

    #[test]
    fn an_instant_is_read_as_it_is_written() {
        let instant = Timestamp::from_micros(1_795_309_323_000_045);
        assert_eq!(Timestamp::from_rfc3339(&instant.to_rfc3339()), Some(instant));
        let whole = Timestamp::from_seconds(1_795_309_323);
        for right in [
            "2026-11-22T01:02:03Z",
            "2026-11-22T01:02:03.0Z",
            "2026-11-22T01:02:03.000000Z",
        ] {
            assert_eq!(Timestamp::from_rfc3339(right), Some(whole), "{right}");
        }
        for wrong in [
            "",
            "Z",
            "2026-11-22",
            "2026-11-22T01:02:03",
            "2026-11-22T01:02:03+00:00",
            "2026-11-22t01:02:03Z",
            "2026-11-22 01:02:03Z",
            "2026-11-22T01:02:03.Z",
            "2026-11-22T01:02:03.0000000Z",
            "2026-11-22T01:02:03.-1Z",
            "2026-02-29T01:02:03Z",
            "2026-11-22T24:00:00Z",
            "+2026-11-22T01:02:03Z",
            "1795309323",
        ] {
            assert_eq!(Timestamp::from_rfc3339(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_instant_off_the_calendar_still_prints() {
        assert_eq!(
            Timestamp::from_micros(i64::MAX).to_rfc3339(),
            "9223372036854775807 microseconds since 1970"
        );
    }

    #[test]
    fn seconds_round_down_on_both_sides_of_the_epoch() {
        assert_eq!(Timestamp::from_micros(1_999_999).seconds(), 1);
        assert_eq!(Timestamp::from_micros(-1).seconds(), -1);
        assert_eq!(
            Timestamp::from_micros(-1).floor_to_second(),
            Timestamp::from_seconds(-1)
        );
    }

    #[test]
    fn spans_never_overflow() {
        let late = Timestamp::from_micros(i64::MAX);
        assert_eq!(late.checked_add(Duration::from_micros(1)), None);
        assert_eq!(late.saturating_add(Duration::MAX), late);
        assert_eq!(
            Timestamp::from_micros(i64::MIN)
                .saturating_sub(Duration::MAX)
                .as_micros(),
            i64::MIN
        );
        assert_eq!(
            Timestamp::from_seconds(5).duration_since(Timestamp::from_seconds(9)),
            Duration::ZERO
        );
        assert_eq!(
            Timestamp::from_seconds(9).duration_since(Timestamp::from_seconds(5)),
            Duration::from_secs(4)
        );
    }
}
