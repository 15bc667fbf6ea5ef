// SPDX-License-Identifier: Apache-2.0
//! Says how long a certificate is valid, in the whole seconds that certificates tell.

use std::time::Duration;

use time::{Date, Month, PrimitiveDateTime, Time};

use crate::time::Timestamp;
use crate::tlv::{self, NotDer, Reader, Tlv};

/// The life of a certificate. Both ends are whole seconds and both belong to it (RFC 5280 §4.1.2.5): a life
/// from 12:00:00 to 12:00:09 lasts ten seconds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Validity {
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Validity {
    /// The end of a life that has no well-defined end: 9999-12-31T23:59:59Z (RFC 5280 §4.1.2.5).
    pub(crate) const NO_END: Timestamp = Timestamp::from_seconds(LAST_SECOND);

    /// A life from one instant through another, each rounded down to the second.
    ///
    /// # Errors
    /// [`ValidityFault`] when it would end before it begins, or an end is outside the years 1950 to 9999.
    pub fn new(not_before: Timestamp, not_after: Timestamp) -> Result<Self, ValidityFault> {
        let life = Self {
            not_before: not_before.floor_to_second(),
            not_after: not_after.floor_to_second(),
        };
        if life.not_after < life.not_before {
            return Err(ValidityFault::Empty);
        }
        if life.not_before.seconds() < FIRST_SECOND || life.not_after.seconds() > LAST_SECOND {
            return Err(ValidityFault::Calendar);
        }
        Ok(life)
    }

    /// The first second.
    #[must_use]
    pub const fn not_before(self) -> Timestamp {
        self.not_before
    }

    /// The last second, which still belongs to the life.
    #[must_use]
    pub const fn not_after(self) -> Timestamp {
        self.not_after
    }

    /// How long the life lasts, its last second included.
    #[must_use]
    pub fn length(self) -> Duration {
        self.not_after
            .duration_since(self.not_before)
            .saturating_add(Duration::from_secs(1))
    }

    /// Whether `at` lies within, to the end of the last second.
    #[must_use]
    pub fn contains(self, at: Timestamp) -> bool {
        let second = at.floor_to_second();
        self.not_before <= second && second <= self.not_after
    }

    /// Reads a Validity sequence.
    pub(crate) fn read(sequence: Tlv<'_>) -> Result<Self, NotDer> {
        let mut reader = Reader::new(sequence.value);
        let (not_before, not_after) = (read_time(&mut reader)?, read_time(&mut reader)?);
        reader.finish()?;
        Self::new(not_before, not_after).map_err(|_| NotDer("the validity ends before it begins"))
    }
}

/// Why there is no such life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidityFault {
    /// It would end before it begins.
    #[error("a validity must not end before it begins")]
    Empty,
    /// It leaves the calendar of certificates.
    #[error("certificates tell the years 1950 to 9999 only")]
    Calendar,
}

/// Reads the Time that comes next: UTCTime or GeneralizedTime in the one form of RFC 5280 §4.1.2.5, each on its
/// own side of 2050.
pub(crate) fn read_time(reader: &mut Reader<'_>) -> Result<Timestamp, NotDer> {
    let element = reader.any()?;
    let moment = match (element.tag, element.value) {
        (tlv::UTC_TIME, [digits @ .., b'Z']) if digits.len() == 12 => calendar(digits, |year| {
            if year >= 50 {
                year.saturating_add(1900)
            } else {
                year.saturating_add(2000)
            }
        }),
        (tlv::GENERALIZED_TIME, [century_1, century_2, digits @ .., b'Z']) if digits.len() == 12 => {
            let century =
                pair(&[*century_1, *century_2]).map(|century| i32::from(century).saturating_mul(100));
            century.and_then(|century| calendar(digits, |year| century.saturating_add(year)))
        }
        _ => None,
    };
    let moment = moment.ok_or(NotDer("a time is not in the form of RFC 5280"))?;
    if (element.tag == tlv::UTC_TIME) == (1950..2050).contains(&moment.year()) {
        Ok(Timestamp::from_seconds(moment.assume_utc().unix_timestamp()))
    } else {
        Err(NotDer("a time is not in the form its year demands"))
    }
}

fn calendar(digits: &[u8], year: impl Fn(i32) -> i32) -> Option<PrimitiveDateTime> {
    let mut fields = digits.chunks(2).map(pair);
    let mut next = || fields.next().flatten();
    let year = year(i32::from(next()?));
    let month = Month::try_from(next()?).ok()?;
    let date = Date::from_calendar_date(year, month, next()?).ok()?;
    Some(PrimitiveDateTime::new(
        date,
        Time::from_hms(next()?, next()?, next()?).ok()?,
    ))
}

fn pair(digits: &[u8]) -> Option<u8> {
    match digits {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => tens
            .checked_sub(b'0')?
            .checked_mul(10)?
            .checked_add(ones.checked_sub(b'0')?),
        _ => None,
    }
}

/// 1950-01-01T00:00:00Z, where UTCTime begins.
const FIRST_SECOND: i64 = -631_152_000;
/// 9999-12-31T23:59:59Z, which also means "no well-defined end".
const LAST_SECOND: i64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Result<Timestamp, NotDer> {
        let mut der = vec![tag, u8::try_from(text.len()).unwrap()];
        der.extend(text.bytes());
        read_time(&mut Reader::new(&der))
    }

    #[test]
    fn a_life_counts_its_last_second() {
        let life = Validity::new(Timestamp::from_micros(1_999_999), Timestamp::from_seconds(10)).unwrap();
        assert_eq!(life.not_before(), Timestamp::from_seconds(1));
        assert_eq!(life.length(), Duration::from_secs(10));
        assert!(life.contains(Timestamp::from_micros(10_999_999)));
        assert!(!life.contains(Timestamp::from_seconds(11)));
        assert!(!life.contains(Timestamp::from_micros(999_999)));
    }

    #[test]
    fn a_life_off_the_calendar_or_turned_around_does_not_exist() {
        let second = Timestamp::from_seconds;
        assert_eq!(Validity::new(second(2), second(1)), Err(ValidityFault::Empty));
        assert_eq!(
            Validity::new(second(0), second(LAST_SECOND + 1)),
            Err(ValidityFault::Calendar)
        );
        assert_eq!(
            Validity::new(second(FIRST_SECOND - 1), second(0)),
            Err(ValidityFault::Calendar)
        );
        assert!(Validity::new(second(FIRST_SECOND), second(LAST_SECOND)).is_ok());
    }

    #[test]
    fn times_have_one_form_each() {
        assert_eq!(
            read(0x17, "491231235959Z"),
            Ok(Timestamp::from_seconds(2_524_607_999))
        );
        assert_eq!(
            read(0x18, "20500101000000Z"),
            Ok(Timestamp::from_seconds(2_524_608_000))
        );
        assert_eq!(
            read(0x17, "240229000000Z"),
            Ok(Timestamp::from_seconds(1_709_164_800))
        );
        for (tag, text) in [
            (0x17, "2612310000Z"),
            (0x17, "261231000000+0100"),
            (0x17, "261231000060Z"),
            (0x17, "230229000000Z"),
            (0x17, "26123100000\u{e9}"),
            (0x17, "261300000000Z"),
            (0x18, "20491231235959Z"),
            (0x18, "20500101000000.5Z"),
            (0x18, "00001301000000Z"),
            (0x18, ""),
        ] {
            assert!(read(tag, text).is_err(), "{text} was read");
        }
    }
}
