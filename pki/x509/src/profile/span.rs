// SPDX-License-Identifier: Apache-2.0
//! Reads spans of time as people write them: `90d`, `1h`, `30m`, `45s`.

use std::time::Duration;

/// A whole number and one of d, h, m, s; nothing else.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        's' => 1,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || digits.len() > 9 || !digits.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    count.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_a_number_and_a_unit() {
        assert_eq!(parse("90d"), Some(Duration::from_secs(7_776_000)));
        assert_eq!(parse("1h"), Some(Duration::from_secs(3_600)));
        assert_eq!(parse("30m"), Some(Duration::from_secs(1_800)));
        assert_eq!(parse("0s"), Some(Duration::ZERO));
        for bad in [
            "",
            "d",
            "90",
            "-1d",
            "+1d",
            "1.5h",
            " 1h",
            "1h ",
            "1 h",
            "1D",
            "9999999999d",
            "1w",
            "1é",
        ] {
            assert_eq!(parse(bad), None, "{bad} was read");
        }
    }
}
