// SPDX-License-Identifier: Apache-2.0
//! Rows on their way to either engine, and the statements that write them.

/// One value.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Octets(Vec<u8>),
    Text(String),
    Integer(i64),
}

/// What a statement binds for one enrollment, in order.
pub(super) type Row = Vec<Cell>;

/// A statement in the words of each engine.
#[derive(Debug)]
pub(super) struct Statement {
    /// For one row: `$1` is its first cell. May be several statements.
    pub(super) sqlite: &'static str,
    /// For all rows of a batch at once: one statement, in one round trip. `{rows}` is what they are selected from.
    pub(super) postgres: &'static str,
}

impl From<&[u8]> for Cell {
    fn from(octets: &[u8]) -> Self {
        Self::Octets(octets.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Cell {
    fn from(octets: &[u8; N]) -> Self {
        Self::Octets(octets.to_vec())
    }
}

impl From<Vec<u8>> for Cell {
    fn from(octets: Vec<u8>) -> Self {
        Self::Octets(octets)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}
