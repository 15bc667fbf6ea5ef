// SPDX-License-Identifier: Apache-2.0
//! Cursors: where a page of a list ended, opaque, and good for no other list, organization, filter or order.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use tamga_registry::page::Mark;
use tamga_x509::time::Timestamp;

/// What a cursor is good for, and what it is proven by.
pub(super) struct Place {
    /// The path as it was asked for: it names the organization.
    pub(super) path: String,
    /// Filters and order.
    pub(super) question: Vec<(String, String)>,
    pub(super) key: [u8; 32],
}

impl Place {
    /// The cursor of a mark: `version (1) | HMAC-SHA256 (32) | mark`.
    pub(super) fn cursor(&self, mark: &Mark) -> String {
        let mark = spelled(mark);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key);
        let tag = hmac::sign(&key, &self.bound(&mark));
        let mut octets = vec![VERSION];
        octets.extend_from_slice(tag.as_ref());
        octets.extend_from_slice(&mark);
        BASE64URL_NOPAD.encode(&octets)
    }

    /// The mark of a cursor that was given out for this place; of no other.
    pub(super) fn read(&self, cursor: &str) -> Option<Mark> {
        // The length first: nothing is decoded that cannot be one.
        let octets = (cursor.len() <= LONGEST).then(|| BASE64URL_NOPAD.decode(cursor.as_bytes()).ok());
        let octets = octets.flatten()?;
        let (version, rest) = octets.split_first()?;
        let (tag, mark) = rest.split_at_checked(32)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key);
        hmac::verify(&key, &self.bound(mark), tag).ok()?;
        (*version == VERSION).then(|| read(mark)).flatten()
    }

    /// What the tag stands for: each part behind its length, so that no two places spell the same.
    fn bound(&self, mark: &[u8]) -> Vec<u8> {
        let question = self.question.iter().flat_map(|(name, value)| [name, value]);
        let texts = std::iter::once(&self.path).chain(question);
        let mut bound = b"cursor of a list, version 1\0".to_vec();
        for part in texts.map(String::as_bytes).chain([mark]) {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            bound.extend_from_slice(&length.to_be_bytes());
            bound.extend_from_slice(part);
        }
        bound
    }
}

fn spelled(mark: &Mark) -> Vec<u8> {
    match mark {
        Mark::Name(name) => [&[NAME], name.as_bytes()].concat(),
        Mark::Time(at, id) => [&[TIME][..], &at.as_micros().to_be_bytes(), id].concat(),
    }
}

fn read(mark: &[u8]) -> Option<Mark> {
    let (kind, rest) = mark.split_first()?;
    match *kind {
        NAME => Some(Mark::Name(String::from_utf8(rest.to_vec()).ok()?)),
        TIME => {
            let (at, id) = rest.split_first_chunk::<8>()?;
            let at = Timestamp::from_micros(i64::from_be_bytes(*at));
            Some(Mark::Time(at, id.try_into().ok()?))
        }
        _ => None,
    }
}

const VERSION: u8 = 1;
const NAME: u8 = 0;
const TIME: u8 = 1;
/// A name has at most 128 octets, or a few more where a list is of other things.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str, question: &[(&str, &str)]) -> Place {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Place {
            path: path.to_owned(),
            question: question.iter().map(owned).collect(),
            key: [7; 32],
        }
    }

    #[test]
    fn a_cursor_goes_on_where_it_was_given_out_and_nowhere_else() {
        let here = place("/v1/organizations/acme/groups", &[("state", "enabled")]);
        let marks = [
            Mark::Name("line-1".to_owned()),
            Mark::Time(Timestamp::from_micros(-1), [9; 16]),
        ];
        for mark in marks {
            let cursor = here.cursor(&mark);
            assert!(cursor.len() < LONGEST && !cursor.contains("line"), "{cursor}");
            assert_eq!(here.read(&cursor), Some(mark));
            let elsewhere = [
                place("/v1/organizations/rival/groups", &[("state", "enabled")]),
                place("/v1/organizations/acme/anchors", &[("state", "enabled")]),
                place("/v1/organizations/acme/groups", &[("state", "disabled")]),
                place("/v1/organizations/acme/groups", &[]),
                place("/v1/organizations/acme/groups", &[("state", "enable"), ("d", "")]),
                Place {
                    key: [8; 32],
                    ..place("/v1/organizations/acme/groups", &[("state", "enabled")])
                },
            ];
            for other in elsewhere {
                assert_eq!(other.read(&cursor), None);
            }
        }
    }

    #[test]
    fn a_cursor_is_taken_whole_and_unaltered() {
        let here = place("/v1/organizations/acme/groups", &[]);
        let cursor = here.cursor(&Mark::Name("line-1".to_owned()));
        let octets = BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap();
        for at in 0..octets.len() {
            let mut altered = octets.clone();
            altered[at] ^= 1;
            assert_eq!(here.read(&BASE64URL_NOPAD.encode(&altered)), None, "octet {at}");
            assert_eq!(here.read(&BASE64URL_NOPAD.encode(&octets[..at])), None);
        }
        for wrong in ["", "line-1", "%", "A", &"A".repeat(513), &format!("{cursor}=")] {
            assert_eq!(here.read(wrong), None, "{wrong}");
        }
    }
}
