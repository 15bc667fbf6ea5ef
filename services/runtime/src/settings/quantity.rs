// SPDX-License-Identifier: Apache-2.0
//! Durations and sizes as people write them: `8s`, `90d`, `64KiB`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A duration of whole milliseconds, written as a number and one of `ms`, `s`, `m`, `h`, `d`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HumanDuration(pub Duration);

/// A number of bytes, written as a number and one of `B`, `KiB`, `MiB`, `GiB`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ByteSize(pub u64);

/// A text that is not the quantity its place asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityRefusal {
    /// Not a duration.
    #[error("{0:?} is not a duration: write a whole number and ms, s, m, h or d, such as \"8s\" or \"90d\"")]
    Duration(String),
    /// Not a size.
    #[error("{0:?} is not a size: write a whole number and B, KiB, MiB or GiB, such as \"64KiB\"")]
    Size(String),
}

/// Each unit in milliseconds, the largest first.
const TIMES: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];
/// Each unit in bytes, the largest first.
const SIZES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl FromStr for HumanDuration {
    type Err = QuantityRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text, &TIMES)
            .map(|millis| Self(Duration::from_millis(millis)))
            .ok_or_else(|| QuantityRefusal::Duration(text.to_owned()))
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        write(
            f,
            if millis == 0 {
                (0, "s")
            } else {
                largest_unit(millis, &TIMES)
            },
        )
    }
}

impl FromStr for ByteSize {
    type Err = QuantityRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text, &SIZES)
            .map(Self)
            .ok_or_else(|| QuantityRefusal::Size(text.to_owned()))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(
            f,
            if self.0 == 0 {
                (0, "B")
            } else {
                largest_unit(self.0, &SIZES)
            },
        )
    }
}

impl ByteSize {
    /// The size as memory counts it.
    #[must_use]
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl TryFrom<String> for HumanDuration {
    type Error = QuantityRefusal;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<HumanDuration> for String {
    fn from(duration: HumanDuration) -> Self {
        duration.to_string()
    }
}

impl TryFrom<String> for ByteSize {
    type Error = QuantityRefusal;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ByteSize> for String {
    fn from(size: ByteSize) -> Self {
        size.to_string()
    }
}

fn read(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn largest_unit<'a>(amount: u64, units: &[(&'a str, u64)]) -> (u64, &'a str) {
    units
        .iter()
        .find_map(|(name, factor)| {
            let whole = amount.checked_rem(*factor) == Some(0);
            whole.then(|| (amount.checked_div(*factor).unwrap_or(amount), *name))
        })
        .unwrap_or((amount, ""))
}

fn write(f: &mut fmt::Formatter<'_>, (number, unit): (u64, &str)) -> fmt::Result {
    write!(f, "{number}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_in_their_largest_whole_unit() {
        for (text, seconds, written) in [
            ("90d", 7_776_000, "90d"),
            ("1h", 3600, "1h"),
            ("120m", 7200, "2h"),
            ("8s", 8, "8s"),
            ("0s", 0, "0s"),
        ] {
            let duration: HumanDuration = text.parse().expect(text);
            assert_eq!(duration.0, Duration::from_secs(seconds));
            assert_eq!(duration.to_string(), written);
        }
        assert_eq!(
            "250ms".parse::<HumanDuration>().expect("readable").0,
            Duration::from_millis(250)
        );
    }

    #[test]
    fn sizes_are_read_and_written_in_their_largest_whole_unit() {
        for (text, bytes, written) in [
            ("64KiB", 65_536, "64KiB"),
            ("1024KiB", 1 << 20, "1MiB"),
            ("512B", 512, "512B"),
            ("0B", 0, "0B"),
        ] {
            let size: ByteSize = text.parse().expect(text);
            assert_eq!(size, ByteSize(bytes));
            assert_eq!(size.to_string(), written);
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_expected_form() {
        for text in [
            "",
            "8",
            "s",
            "8 s",
            "-8s",
            "+8s",
            "1.5h",
            "8S",
            "1h30m",
            "99999999999999999999s",
            "18446744073709551615d",
        ] {
            let refusal = text.parse::<HumanDuration>().expect_err(text);
            assert!(refusal.to_string().contains("\"8s\""), "{refusal}");
        }
        for text in [
            "",
            "64",
            "64KB",
            "64kib",
            "64K",
            "1.5MiB",
            "18446744073709551615GiB",
        ] {
            let refusal = text.parse::<ByteSize>().expect_err(text);
            assert!(refusal.to_string().contains("\"64KiB\""), "{refusal}");
        }
    }
}
