// SPDX-License-Identifier: Apache-2.0
//! Slices DER without copying or allocating, and refuses every encoding that is not the one DER allows.

/// One element: its tag octet, its contents, and all its octets as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    pub(crate) full: &'a [u8],
}

/// Reads the elements of one constructed value from left to right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, whatever its tag.
    pub(crate) fn any(&mut self) -> Result<Tlv<'a>, NotDer> {
        let (element, rest) = split(self.0)?;
        self.0 = rest;
        Ok(element)
    }

    /// The next element, which must carry `tag`.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Tlv<'a>, NotDer> {
        self.optional(tag)?
            .ok_or(NotDer("an element of another type was expected"))
    }

    /// The next element if it carries `tag`.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, NotDer> {
        if self.0.first() == Some(&tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    /// The contents of the SEQUENCE that comes next.
    pub(crate) fn sequence(&mut self) -> Result<Reader<'a>, NotDer> {
        Ok(Reader(self.expect(SEQUENCE)?.value))
    }

    /// The octets of the BIT STRING that comes next; it must have no unused bits.
    pub(crate) fn octets_of_bits(&mut self) -> Result<&'a [u8], NotDer> {
        match self.expect(BIT_STRING)?.value.split_first() {
            Some((0, octets)) => Ok(octets),
            _ => Err(NotDer("a bit string of whole octets was expected")),
        }
    }

    /// Ends the reading: nothing may be left.
    pub(crate) const fn finish(self) -> Result<(), NotDer> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(NotDer("octets follow where the structure ends"))
        }
    }
}

/// The one element that `bytes` must consist of.
pub(crate) fn only(bytes: &[u8], tag: u8) -> Result<Tlv<'_>, NotDer> {
    let mut reader = Reader::new(bytes);
    let element = reader.expect(tag)?;
    reader.finish()?;
    Ok(element)
}

/// The octets are not DER (X.690 §10, §11), or not the structure that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotDer(pub(crate) &'static str);

fn split(input: &[u8]) -> Result<(Tlv<'_>, &[u8]), NotDer> {
    let (&tag, after_tag) = input.split_first().ok_or(NotDer("an element is missing"))?;
    if tag & 0x1f == 0x1f {
        return Err(NotDer("a tag number above 30 has no place here"));
    }
    let (&first, after_first) = after_tag.split_first().ok_or(NotDer("a length is missing"))?;
    let (length, body) = match first {
        0..=0x7f => (usize::from(first), after_first),
        0x81..=0x84 => long_length(usize::from(first & 0x7f), after_first)?,
        0x80 => return Err(NotDer("the indefinite length is not DER")),
        _ => return Err(NotDer("a length beyond four gigabytes has no place here")),
    };
    let (value, rest) = body
        .split_at_checked(length)
        .ok_or(NotDer("the octets end before their length"))?;
    let full = input
        .len()
        .checked_sub(rest.len())
        .and_then(|length| input.get(..length))
        .ok_or(NotDer("the octets end before their length"))?;
    Ok((Tlv { tag, value, full }, rest))
}

fn long_length(count: usize, input: &[u8]) -> Result<(usize, &[u8]), NotDer> {
    let (octets, rest) = input
        .split_at_checked(count)
        .ok_or(NotDer("a length is cut short"))?;
    let length = octets
        .iter()
        .fold(0_u32, |length, octet| (length << 8) | u32::from(*octet));
    if octets.first() == Some(&0) || length < 0x80 {
        return Err(NotDer("a length is not in its shortest form"));
    }
    Ok((
        usize::try_from(length).map_err(|_| NotDer("a length exceeds this machine"))?,
        rest,
    ))
}

/// Walks everything down to `depth` levels and checks what a mere slicing does not: the forms of primitive
/// values (X.690 §8, §10, §11) and the order of SET OF. What lies inside octet strings is not walked.
pub(crate) fn require_der(bytes: &[u8], depth: u8) -> Result<(), NotDer> {
    let depth = depth
        .checked_sub(1)
        .ok_or(NotDer("the structure is nested too deeply"))?;
    let mut reader = Reader::new(bytes);
    while !reader.is_empty() {
        let element = reader.any()?;
        if element.tag & CONSTRUCTED != 0 {
            require_constructed(&element)?;
            require_der(element.value, depth)?;
        } else {
            require_primitive(&element)?;
        }
    }
    Ok(())
}

fn require_constructed(element: &Tlv<'_>) -> Result<(), NotDer> {
    match element.tag {
        SEQUENCE => Ok(()),
        SET => {
            let mut reader = Reader::new(element.value);
            let mut last: &[u8] = &[];
            while !reader.is_empty() {
                let member = reader.any()?;
                // Whole elements never are prefixes of one another, so plain comparison is X.690 §11.6.
                if member.full < last {
                    return Err(NotDer("the members of a set are not in ascending order"));
                }
                last = member.full;
            }
            Ok(())
        }
        tag if tag & CLASS == 0 => Err(NotDer("a primitive type is encoded in pieces")),
        _ => Ok(()),
    }
}

fn require_primitive(element: &Tlv<'_>) -> Result<(), NotDer> {
    let good = match element.tag {
        BOOLEAN => matches!(element.value, [0x00] | [0xff]),
        INTEGER | ENUMERATED => is_shortest_integer(element.value),
        BIT_STRING => is_exact_bit_string(element.value),
        NULL => element.value.is_empty(),
        OBJECT_IDENTIFIER => is_shortest_oid(element.value),
        UTF8_STRING => core::str::from_utf8(element.value).is_ok(),
        PRINTABLE_STRING | IA5_STRING => element.value.is_ascii(),
        // SEQUENCE and SET without their constructed bit, and the end-of-contents of BER.
        0x00 | 0x10 | 0x11 => false,
        _ => true,
    };
    if good {
        Ok(())
    } else {
        Err(NotDer("a value is not in the one form DER allows"))
    }
}

const fn is_shortest_integer(value: &[u8]) -> bool {
    match value {
        [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => false,
        [..] => true,
    }
}

fn is_exact_bit_string(value: &[u8]) -> bool {
    match value {
        [0] => true,
        [unused @ 0..=7, .., last] => u32::from(*unused) <= last.trailing_zeros(),
        _ => false,
    }
}

/// X.690 §8.19, and no more octets than any identifier we could ever know.
fn is_shortest_oid(value: &[u8]) -> bool {
    let ends = value.last().is_some_and(|last| last & 0x80 == 0);
    let padded = value.first() == Some(&0x80)
        || value
            .windows(2)
            .any(|pair| matches!(pair, [before, 0x80] if before & 0x80 == 0));
    ends && !padded && value.len() <= OID_LIMIT
}

const OID_LIMIT: usize = 64;
const CLASS: u8 = 0xc0;
const CONSTRUCTED: u8 = 0x20;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_but_the_one_of_der_is_refused() {
        let cases: &[(&str, &[u8])] = &[
            ("indefinite length", &[0x30, 0x80, 0x00, 0x00]),
            ("length not shortest", &[0x04, 0x81, 0x01, 0x00]),
            ("length with a leading zero", &[0x04, 0x82, 0x00, 0x80]),
            ("length past the end", &[0x04, 0x02, 0x00]),
            ("length of eight octets", &[0x04, 0x88, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
            ("high tag number", &[0x1f, 0x81, 0x01, 0x00]),
            ("boolean that is neither", &[0x01, 0x01, 0x01]),
            ("padded integer", &[0x02, 0x02, 0x00, 0x7f]),
            ("padded negative integer", &[0x02, 0x02, 0xff, 0x80]),
            ("empty integer", &[0x02, 0x00]),
            ("unused bits that are set", &[0x03, 0x02, 0x01, 0x01]),
            ("eight unused bits", &[0x03, 0x02, 0x08, 0x00]),
            ("no octet of unused bits", &[0x03, 0x00]),
            ("null with contents", &[0x05, 0x01, 0x00]),
            ("identifier cut in its arc", &[0x06, 0x02, 0x55, 0x80]),
            ("identifier with a padded arc", &[0x06, 0x03, 0x55, 0x80, 0x01]),
            ("string in pieces", &[0x2c, 0x03, 0x0c, 0x01, 0x41]),
            ("overlong utf-8", &[0x0c, 0x02, 0xc0, 0x80]),
            ("sequence that is primitive", &[0x10, 0x00]),
            ("unsorted set", &[0x31, 0x06, 0x02, 0x01, 0x02, 0x02, 0x01, 0x01]),
            ("trailing octet", &[0x05, 0x00, 0x05]),
        ];
        for (what, bytes) in cases {
            assert!(require_der(bytes, 16).is_err(), "{what} was taken for DER");
        }
    }

    #[test]
    fn sixty_thousand_nested_sequences_end_at_the_limit() {
        let mut bytes = vec![0x05, 0x00];
        while bytes.len() < 0xf000 {
            let length = u16::try_from(bytes.len()).unwrap();
            let [high, low] = length.to_be_bytes();
            let header = if length < 0x80 {
                vec![0x30, low]
            } else if length < 0x100 {
                vec![0x30, 0x81, low]
            } else {
                vec![0x30, 0x82, high, low]
            };
            bytes.splice(..0, header);
        }
        assert_eq!(
            require_der(&bytes, 16),
            Err(NotDer("the structure is nested too deeply"))
        );
    }

    #[test]
    fn proper_der_passes() {
        let bytes = [
            0x30, 0x0a, 0x01, 0x01, 0xff, 0x31, 0x05, 0x02, 0x01, 0x01, 0x05, 0x00,
        ];
        assert_eq!(require_der(&bytes, 16), Ok(()));
        assert_eq!(only(&bytes, SEQUENCE).unwrap().value.len(), 10);
    }
}
