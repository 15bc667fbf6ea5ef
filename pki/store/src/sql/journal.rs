// SPDX-License-Identifier: Apache-2.0
//! Journal rows and the counts of anonymous refusals.

use async_trait::async_trait;
use tamga_registry::journal::{JournalRow, RefusalTally};
use tamga_registry::store::StoreFault;

use super::fault::fault;
use super::writer::Keep;
use super::{Connection, Query};

/// The statement that adds a journal row, from its eleven binds on and under a condition.
macro_rules! journal_row {
    ([$($bind:literal),+], $condition:expr) => {
        concat!(
            "INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, reason, entry, salt)
             SELECT ", journal_row!(@list $($bind),+), " WHERE ", $condition
        )
    };
    (@list $first:literal $(, $rest:literal)*) => { concat!($first $(, ", ", $rest)*) };
}
pub(super) use journal_row;

/// Binds the eleven values of a journal row.
pub(super) fn bind<'q>(query: Query<'q>, row: &JournalRow) -> Query<'q> {
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
pub(super) fn bind_none(query: Query<'_>) -> Query<'_> {
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

/// Adds a row.
pub(super) async fn add(row: &JournalRow, connection: &mut Connection) -> Result<(), StoreFault> {
    const ADD: &str = journal_row!(
        ["$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11"],
        "1 = 1"
    );
    bind(sqlx::query(ADD), row)
        .execute(connection)
        .await
        .map_err(fault("journal"))?;
    Ok(())
}

/// A refusal of a caller who proved who it is.
#[async_trait]
impl Keep for JournalRow {
    type Verdict = ();

    async fn keep(&self, connection: &mut Connection) -> Result<(), StoreFault> {
        add(self, connection).await
    }
}

#[async_trait]
impl Keep for RefusalTally {
    type Verdict = ();

    async fn keep(&self, connection: &mut Connection) -> Result<(), StoreFault> {
        sqlx::query(
            "INSERT INTO refusal_tally (minute, source_prefix, reason, refused) VALUES ($1, $2, $3, $4)
             ON CONFLICT (minute, source_prefix, reason)
             DO UPDATE SET refused = refusal_tally.refused + excluded.refused",
        )
        .bind(self.minute)
        .bind(self.source_prefix.as_str())
        .bind(self.reason)
        .bind(self.refused)
        .execute(connection)
        .await
        .map_err(fault("refusal tally"))?;
        Ok(())
    }
}
