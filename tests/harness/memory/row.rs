// SPDX-License-Identifier: Apache-2.0
//! A row of either engine, as stories read it.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

/// A row.
#[derive(Clone, Debug)]
pub struct Row(Vec<(String, Cell)>);

/// What stands in a column, whichever engine keeps it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number, or a truth as 0 or 1.
    Integer(i64),
    /// A text.
    Text(String),
    /// Octets.
    Octets(Vec<u8>),
}

/// Which column.
pub trait Place: std::fmt::Debug + Copy {
    /// Whether it is this one.
    fn is(&self, at: usize, name: &str) -> bool;
}

impl Place for usize {
    fn is(&self, at: usize, _: &str) -> bool {
        *self == at
    }
}

impl Place for &str {
    fn is(&self, _: usize, name: &str) -> bool {
        *self == name
    }
}

/// What a cell is read as.
pub trait FromCell: Sized {
    /// The value, if the cell holds one of this kind.
    fn from_cell(cell: &Cell) -> Option<Self>;
}

impl Row {
    /// The value of a column, by number or name.
    pub fn get<T: FromCell, P: Place>(&self, place: P) -> T {
        let found = self
            .0
            .iter()
            .enumerate()
            .find(|(at, (name, _))| place.is(*at, name));
        let (_, (_, cell)) = found.unwrap_or_else(|| panic!("no column {place:?} in {self:?}"));
        T::from_cell(cell).unwrap_or_else(|| panic!("column {place:?} is {cell:?}"))
    }
}

impl FromCell for i64 {
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Integer(number) => Some(*number),
            Cell::Null | Cell::Text(_) | Cell::Octets(_) => None,
        }
    }
}

impl FromCell for bool {
    fn from_cell(cell: &Cell) -> Option<Self> {
        i64::from_cell(cell).map(|number| number != 0)
    }
}

impl FromCell for String {
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.clone()),
            Cell::Null | Cell::Integer(_) | Cell::Octets(_) => None,
        }
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Octets(octets) => Some(octets.clone()),
            Cell::Null | Cell::Integer(_) | Cell::Text(_) => None,
        }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            Cell::Integer(_) | Cell::Text(_) | Cell::Octets(_) => T::from_cell(cell).map(Some),
        }
    }
}

impl From<&SqliteRow> for Row {
    fn from(row: &SqliteRow) -> Self {
        let cell = |at: usize| {
            let value = row.try_get_raw(at).expect("a column");
            if value.is_null() {
                return Cell::Null;
            }
            match value.type_info().name() {
                "INTEGER" | "BOOLEAN" => Cell::Integer(row.get_unchecked(at)),
                "TEXT" => Cell::Text(row.get_unchecked(at)),
                "BLOB" => Cell::Octets(row.get_unchecked(at)),
                other => panic!("a column of type {other}"),
            }
        };
        let names = row.columns().iter().map(|column| column.name().to_owned());
        Self(names.enumerate().map(|(at, name)| (name, cell(at))).collect())
    }
}

impl From<&PgRow> for Row {
    fn from(row: &PgRow) -> Self {
        let cell = |at: usize| {
            if row.try_get_raw(at).expect("a column").is_null() {
                return Cell::Null;
            }
            match row.column(at).type_info().name() {
                "INT8" => Cell::Integer(row.get(at)),
                "INT4" => Cell::Integer(row.get::<i32, _>(at).into()),
                "BOOL" => Cell::Integer(row.get::<bool, _>(at).into()),
                "TEXT" | "VARCHAR" | "NAME" => Cell::Text(row.get(at)),
                "BYTEA" => Cell::Octets(row.get(at)),
                other => panic!("a column of type {other}: cast it"),
            }
        };
        let names = row.columns().iter().map(|column| column.name().to_owned());
        Self(names.enumerate().map(|(at, name)| (name, cell(at))).collect())
    }
}
