// SPDX-License-Identifier: Apache-2.0
//! One call of a script's function over many rows, and what it says of each.

use sqlx::{AssertSqlSafe, Row as _};
use tamga_registry::store::StoreFault;

use super::super::fault::{fault, miscounted, unavailable};
use super::super::{Connection, Query, Row};
use super::{Cell, Script, binds_of, set};

/// Rows of one script that may be written side by side.
pub(super) struct Call {
    script: Script,
    /// Where each row stands in the batch, and its binds.
    rows: Vec<(usize, Vec<Cell>)>,
}

impl Call {
    pub(super) fn of(script: Script, place: usize, cells: Vec<Cell>) -> Self {
        let rows = vec![(place, cells)];
        Self { script, rows }
    }

    pub(super) fn add(&mut self, place: usize, cells: Vec<Cell>) {
        self.rows.push((place, cells));
    }

    #[cfg(test)]
    pub(super) fn places(&self) -> Vec<usize> {
        self.rows.iter().map(|(place, _)| *place).collect()
    }

    /// Notes how many rows of tables each row wrote.
    pub(super) async fn run(
        mut self,
        written: &mut [u64],
        connection: &mut Connection,
    ) -> Result<(), StoreFault> {
        self.sort();
        let Some((_, first)) = self.rows.first() else {
            return Ok(());
        };
        let before = set::counts_before(&self.script).then(|| self.before());
        let text = if self.script.is_set() {
            set::call(&self.script, first)
        } else {
            by_row(&self.script, first)
        };
        let owed = self.owed();
        let (places, rows): (Vec<usize>, Vec<Vec<Cell>>) = self.rows.into_iter().unzip();
        let mut query = sqlx::query(AssertSqlSafe(text));
        for column in columns(rows)? {
            query = column.bind_to(query);
        }
        if let Some(before) = before {
            query = query.bind(before);
        }
        let answer = query.fetch_all(connection).await.map_err(fault(KEEPING))?;
        let counts = if owed.is_empty() {
            counted_by_row(&answer, places.len())?
        } else {
            Tally::of(&answer, &owed)?
        };
        for (place, count) in places.into_iter().zip(counts) {
            if let Some(written) = written.get_mut(place) {
                *written = count;
            }
        }
        Ok(())
    }

    fn sort(&mut self) {
        let order: Vec<usize> = binds_of(self.script.order).map(|number| number - 1).collect();
        let key =
            |cells: &[Cell]| -> Vec<Cell> { order.iter().filter_map(|at| cells.get(*at).cloned()).collect() };
        self.rows
            .sort_by_cached_key(|(place, cells)| (key(cells), *place));
    }

    /// How many rows before each have the same order, but for its last bind.
    fn before(&self) -> Vec<i64> {
        let mut order: Vec<usize> = binds_of(self.script.order).map(|number| number - 1).collect();
        order.pop();
        let mut counts = Vec::with_capacity(self.rows.len());
        let mut count = 0;
        let mut last: Option<&Vec<Cell>> = None;
        for (_, cells) in &self.rows {
            let same = |other: &Vec<Cell>| order.iter().all(|at| other.get(*at) == cells.get(*at));
            count = if last.is_some_and(same) { count + 1 } else { 0 };
            last = Some(cells);
            counts.push(count);
        }
        counts
    }

    /// Of each statement but the first of a set: which rows it is to write, once they are kept.
    fn owed(&self) -> Vec<Vec<bool>> {
        if !self.script.is_set() {
            return Vec::new();
        }
        let statements = self.script.statements.iter().map(|statement| {
            let needed = set::needed(statement);
            let owed = self.rows.iter().map(|(_, cells)| {
                needed
                    .iter()
                    .all(|at| cells.get(*at).is_some_and(|cell| !cell.is_null()))
            });
            owed.collect()
        });
        statements.collect()
    }
}

/// The binds of rows, column by column.
pub(super) fn columns(rows: Vec<Vec<Cell>>) -> Result<Vec<Column>, StoreFault> {
    let mut columns = Vec::new();
    for cells in rows {
        if columns.is_empty() {
            columns.extend(cells.iter().map(Column::of));
        }
        for (column, cell) in columns.iter_mut().zip(cells) {
            column.push(cell)?;
        }
    }
    Ok(columns)
}

/// Calls the function for every row of arrays.
fn by_row(script: &Script, cells: &[Cell]) -> String {
    let names: Vec<String> = (1..=cells.len()).map(|number| format!("c{number}")).collect();
    let names = names.join(", ");
    let arrays: Vec<String> = cells
        .iter()
        .zip(1..)
        .map(|(cell, number)| format!("${number}::{}[]", cell.kind()))
        .collect();
    format!(
        "SELECT c0, {}({names}) FROM unnest({}) WITH ORDINALITY AS row_of_batch({names}, c0)",
        script.name(),
        arrays.join(", "),
    )
}

fn counted_by_row(answer: &[Row], rows: usize) -> Result<Vec<u64>, StoreFault> {
    if answer.len() != rows {
        return Err(unanswered());
    }
    let mut counts = vec![0; rows];
    for row in answer {
        let (number, count): (i64, i64) = (
            row.try_get(0).map_err(fault(KEEPING))?,
            row.try_get(1).map_err(fault(KEEPING))?,
        );
        *nth(&mut counts, number)? = count.unsigned_abs();
    }
    Ok(counts)
}

/// What the statements of a set say of its rows.
struct Tally {
    counts: Vec<u64>,
    kept: Vec<bool>,
}

impl Tally {
    /// One answer of each statement: the numbers of the rows it wrote; or, of one that cannot tell, how many. There every
    /// kept row has to be written that is owed one; where that is not so, one of them met another writer's, and only alone
    /// it is seen which.
    fn of(answer: &[Row], owed: &[Vec<bool>]) -> Result<Vec<u64>, StoreFault> {
        let rows = owed.first().map_or(0, Vec::len);
        let mut tally = Self {
            counts: vec![0; rows],
            kept: vec![false; rows],
        };
        for (at, (row, owed)) in answer.iter().zip(owed).enumerate() {
            let which: Option<Vec<i64>> = row.try_get(0).map_err(fault(KEEPING))?;
            let count: i64 = row.try_get(1).map_err(fault(KEEPING))?;
            match which {
                Some(which) => {
                    for number in which {
                        *nth(&mut tally.counts, number)? += 1;
                        if at == 0 {
                            *nth(&mut tally.kept, number)? = true;
                        }
                    }
                }
                None => tally.share(count.unsigned_abs(), owed)?,
            }
        }
        let all = answer.len() == owed.len();
        if !all && tally.kept.iter().any(|kept| *kept) {
            return Err(unanswered());
        }
        Ok(tally.counts)
    }

    fn share(&mut self, count: u64, owed: &[bool]) -> Result<(), StoreFault> {
        let alone = self.counts.len() == 1;
        let mut shares = 0;
        for ((counted, kept), owed) in self.counts.iter_mut().zip(&self.kept).zip(owed) {
            if alone {
                *counted += count;
            } else if *kept && *owed {
                *counted += 1;
                shares += 1;
            }
        }
        if alone || shares == count {
            Ok(())
        } else {
            Err(miscounted(KEEPING, count))
        }
    }
}

fn nth<T>(rows: &mut [T], number: i64) -> Result<&mut T, StoreFault> {
    let at = usize::try_from(number - 1).ok();
    at.and_then(|at| rows.get_mut(at)).ok_or_else(unanswered)
}

fn unanswered() -> StoreFault {
    unavailable("the database did not answer for every row of a batch")
}

const KEEPING: &str = "keeping rows";

/// The same bind of many rows.
pub(super) enum Column {
    Octets(Vec<Option<Vec<u8>>>),
    Text(Vec<Option<String>>),
    Integer(Vec<Option<i64>>),
}

impl Column {
    fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Octets(_) => Self::Octets(Vec::new()),
            Cell::Text(_) => Self::Text(Vec::new()),
            Cell::Integer(_) => Self::Integer(Vec::new()),
        }
    }

    fn push(&mut self, cell: Cell) -> Result<(), StoreFault> {
        match (self, cell) {
            (Self::Octets(column), Cell::Octets(octets)) => column.push(octets),
            (Self::Text(column), Cell::Text(text)) => column.push(text),
            (Self::Integer(column), Cell::Integer(integer)) => column.push(integer),
            (Self::Octets(_) | Self::Text(_) | Self::Integer(_), _) => {
                return Err(StoreFault::Broken {
                    during: KEEPING,
                    source: "two rows bind values of two kinds".into(),
                });
            }
        }
        Ok(())
    }

    pub(super) fn bind_to(self, query: Query<'_>) -> Query<'_> {
        match self {
            Self::Octets(column) => query.bind(column),
            Self::Text(column) => query.bind(column),
            Self::Integer(column) => query.bind(column),
        }
    }
}
