// SPDX-License-Identifier: Apache-2.0
//! Names the engine Postgres: its types, its dialect words, and how it is opened. The queries are included.

use std::time::Duration;

pub(crate) type Db = sqlx::Postgres;
pub(crate) type Connection = sqlx::PgConnection;
pub(crate) type Row = sqlx::postgres::PgRow;
pub(crate) type Query<'q> = sqlx::query::Query<'q, Db, sqlx::postgres::PgArguments>;
use connector::Connector;

/// How a transaction that will write begins. Every statement sees what was committed before it: what a transaction
/// relies on from one statement to the next it locks.
macro_rules! begin {
    () => {
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    };
}

/// The same for rows, which wait for another transaction no longer than an open change may last.
macro_rules! begin_rows {
    () => {
        concat!(begin!(), "; SET LOCAL lock_timeout = 2500")
    };
}

/// The same for one row that was held up: it hardly waits.
macro_rules! begin_apart {
    () => {
        concat!(begin!(), "; SET LOCAL lock_timeout = 50")
    };
}

/// How a view begins: all its statements see one instant, and it writes nothing.
macro_rules! begin_view {
    () => {
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    };
}

/// What a view's transaction is told first: it walks whole tables, takes its time, and is idle between two pages.
const VIEW: Option<&str> = Some(
    "SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = on; SET LOCAL enable_hashjoin = on;
     SET LOCAL enable_mergejoin = on; SET LOCAL max_parallel_workers_per_gather TO DEFAULT;
     SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0",
);

/// Passes over rows another transaction holds.
macro_rules! skip_locked {
    ($table:literal) => {
        concat!(" FOR NO KEY UPDATE OF ", $table, " SKIP LOCKED")
    };
}

/// Keeps rows as they are read until the transaction ends.
macro_rules! for_update {
    ($table:literal) => {
        concat!(" FOR NO KEY UPDATE OF ", $table)
    };
}

/// Whether an id is one of two: by one look into its index for each.
macro_rules! one_of {
    ($id:literal, $one:literal, $other:literal) => {
        concat!($id, " = ANY (ARRAY[", $one, ", ", $other, "])")
    };
}

/// Compares text by its octets, whatever the database's collation.
macro_rules! by_octets {
    () => {
        " COLLATE \"C\""
    };
}

/// An organization as the indexes know it that only lists are read by: whoever looks for one row by its key, and says of
/// which organization it is, is never led through all rows of that organization.
macro_rules! listed {
    ($organization:literal) => {
        concat!("(", $organization, " || ''::bytea)")
    };
}

/// Whether an error of the engine is one that waiting mends: the connection or the server is gone or starting (08, 57P),
/// resources are short (53), a lock or a statement took too long (55P03, 57014), a transaction stood idle (25P03), it is
/// a standby by now (25006), its disk failed (58), or two transactions collided.
fn passes_by_itself(error: &dyn sqlx::error::DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    // Not a violation of the protocol (08P01): that is ours.
    (code != "08P01"
        && ["08", "53", "57P", "58"]
            .iter()
            .any(|class| code.starts_with(class)))
        || ["55P03", "57014", "25P03", "25006"].contains(&&*code)
        || is_collision(error)
}

/// Whether two writers stood in each other's way: could not be put in an order, or waited for each other.
fn is_collision(error: &dyn sqlx::error::DatabaseError) -> bool {
    error
        .code()
        .is_some_and(|code| matches!(&*code, "40001" | "40P01"))
}

/// Whether a lock or a statement took too long.
fn is_held_up(error: &dyn sqlx::error::DatabaseError) -> bool {
    error
        .code()
        .is_some_and(|code| matches!(&*code, "55P03" | "57014"))
}

/// The integer of a column. A literal in a query is of the narrower type.
fn integer_at(row: &Row, column: usize) -> Result<i64, sqlx::Error> {
    let kind = sqlx::Row::try_get_raw(row, column)?;
    if *sqlx::ValueRef::type_info(&kind) == sqlx::postgres::PgTypeInfo::with_name("INT4") {
        return sqlx::Row::try_get::<i32, _>(row, column).map(i64::from);
    }
    sqlx::Row::try_get(row, column)
}

/// The statement that asks the database for its own time, in microseconds since the Unix epoch.
const CLOCK: Option<&str> = Some("SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint");

/// How many hands write rows at once: one fills its batch while the other's is committed.
const WRITERS: usize = 2;
/// How many hands serve changes besides: one that stays open stops no rows but those it excludes.
const CHANGERS: usize = 4;

/// How long one commit may take before its connection is given up: longer than the server lets a statement run.
const STUCK: Duration = Duration::from_secs(8);

/// How long a caller waits for memory, be it busy, or connected and silent.
const DEADLINE: Duration = Duration::from_millis(4500);

#[path = "postgres/batch.rs"]
mod batch;
#[path = "postgres/connector.rs"]
mod connector;
#[path = "postgres/hints.rs"]
mod hints;
#[path = "postgres/inspect.rs"]
pub(crate) mod inspect;
#[path = "postgres/locks.rs"]
mod locks;
#[path = "postgres/open.rs"]
pub(crate) mod open;
#[path = "postgres/questions.rs"]
mod questions;
#[path = "postgres/rights.rs"]
pub(crate) mod rights;
#[path = "postgres/roles.rs"]
pub(crate) mod roles;
#[path = "postgres/schema.rs"]
pub(crate) mod schema;

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
#[path = "postgres/plans.rs"]
mod plans;
