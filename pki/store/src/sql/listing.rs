// SPDX-License-Identifier: Apache-2.0
//! Pages of lists: the same rows in each of their orders, each going on after a key.

use tamga_registry::page::{BEYOND_NAMES, By, Direction, Mark, NamePrefix, Page};

use super::Query;

/// The statements of one list, an order each. Where a list may be of names with a prefix, those are statements of their
/// own: a range that is always there would be taken for what few rows lie in.
pub(super) struct Pages {
    pub(super) name: &'static str,
    pub(super) name_falling: &'static str,
    pub(super) time: &'static str,
    pub(super) time_falling: &'static str,
}

impl Pages {
    /// The one that reads a page.
    pub(super) fn of(&self, page: &Page) -> &'static str {
        match (page.sort.by, page.sort.direction) {
            (By::Name, Direction::Rising) => self.name,
            (By::Name, Direction::Falling) => self.name_falling,
            (By::Time | By::End, Direction::Rising) => self.time,
            (By::Time | By::End, Direction::Falling) => self.time_falling,
        }
    }

    /// All of them.
    #[cfg(test)]
    pub(super) fn all(&self) -> [&'static str; 4] {
        [self.name, self.name_falling, self.time, self.time_falling]
    }
}

/// The [`Pages`] of a list: its rows with a `WHERE` and all filters, the three binds that follow those of the filters, the
/// column that names a row, its instant and its id. [`bind`] binds the three.
macro_rules! pages {
    (
        rows [$($rows:tt)+] binds [$one:literal, $two:literal, $three:literal]
        name [$name:literal] time [$time:literal, $id:literal]
    ) => {{
        // Where a page goes on, and how its rows are ordered.
        macro_rules! by_name {
            ($beyond:literal, $way:literal) => {
                concat!(
                    $($rows)+, " AND ", $name, by_octets!(), $beyond, $one,
                    " ORDER BY ", $name, by_octets!(), $way, " LIMIT ", $two
                )
            };
        }
        macro_rules! by_time {
            ($beyond:literal, $way:literal) => {
                concat!(
                    $($rows)+, " AND (", $time, ", ", $id, ")", $beyond, "(", $one, ", ", $two, ")",
                    " ORDER BY ", $time, $way, ", ", $id, $way, " LIMIT ", $three
                )
            };
        }
        super::listing::Pages {
            name: by_name!(" > ", ""),
            name_falling: by_name!(" < ", " DESC"),
            time: by_time!(" > ", ""),
            time_falling: by_time!(" < ", " DESC"),
        }
    }};
}
pub(super) use pages;

/// Binds where a page goes on, and how many rows are read for it.
pub(super) fn bind<'q>(query: Query<'q>, page: &Page) -> Query<'q> {
    let falling = page.sort.direction == Direction::Falling;
    let query = match (page.sort.by, &page.after) {
        // Names are kept, and compared, in lower case; none is empty.
        (By::Name, Some(Mark::Name(name))) => query.bind(name.clone()),
        (By::Name, None | Some(Mark::Time(..))) if falling => query.bind(BEYOND_NAMES),
        (By::Name, None | Some(Mark::Time(..))) => query.bind(""),
        (By::Time | By::End, Some(Mark::Time(at, id))) => query.bind(at.as_micros()).bind(id.to_vec()),
        (By::Time | By::End, None | Some(Mark::Name(_))) if falling => {
            query.bind(i64::MAX).bind(vec![0xff_u8; 16])
        }
        (By::Time | By::End, None | Some(Mark::Name(_))) => query.bind(i64::MIN).bind(vec![0_u8; 16]),
    };
    query.bind(i64::from(page.fetched()))
}

/// Binds the least name a prefix begins and what is beyond all of them, for the statements that have a prefix.
pub(super) fn bind_prefix<'q>(query: Query<'q>, prefix: Option<&NamePrefix>) -> Query<'q> {
    match prefix {
        Some(prefix) => query.bind(prefix.least().to_owned()).bind(prefix.beyond()),
        None => query,
    }
}
