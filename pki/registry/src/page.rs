// SPDX-License-Identifier: Apache-2.0
//! Pages of a list: each goes on where the one before ended, by a key that no row ever changes.
//!
//! A row that is there from the first page to the last is therefore read exactly once, whatever else comes, changes or
//! goes meanwhile. Nothing is counted off from the beginning.

use std::str::FromStr;

use tamga_x509::time::Timestamp;

use crate::anchor::TrustAnchor;
use crate::certificate::SeenCertificate;
use crate::device::{Device, MAX_REGISTRATION_ID, is_letter};
use crate::enrollment::{Group, IndividualEnrollment};
use crate::journal::JournalEntry;
use crate::order::SeenOrder;
use crate::organization::IdScope;

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In which order.
    pub sort: Sort,
    /// Where the page before ended; absent for the first.
    pub after: Option<Mark>,
    /// How many rows it has at most.
    pub limit: u32,
}

impl Page {
    /// The first page.
    pub fn first(sort: Sort, limit: u32) -> Self {
        Self {
            sort,
            after: None,
            limit,
        }
    }

    /// How many rows are read for it: one more than it has tells whether there is a next page.
    pub fn fetched(&self) -> u32 {
        self.limit.saturating_add(1)
    }
}

/// An order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: By,
    /// Which way.
    pub direction: Direction,
}

impl Sort {
    /// By name, from a to z.
    pub const NAME: Self = Self::new(By::Name, Direction::Rising);
    /// By name, from z to a.
    pub const NAME_FALLING: Self = Self::new(By::Name, Direction::Falling);
    /// Oldest first.
    pub const TIME: Self = Self::new(By::Time, Direction::Rising);
    /// Newest first.
    pub const TIME_FALLING: Self = Self::new(By::Time, Direction::Falling);
    /// What ends first, first.
    pub const END: Self = Self::new(By::End, Direction::Rising);
    /// What ends last, first.
    pub const END_FALLING: Self = Self::new(By::End, Direction::Falling);

    const fn new(by: By, direction: Direction) -> Self {
        Self { by, direction }
    }
}

/// What rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A text that tells a row from every other of its list, by its octets.
    Name,
    /// An instant, and among equals the id.
    Time,
    /// The instant at which it ends, and among equals the id.
    End,
}

/// Which way rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The least first.
    Rising,
    /// The greatest first.
    Falling,
}

/// Where a row stands in its list. What it is made of never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// By its name.
    Name(String),
    /// By its instant and its id.
    Time(Timestamp, [u8; 16]),
}

/// A part of a list that is walked: of what was looked at, those that its filters leave.
///
/// However few those are, one part is never looked for longer than another: it may hold fewer than were asked for, even
/// none, and yet not be the last.
#[derive(Debug, Clone)]
pub struct Portion<T> {
    /// No more than were asked for.
    pub rows: Vec<T>,
    /// Where the next part goes on; absent after the last.
    pub more: Option<Mark>,
}

/// A thing that is listed.
pub trait Listed {
    /// Where it stands.
    fn mark(&self, by: By) -> Mark;
}

impl Listed for Group {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::Name => Mark::Name(self.name.canonical().to_owned()),
            By::Time | By::End => Mark::Time(self.terms.created_at, *self.id.octets()),
        }
    }
}

impl Listed for IndividualEnrollment {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::Name => Mark::Name(self.registration_id.canonical().to_owned()),
            By::Time | By::End => Mark::Time(self.terms.created_at, *self.id.octets()),
        }
    }
}

impl Listed for TrustAnchor {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::Name => Mark::Name(self.name.canonical().to_owned()),
            By::Time | By::End => Mark::Time(self.created_at, *self.id.octets()),
        }
    }
}

impl Listed for Device {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::Name => Mark::Name(self.name()),
            By::Time | By::End => Mark::Time(self.created_at, *self.id.octets()),
        }
    }
}

/// Certificates are listed through their orders, or by the end of their lives.
impl Listed for SeenCertificate {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::End => Mark::Time(self.record.validity.not_after(), *self.record.id.octets()),
            By::Name | By::Time => Mark::Time(self.ordered_at, *self.order.octets()),
        }
    }
}

/// Orders are listed by age only.
impl Listed for SeenOrder {
    fn mark(&self, _: By) -> Mark {
        Mark::Time(self.order.created_at, *self.order.id.octets())
    }
}

/// Journal rows are listed by age only.
impl Listed for JournalEntry {
    fn mark(&self, _: By) -> Mark {
        Mark::Time(self.at, *self.id.octets())
    }
}

/// Scopes are listed by their text only.
impl Listed for IdScope {
    fn mark(&self, _: By) -> Mark {
        Mark::Name(self.canonical().to_owned())
    }
}

/// The beginning of a name, taken literally: nothing in it stands for anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePrefix(String);

impl NamePrefix {
    /// The least text that begins with it: itself, in lower case.
    pub fn least(&self) -> &str {
        &self.0
    }

    /// A text that is greater than each name that begins with it, and less than every other name that is greater.
    pub fn beyond(&self) -> String {
        format!("{}{BEYOND_NAMES}", self.0)
    }

    /// A text that is less than each name that begins with it, and greater than every other name that is less.
    pub fn before(&self) -> String {
        let mut text = self.0.clone();
        // Whatever it ends with is a letter, a digit or a mark: there is an ASCII character before it.
        let last = text.pop().and_then(|last| u8::try_from(last).ok());
        text.extend(last.map(|last| char::from(last.saturating_sub(1))));
        text + BEYOND_NAMES
    }
}

impl FromStr for NamePrefix {
    type Err = BadNamePrefix;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let begins = text.bytes().all(is_letter) && (1..=MAX_REGISTRATION_ID).contains(&text.len());
        begins
            .then(|| Self(text.to_ascii_lowercase()))
            .ok_or(BadNamePrefix)
    }
}

/// Text that begins no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a name begins with letters, digits, `-`, `.`, `_` or `:`, and nothing stands for any of them")]
pub struct BadNamePrefix;

/// A text greater than every name: names are ASCII, and none holds this.
pub const BEYOND_NAMES: &str = "\u{7f}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_taken_literally() {
        let prefix: NamePrefix = "Line_1".parse().unwrap();
        let begins = |name: &str| name >= prefix.least() && name < prefix.beyond().as_str();
        assert!(begins("line_1") && begins("line_1-a") && begins("line_1zzz"));
        assert!(!begins("line-1") && !begins("linex1") && !begins("line_2") && !begins("line_"));
        let before = prefix.before();
        assert!(
            before.as_str() < "line_1"
                && ["line_", "line_0zzz", "line-1"]
                    .iter()
                    .all(|name| *name < before.as_str())
        );
        for wrong in [
            "",
            "%",
            "line%",
            "a*",
            "a?",
            "a)(",
            "a/b",
            "ä",
            "[a-z]",
            &"x".repeat(129),
        ] {
            assert_eq!(wrong.parse::<NamePrefix>(), Err(BadNamePrefix), "{wrong}");
        }
    }
}
