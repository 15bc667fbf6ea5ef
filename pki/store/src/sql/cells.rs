// SPDX-License-Identifier: Apache-2.0
//! Reads the columns of a row one after the other into the registry's words; what does not fit is a damaged row.

use std::fmt::Display;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use sqlx::{Decode, Type, ValueRef as _};
use tamga_registry::id::{Id, Kind};
use tamga_registry::store::StoreFault;
use tamga_x509::certificate::Validity;
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use super::{Db, Row, integer_at};

/// A row, read from left to right. Each noun's `read` takes its columns in the order in which it names them.
pub(super) struct Cells<'r> {
    row: &'r Row,
    next: usize,
    table: &'static str,
    key: usize,
}

impl<'r> Cells<'r> {
    /// A row, from its first column on.
    pub(super) fn of(row: &'r Row, table: &'static str) -> Self {
        Self {
            row,
            next: 0,
            table,
            key: 0,
        }
    }

    /// From here on the columns belong to a row of this table, its key first.
    pub(super) fn enter(&mut self, table: &'static str) {
        self.table = table;
        self.key = self.next;
    }

    /// Whether an outer join found nothing: the next column, a key, is null. Then `width` columns are passed over.
    pub(super) fn nothing(&mut self, width: usize) -> Result<bool, StoreFault> {
        let value = sqlx::Row::try_get_raw(self.row, self.next).map_err(|error| self.damaged(error))?;
        let nothing = value.is_null();
        if nothing {
            self.next += width;
        }
        Ok(nothing)
    }

    fn take<T: Decode<'r, Db> + Type<Db>>(&mut self) -> Result<T, StoreFault> {
        let value = sqlx::Row::try_get(self.row, self.next).map_err(|error| self.damaged(error))?;
        self.next += 1;
        Ok(value)
    }

    pub(super) fn integer(&mut self) -> Result<i64, StoreFault> {
        let value = integer_at(self.row, self.next).map_err(|error| self.damaged(error))?;
        self.next += 1;
        Ok(value)
    }

    /// A truth value, kept as 0 or 1.
    pub(super) fn truth(&mut self) -> Result<bool, StoreFault> {
        match self.integer()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.damaged(format_args!("{other} is neither 0 nor 1"))),
        }
    }

    /// An integer in the range of a narrower type.
    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, StoreFault> {
        let wide = self.integer()?;
        T::try_from(wide).map_err(|_| self.damaged(format_args!("{wide} is out of range")))
    }

    /// The same, or null.
    pub(super) fn maybe_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, StoreFault> {
        let wide: Option<i64> = self.take()?;
        let narrow =
            |wide: i64| T::try_from(wide).map_err(|_| self.damaged(format_args!("{wide} is out of range")));
        wide.map(narrow).transpose()
    }

    pub(super) fn text(&mut self) -> Result<String, StoreFault> {
        self.take()
    }

    pub(super) fn maybe_text(&mut self) -> Result<Option<String>, StoreFault> {
        self.take()
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, StoreFault> {
        self.take()
    }

    pub(super) fn maybe_bytes(&mut self) -> Result<Option<Vec<u8>>, StoreFault> {
        self.take()
    }

    pub(super) fn octets<const N: usize>(&mut self) -> Result<[u8; N], StoreFault> {
        let bytes: &[u8] = self.take()?;
        self.exactly(bytes)
    }

    pub(super) fn id<K: Kind>(&mut self) -> Result<Id<K>, StoreFault> {
        self.octets().map(Id::from_octets)
    }

    pub(super) fn maybe_id<K: Kind>(&mut self) -> Result<Option<Id<K>>, StoreFault> {
        let bytes: Option<&[u8]> = self.take()?;
        bytes
            .map(|bytes| self.exactly(bytes).map(Id::from_octets))
            .transpose()
    }

    pub(super) fn key(&mut self) -> Result<SpkiHash, StoreFault> {
        self.octets().map(SpkiHash)
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, StoreFault> {
        self.integer().map(Timestamp::from_micros)
    }

    pub(super) fn maybe_time(&mut self) -> Result<Option<Timestamp>, StoreFault> {
        let micros: Option<i64> = self.take()?;
        Ok(micros.map(Timestamp::from_micros))
    }

    /// The first and the last instant of a certificate.
    pub(super) fn validity(&mut self) -> Result<Validity, StoreFault> {
        let (first, last) = (self.time()?, self.time()?);
        Validity::new(first, last).map_err(|error| self.damaged(error))
    }

    /// Text with a grammar.
    pub(super) fn word<T: FromStr>(&mut self) -> Result<T, StoreFault>
    where
        T::Err: Display,
    {
        let text: &str = self.take()?;
        text.parse().map_err(|error| self.damaged(error))
    }

    /// Text with a grammar, or null.
    pub(super) fn maybe_word<T: FromStr>(&mut self) -> Result<Option<T>, StoreFault>
    where
        T::Err: Display,
    {
        let text: Option<&str> = self.take()?;
        text.map(|text| text.parse().map_err(|error| self.damaged(error)))
            .transpose()
    }

    /// Something that is null only in other states of the row.
    pub(super) fn owed<T>(&self, value: Option<T>, column: &str) -> Result<T, StoreFault> {
        value.ok_or_else(|| self.damaged(format_args!("its state demands {column}, which is null")))
    }

    /// The row at hand contradicts itself.
    pub(super) fn damaged(&self, what: impl Display) -> StoreFault {
        // Unchecked: a key of text is shown by its octets as well.
        let row = sqlx::Row::try_get_unchecked::<&[u8], _>(self.row, self.key).map_or_else(
            |_| "without a key".to_owned(),
            |key| std::str::from_utf8(key).map_or_else(|_| HEXLOWER.encode(key), str::to_owned),
        );
        StoreFault::Damaged {
            table: self.table,
            row,
            what: what.to_string(),
        }
    }

    fn exactly<const N: usize>(&self, bytes: &[u8]) -> Result<[u8; N], StoreFault> {
        bytes
            .try_into()
            .map_err(|_| self.damaged(format_args!("{} octets where {N} belong", bytes.len())))
    }
}
