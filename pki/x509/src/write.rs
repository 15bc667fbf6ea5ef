// SPDX-License-Identifier: Apache-2.0
//! Writes DER by appending: each constructed value is a closure, its length is filled in behind it.

use crate::time::Timestamp;
use crate::tlv;

/// Appends one element whose contents `fill` appends.
pub(crate) fn element(out: &mut Vec<u8>, tag: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    let start = out.len();
    fill(out);
    let length = out.len().saturating_sub(start);
    out.splice(start..start, length_octets(length));
}

/// Appends one SEQUENCE.
pub(crate) fn sequence(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    element(out, tlv::SEQUENCE, fill);
}

/// Appends one element with contents that exist already.
pub(crate) fn primitive(out: &mut Vec<u8>, tag: u8, contents: &[u8]) {
    out.push(tag);
    out.extend(length_octets(contents.len()));
    out.extend_from_slice(contents);
}

/// Appends an object identifier given by its contents.
pub(crate) fn oid(out: &mut Vec<u8>, contents: &[u8]) {
    primitive(out, tlv::OBJECT_IDENTIFIER, contents);
}

/// Appends a non-negative INTEGER in its shortest form.
pub(crate) fn unsigned(out: &mut Vec<u8>, value: u64) {
    let octets = value.to_be_bytes();
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let shortest = octets.get(zeros..).unwrap_or_default();
    element(out, tlv::INTEGER, |out| {
        if shortest.first().is_none_or(|first| *first >= 0x80) {
            out.push(0);
        }
        out.extend_from_slice(shortest);
    });
}

/// Appends a BIT STRING of whole octets.
pub(crate) fn bits(out: &mut Vec<u8>, octets: &[u8]) {
    element(out, tlv::BIT_STRING, |out| {
        out.push(0);
        out.extend_from_slice(octets);
    });
}

/// Appends a time as RFC 5280 §4.1.2.5 wants it: UTCTime through 2049, GeneralizedTime after, whole seconds.
pub(crate) fn time(out: &mut Vec<u8>, at: Timestamp) {
    let Some(moment) = at.calendar() else {
        // Unreachable by construction: `Validity` and the CRL header admit four-digit years only. What
        // would be written here is refused by the lints, which read the times back.
        return primitive(out, tlv::GENERALIZED_TIME, b"00000101000000Z");
    };
    let digits = |number: u8| [b'0' | (number / 10 % 10), b'0' | (number % 10)];
    let (century, year) = (moment.year().div_euclid(100), moment.year().rem_euclid(100));
    let tail = [
        digits(u8::try_from(year).unwrap_or(0)),
        digits(u8::from(moment.month())),
        digits(moment.day()),
        digits(moment.hour()),
        digits(moment.minute()),
        digits(moment.second()),
    ];
    element(
        out,
        if (1950..2050).contains(&moment.year()) {
            tlv::UTC_TIME
        } else {
            tlv::GENERALIZED_TIME
        },
        |out| {
            if !(1950..2050).contains(&moment.year()) {
                out.extend(digits(u8::try_from(century).unwrap_or(0)));
            }
            out.extend(tail.as_flattened());
            out.push(b'Z');
        },
    );
}

/// Appends one extension (RFC 5280 §4.1): `critical` is written only when true, as DER wants of a default.
pub(crate) fn extension(
    out: &mut Vec<u8>,
    oid_contents: &[u8],
    critical: Criticality,
    fill: impl FnOnce(&mut Vec<u8>),
) {
    sequence(out, |out| {
        oid(out, oid_contents);
        if critical == Criticality::Critical {
            primitive(out, tlv::BOOLEAN, &[0xff]);
        }
        element(out, tlv::OCTET_STRING, fill);
    });
}

/// Whether a reader who does not know an extension must refuse the whole (RFC 5280 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Criticality {
    /// Must refuse.
    Critical,
    /// May go on.
    Ordinary,
}

/// How many octets an element takes with contents of `length` octets.
pub(crate) fn element_length(length: usize) -> usize {
    length_octets(length)
        .count()
        .saturating_add(1)
        .saturating_add(length)
}

/// The octets of a DER length (X.690 §10.1), shortest form.
pub(crate) fn length_octets(length: usize) -> impl Iterator<Item = u8> {
    let octets = length.to_be_bytes();
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let significant = octets.len().saturating_sub(zeros);
    let prefix = if length < 0x80 {
        None
    } else {
        u8::try_from(significant).ok().map(|count| 0x80 | count)
    };
    let skipped = if length == 0 {
        zeros.saturating_sub(1)
    } else {
        zeros
    };
    prefix.into_iter().chain(octets.into_iter().skip(skipped))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        fill(&mut out);
        out
    }

    #[test]
    fn lengths_take_their_shortest_form() {
        for (length, octets) in [
            (0, vec![0]),
            (0x7f, vec![0x7f]),
            (0x80, vec![0x81, 0x80]),
            (0x100, vec![0x82, 1, 0]),
            (0x12_3456, vec![0x83, 0x12, 0x34, 0x56]),
        ] {
            assert_eq!(length_octets(length).collect::<Vec<_>>(), octets);
            assert_eq!(element_length(length), 1 + octets.len() + length);
        }
    }

    #[test]
    fn integers_take_their_shortest_form_and_stay_positive() {
        assert_eq!(written(|out| unsigned(out, 0)), [2, 1, 0]);
        assert_eq!(written(|out| unsigned(out, 0x80)), [2, 2, 0, 0x80]);
        assert_eq!(written(|out| unsigned(out, 0x1234)), [2, 2, 0x12, 0x34]);
        assert_eq!(written(|out| unsigned(out, u64::MAX)).len(), 11);
    }

    #[test]
    fn the_last_second_of_2049_is_utc_time_and_the_next_is_not() {
        assert_eq!(
            written(|out| time(out, Timestamp::from_seconds(2_524_607_999))),
            b"\x17\x0d491231235959Z"
        );
        assert_eq!(
            written(|out| time(out, Timestamp::from_seconds(2_524_608_000))),
            b"\x18\x0f20500101000000Z"
        );
        assert_eq!(
            written(|out| time(out, Timestamp::from_seconds(1_709_164_800))),
            b"\x17\x0d240229000000Z"
        );
    }
}
