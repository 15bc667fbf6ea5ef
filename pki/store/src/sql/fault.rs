// SPDX-License-Identifier: Apache-2.0
//! Tells memory that did not answer from memory that refused.

use tamga_registry::store::StoreFault;

use super::{is_collision, is_held_up, passes_by_itself};

/// What an error of the driver means, for `map_err`.
pub(super) fn fault(during: &'static str) -> impl Fn(sqlx::Error) -> StoreFault {
    move |error| {
        if passing(&error) {
            StoreFault::Unavailable(Box::new(error))
        } else {
            StoreFault::Broken {
                during,
                source: Box::new(error),
            }
        }
    }
}

/// Memory did not answer, with a sentence of ours as the reason.
pub(super) fn unavailable(why: &str) -> StoreFault {
    StoreFault::Unavailable(why.into())
}

/// Fewer or more rows were written than the operation writes: the rows around it contradict each other.
pub(super) fn miscounted(during: &'static str, rows: u64) -> StoreFault {
    StoreFault::Broken {
        during,
        source: format!("{rows} rows were written, which cannot be all of them").into(),
    }
}

/// Whether two writers stood in each other's way, so that the engine ended one of them: the same work, done again from
/// its beginning, goes through.
pub(super) fn collided(fault: &StoreFault) -> bool {
    engines_word(fault).is_some_and(is_collision)
}

/// Whether the engine gave up waiting for something another transaction holds, or for a statement to end: of many rows
/// written together, one may be the cause.
pub(super) fn held_up(fault: &StoreFault) -> bool {
    engines_word(fault).is_some_and(is_held_up)
}

fn engines_word(fault: &StoreFault) -> Option<&dyn sqlx::error::DatabaseError> {
    let StoreFault::Unavailable(why) = fault else {
        return None;
    };
    why.downcast_ref().and_then(sqlx::Error::as_database_error)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the driver's list of errors is open; the unknown is not retried"
)]
fn passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => passes_by_itself(error.as_ref()),
        _ => false,
    }
}
