// SPDX-License-Identifier: Apache-2.0
//! Names the engine SQLite: its types, its dialect words, and how it is opened. The queries are included.

use std::time::Duration;

pub(crate) type Db = sqlx::Sqlite;
pub(crate) type Connection = sqlx::SqliteConnection;
pub(crate) type Row = sqlx::sqlite::SqliteRow;
pub(crate) type Query<'q> = sqlx::query::Query<'q, Db, sqlx::sqlite::SqliteArguments>;
use connector::Connector;

/// How a transaction that will write begins: the lock is taken now, not at the first write.
macro_rules! begin {
    () => {
        "BEGIN IMMEDIATE"
    };
}

/// The same for rows.
macro_rules! begin_rows {
    () => {
        begin!()
    };
}

/// The same for one row that was held up.
macro_rules! begin_apart {
    () => {
        begin!()
    };
}

/// How a view begins: a reader of the log sees one instant from its first read on, and nobody waits for it.
macro_rules! begin_view {
    () => {
        "BEGIN DEFERRED"
    };
}

/// What a view's transaction is told first.
const VIEW: Option<&str> = None;

/// Passes over rows another transaction holds. There is no other that writes.
macro_rules! skip_locked {
    ($table:literal) => {
        ""
    };
}

/// Keeps rows as they are read until the transaction ends. Nobody else writes meanwhile.
macro_rules! for_update {
    ($table:literal) => {
        ""
    };
}

/// Whether an id is one of two.
macro_rules! one_of {
    ($id:literal, $one:literal, $other:literal) => {
        concat!($id, " IN (", $one, ", ", $other, ")")
    };
}

/// Compares text by its octets: SQLite knows no other way.
macro_rules! by_octets {
    () => {
        ""
    };
}

/// An organization as the indexes know it that only lists are read by. Of two indexes SQLite takes the one that has more of
/// what is asked for.
macro_rules! listed {
    ($organization:literal) => {
        $organization
    };
}

/// Whether an error of the engine is one that waiting mends: busy, locked, out of memory or space, interrupted, no
/// file handle, a failed read or write, a lock it could not get.
fn passes_by_itself(error: &dyn sqlx::error::DatabaseError) -> bool {
    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    // Extended codes keep the primary one in their lowest octet.
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 9 | 10 | 13 | 14 | 15))
}

/// The statement that asks the database for its own time, in microseconds since the Unix epoch: it has no clock but ours.
const CLOCK: Option<&str> = None;
/// Whether two writers stood in each other's way. There is one.
fn is_collision(_error: &dyn sqlx::error::DatabaseError) -> bool {
    false
}

/// Whether a lock or a statement took too long. There is nobody to wait for.
fn is_held_up(_error: &dyn sqlx::error::DatabaseError) -> bool {
    false
}

/// The integer of a column.
fn integer_at(row: &Row, column: usize) -> Result<i64, sqlx::Error> {
    sqlx::Row::try_get(row, column)
}

/// How many hands write rows at once.
const WRITERS: usize = 1;
/// How many hands serve changes besides; none: whoever writes rows does.
const CHANGERS: usize = 0;

/// How long one commit may take before its connection is given up: a file does not hang up, and a slow disk is waited for.
const STUCK: Duration = Duration::from_secs(3600);

/// How long a caller waits for memory that is merely busy.
const DEADLINE: Duration = Duration::from_secs(10);

#[path = "sqlite/batch.rs"]
mod batch;
#[path = "sqlite/connector.rs"]
mod connector;
#[path = "sqlite/hints.rs"]
mod hints;
#[path = "sqlite/inspect.rs"]
pub(crate) mod inspect;
#[path = "sqlite/locks.rs"]
mod locks;
#[path = "sqlite/open.rs"]
pub(crate) mod open;
#[path = "sqlite/questions.rs"]
mod questions;

#[path = "sql/account.rs"]
mod account;
#[path = "sql/anchor.rs"]
mod anchor;
#[path = "sql/approval.rs"]
mod approval;
#[path = "sql/attestation.rs"]
mod attestation;
#[path = "sql/cells.rs"]
mod cells;
#[path = "sql/certificate.rs"]
mod certificate;
#[path = "sql/certificate_list.rs"]
mod certificate_list;
#[path = "sql/credential.rs"]
mod credential;
#[path = "sql/departure.rs"]
mod departure;
#[path = "sql/device.rs"]
mod device;
#[path = "sql/device_act.rs"]
mod device_act;
#[path = "sql/device_list.rs"]
mod device_list;
#[path = "sql/enrollment.rs"]
mod enrollment;
#[path = "sql/enrollment_list.rs"]
mod enrollment_list;
#[path = "sql/fault.rs"]
mod fault;
#[path = "sql/grant.rs"]
mod grant;
#[path = "sql/group.rs"]
mod group;
#[path = "sql/heartbeat.rs"]
mod heartbeat;
#[path = "sql/individual.rs"]
mod individual;
#[path = "sql/inspection.rs"]
mod inspection;
#[path = "sql/installation.rs"]
mod installation;
#[path = "sql/intent.rs"]
mod intent;
#[path = "sql/issuer.rs"]
mod issuer;
#[path = "sql/journal.rs"]
mod journal;
#[path = "sql/journal_list.rs"]
mod journal_list;
#[path = "sql/lineage.rs"]
mod lineage;
#[path = "sql/list.rs"]
mod list;
#[path = "sql/listing.rs"]
mod listing;
#[path = "sql/mass_revocation.rs"]
mod mass_revocation;
#[path = "sql/memory.rs"]
pub(crate) mod memory;
#[cfg(test)]
#[path = "sql/often.rs"]
mod often;
#[path = "sql/operation.rs"]
mod operation;
#[path = "sql/order.rs"]
mod order;
#[path = "sql/order_list.rs"]
mod order_list;
#[path = "sql/organization.rs"]
mod organization;
#[path = "sql/profile.rs"]
mod profile;
#[path = "sql/publication.rs"]
mod publication;
#[path = "sql/record.rs"]
mod record;
#[path = "sql/repetition.rs"]
mod repetition;
#[path = "sql/replacement.rs"]
mod replacement;
#[path = "sql/revocation.rs"]
mod revocation;
#[path = "sql/secret.rs"]
mod secret;
#[path = "sql/seen_submission.rs"]
mod seen_submission;
#[path = "sql/service_certificate.rs"]
mod service_certificate;
#[path = "sql/session.rs"]
mod session;
#[path = "sql/station.rs"]
mod station;
#[path = "sql/strike.rs"]
mod strike;
#[path = "sql/submission.rs"]
mod submission;
#[path = "sql/tree.rs"]
mod tree;
#[path = "sql/unfinished.rs"]
mod unfinished;
#[path = "sql/unit.rs"]
mod unit;
#[path = "sql/version.rs"]
mod version;
#[path = "sql/walking.rs"]
mod walking;
#[path = "sql/writer.rs"]
mod writer;

#[cfg(test)]
#[path = "sqlite/plans.rs"]
mod plans;
