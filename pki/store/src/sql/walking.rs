// SPDX-License-Identifier: Apache-2.0
//! Parts of lists that may be long and whose filters may leave little: each is a stretch of an index, no longer than
//! [`STRIDE`] rows, of which those are told that the filters leave.

use tamga_registry::id::OrganizationId;
use tamga_registry::page::{BEYOND_NAMES, Direction, Listed, Mark, NamePrefix, Page, Portion};
use tamga_registry::store::StoreFault;
use tamga_x509::time::Timestamp;

use super::cells::Cells;
use super::fault::fault;
use super::{Connection, Query, Row};

/// How many rows of an index one part looks at, at most. The macros below say the same.
#[cfg(test)]
pub(super) const STRIDE: u32 = 1024;

/// The statements of one order of a list.
pub(super) struct Walk {
    /// Where a stretch ends.
    pub(super) end: &'static str,
    /// What the filters leave of it.
    pub(super) rows: &'static str,
}

/// Both ways through an order.
pub(super) struct Ways {
    rising: Walk,
    falling: Walk,
}

impl Ways {
    pub(super) const fn new(rising: Walk, falling: Walk) -> Self {
        Self { rising, falling }
    }

    /// The way a page goes.
    pub(super) fn of(&self, page: &Page) -> &Walk {
        match page.sort.direction {
            Direction::Rising => &self.rising,
            Direction::Falling => &self.falling,
        }
    }

    /// Their statements where what they tell is found by something else.
    #[cfg(test)]
    pub(super) fn found(&self) -> [&'static str; 2] {
        [self.rising.rows, self.falling.rows]
    }

    /// All their statements.
    #[cfg(test)]
    pub(super) fn all(&self) -> [&'static str; 4] {
        [
            self.rising.end,
            self.rising.rows,
            self.falling.end,
            self.falling.rows,
        ]
    }
}

/// The [`Ways`] through rows by a name: a `SELECT` with its `WHERE` and all filters, and the three binds that follow
/// those of the filters.
macro_rules! ways_by_name {
    (rows [$($rows:tt)+] binds [$from:literal, $to:literal, $limit:literal] of [$table:expr] name [$name:literal]) => {{
        macro_rules! way {
            ($beyond:literal, $within:literal, $way:literal) => {
                super::walking::Walk {
                    end: concat!(
                        "SELECT ", $name, " FROM ", $table, " AND ", $name, by_octets!(), $beyond, "$2 AND ", $name,
                        by_octets!(), $within, "$3 ORDER BY ", $name, by_octets!(), $way, " LIMIT 1 OFFSET 1023"
                    ),
                    rows: concat!(
                        $($rows)+, " AND ", $name, by_octets!(), $beyond, $from, " AND ", $name, by_octets!(), $within,
                        $to, " ORDER BY ", $name, by_octets!(), $way, " LIMIT ", $limit
                    ),
                }
            };
        }
        super::walking::Ways::new(way!(" > ", " <= ", ""), way!(" < ", " >= ", " DESC"))
    }};
}
pub(super) use ways_by_name;

/// The [`Ways`] through rows by an instant and their id: five binds follow those of the filters.
macro_rules! ways_by_time {
    (
        rows [$($rows:tt)+] binds [$from:literal, $from_id:literal, $to:literal, $to_id:literal, $limit:literal]
        of [$table:expr] time [$time:literal, $id:literal]
    ) => {{
        macro_rules! way {
            ($beyond:literal, $within:literal, $way:literal) => {
                super::walking::Walk {
                    end: concat!(
                        "SELECT ", $time, ", ", $id, " FROM ", $table, " AND (", $time, ", ", $id, ")", $beyond,
                        "($2, $3) AND (", $time, ", ", $id, ")", $within, "($4, $5) ORDER BY ", $time, $way, ", ", $id,
                        $way, " LIMIT 1 OFFSET 1023"
                    ),
                    rows: concat!(
                        $($rows)+, " AND (", $time, ", ", $id, ")", $beyond, "(", $from, ", ", $from_id, ") AND (",
                        $time, ", ", $id, ")", $within, "(", $to, ", ", $to_id, ") ORDER BY ", $time, $way, ", ", $id,
                        $way, " LIMIT ", $limit
                    ),
                }
            };
        }
        super::walking::Ways::new(way!(" > ", " <= ", ""), way!(" < ", " >= ", " DESC"))
    }};
}
pub(super) use ways_by_time;

/// Whether a row found by something else belongs to organization $1. No index is taken for it.
macro_rules! at_home {
    ($organization:literal) => {
        concat!("CASE WHEN ", $organization, " = $1 THEN 1 ELSE 0 END = 1")
    };
}
pub(super) use at_home;

/// Between which two marks a list lies, neither of them in it.
pub(super) struct Bounds {
    below: Mark,
    above: Mark,
}

impl Bounds {
    /// The names that a prefix begins; all of them, where there is none.
    pub(super) fn of_names(prefix: Option<&NamePrefix>) -> Self {
        let (below, above) = match prefix {
            Some(prefix) => (prefix.before(), prefix.beyond()),
            None => (String::new(), BEYOND_NAMES.to_owned()),
        };
        Self {
            below: Mark::Name(below),
            above: Mark::Name(above),
        }
    }

    /// Instants from the first one on and before the second.
    pub(super) fn times(from: Option<Timestamp>, before: Option<Timestamp>) -> Self {
        let least = Timestamp::from_micros(i64::MIN);
        let below = from.map_or(least, |from| {
            Timestamp::from_micros(from.as_micros().saturating_sub(1))
        });
        // No id is all zeros.
        let above = before.map_or(Mark::Time(Timestamp::from_micros(i64::MAX), LAST), |before| {
            Mark::Time(before, [0; 16])
        });
        Self {
            below: Mark::Time(below, LAST),
            above,
        }
    }
}

/// A stretch of a list, in the direction of its page.
pub(super) struct Stretch {
    from: Mark,
    to: Mark,
    /// Whether the list may go on behind it.
    cut: bool,
}

impl Stretch {
    /// Up to the end of the list, for what is found by an index of its own, or where every row counts.
    pub(super) fn whole(page: &Page, bounds: Bounds) -> Self {
        let (first, to) = match page.sort.direction {
            Direction::Rising => (bounds.below, bounds.above),
            Direction::Falling => (bounds.above, bounds.below),
        };
        Self {
            from: page.after.clone().unwrap_or(first),
            to,
            cut: false,
        }
    }

    /// As far as one part looks.
    pub(super) async fn measured(
        walk: &'static Walk,
        organization: OrganizationId,
        on: (&Page, Bounds),
        connection: &mut Connection,
    ) -> Result<Self, StoreFault> {
        Self::measured_among(walk, (organization, None), on, connection).await
    }

    /// The same where the rows have a word in common, which is the last bind.
    pub(super) async fn measured_among(
        walk: &'static Walk,
        (organization, word): (OrganizationId, Option<&str>),
        (page, bounds): (&Page, Bounds),
        connection: &mut Connection,
    ) -> Result<Self, StoreFault> {
        let mut stretch = Self::whole(page, bounds);
        let query = sqlx::query(walk.end).bind(organization.octets().as_slice());
        let query = bind(bind(query, &stretch.from), &stretch.to);
        let query = match word {
            Some(word) => query.bind(word.to_owned()),
            None => query,
        };
        let row = query
            .fetch_optional(connection)
            .await
            .map_err(fault("measuring a part of a list"))?;
        if let Some(row) = row {
            stretch.to = read(&row, &stretch.to)?;
            stretch.cut = true;
        }
        Ok(stretch)
    }

    /// Binds where it begins and ends, and how many rows are read of it.
    pub(super) fn bind<'q>(&self, query: Query<'q>, page: &Page) -> Query<'q> {
        bind(bind(query, &self.from), &self.to).bind(i64::from(page.fetched()))
    }

    /// What was read of it.
    pub(super) fn portion<T: Listed>(self, mut rows: Vec<T>, page: &Page) -> Portion<T> {
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        if rows.len() > limit {
            rows.truncate(limit);
            let more = rows.last().map(|last| last.mark(page.sort.by));
            return Portion { rows, more };
        }
        let more = self.cut.then_some(self.to);
        Portion { rows, more }
    }
}

fn bind<'q>(query: Query<'q>, mark: &Mark) -> Query<'q> {
    match mark {
        Mark::Name(name) => query.bind(name.clone()),
        Mark::Time(at, id) => query.bind(at.as_micros()).bind(id.to_vec()),
    }
}

/// Reads a mark of the same kind.
fn read(row: &Row, like: &Mark) -> Result<Mark, StoreFault> {
    let mut cells = Cells::of(row, "a list");
    match like {
        Mark::Name(_) => Ok(Mark::Name(cells.text()?)),
        Mark::Time(..) => Ok(Mark::Time(cells.time()?, cells.octets()?)),
    }
}

/// Greater than every id.
const LAST: [u8; 16] = [0xff; 16];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statements_look_as_far_as_is_said() {
        let lists = [
            &super::super::device_list::BY_NAME,
            &super::super::device_list::BY_TIME,
        ];
        for statement in lists.iter().flat_map(|ways| [ways.rising.end, ways.falling.end]) {
            assert!(
                statement.ends_with(&format!("LIMIT 1 OFFSET {}", STRIDE - 1)),
                "{statement}"
            );
        }
    }
}
