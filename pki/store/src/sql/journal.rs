// SPDX-License-Identifier: Apache-2.0
//! Journal rows and the counts of anonymous refusals.

use async_trait::async_trait;
use tamga_registry::journal::{JournalRow, RefusalTally};
use tamga_registry::store::StoreFault;

use super::Connection;
use super::batch::{self, Binds, script};
use super::fault::miscounted;
use super::writer::Keep;

/// The statement that adds a journal row, from its eleven binds on and under a condition.
macro_rules! journal_row {
    ([$($bind:literal),+], $condition:expr) => {
        concat!(
            "INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, reason, entry, salt)
             SELECT ", journal_row!(@list $($bind),+), " /*rows*/ WHERE ", $condition
        )
    };
    (@list $first:literal $(, $rest:literal)*) => { concat!($first $(, ", ", $rest)*) };
}
pub(super) use journal_row;

/// Binds the eleven values of a journal row.
pub(super) fn bind(query: Binds, row: &JournalRow) -> Binds {
    let event = &row.event;
    query
        .bind(event.id.octets().as_slice())
        .bind(event.organization.as_ref().map(|id| id.octets().as_slice()))
        .bind(event.at.as_micros())
        .bind(event.act)
        .bind(event.actor.to_string())
        .bind(event.object.as_str())
        .bind(event.request.octets().as_slice())
        .bind(event.outcome.word())
        .bind(event.outcome.reason())
        .bind(row.entry.as_slice())
        .bind(row.salt.as_slice())
}

/// Binds eleven nulls: no row.
pub(super) fn bind_none(query: Binds) -> Binds {
    let octets = None::<&[u8]>;
    let text = None::<&str>;
    query
        .bind(octets)
        .bind(octets)
        .bind(None::<i64>)
        .bind(text)
        .bind(text)
        .bind(text)
        .bind(octets)
        .bind(text)
        .bind(text)
        .bind(octets)
        .bind(octets)
}

const ADD: batch::Script = script!(
    @order "$1";
    journal_row!(
        ["$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11"],
        "1 = 1"
    )
);

/// Adds a row.
pub(super) async fn add(row: &JournalRow, connection: &mut Connection) -> Result<(), StoreFault> {
    batch::run(&ADD, bind(ADD.query(), row), "journal", connection).await?;
    Ok(())
}

/// A refusal of a caller who proved who it is.
#[async_trait]
impl Keep for JournalRow {
    type Verdict = ();

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        Some(Ok(bind(ADD.query(), self)))
    }

    fn verdict(&self, written: u64) -> Result<(), StoreFault> {
        one(written, "journal")
    }
}

const COUNT: batch::Script = script!(
    @order "$1, $2, $3";
    "INSERT INTO refusal_tally (minute, source_prefix, reason, refused) VALUES ($1, $2, $3, $4)
     ON CONFLICT (minute, source_prefix, reason)
     DO UPDATE SET refused = refusal_tally.refused + excluded.refused"
);

#[async_trait]
impl Keep for RefusalTally {
    type Verdict = ();

    fn script(&self) -> Option<Result<Binds, StoreFault>> {
        let query = COUNT
            .query()
            .bind(self.minute)
            .bind(self.source_prefix.as_str())
            .bind(self.reason)
            .bind(self.refused);
        Some(Ok(query))
    }

    fn verdict(&self, written: u64) -> Result<(), StoreFault> {
        one(written, "refusal tally")
    }
}

fn one(written: u64, during: &'static str) -> Result<(), StoreFault> {
    match written {
        1 => Ok(()),
        rows => Err(miscounted(during, rows)),
    }
}
