// SPDX-License-Identifier: Apache-2.0
//! The schema on a server that many programs may have open: brought up to date by a command of its own, and looked at by
//! whoever opens it.
//!
//! Expand, migrate, contract: a step that only adds says which older programs get along with it, and these go on working
//! beside the new one until they are replaced.

use std::time::Duration;

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::open::{PostgresFault, options};
use super::roles;
use crate::migrations::{MigrationFault, Step, postgres_steps};

/// Brings the schema to the version this program knows, and the roles to the rights it knows. Run twice, it changes
/// nothing the second time; run by two at once, one waits for the other. The login must own the database.
///
/// Returns the version.
///
/// # Errors
/// [`PostgresFault`], whose sentence tells the operator what to do. Each step is taken whole or not at all.
pub async fn migrate(url: &SecretString) -> Result<i64, PostgresFault> {
    migrate_telling(url, |_| {}).await
}

/// As [`migrate`], and tells of each step when it is taken.
///
/// # Errors
/// As [`migrate`].
pub async fn migrate_telling(
    url: &SecretString,
    mut told: impl FnMut(SchemaStep) + Send,
) -> Result<i64, PostgresFault> {
    let mut connection = connect(url).await?;
    let version = bring_up(&mut connection, &mut told).await?;
    // The lock ends with the session in any case.
    connection.close().await.ok();
    Ok(version)
}

/// The steps that [`migrate`] would take now. Changes nothing, and looks at nothing but the steps there were.
///
/// # Errors
/// As [`migrate`].
pub async fn pending(url: &SecretString) -> Result<Vec<SchemaStep>, PostgresFault> {
    let mut connection = connect(url).await?;
    let steps = postgres_steps().map_err(SchemaFault::from)?;
    let taken = match is_empty(&mut connection).await? {
        true => Vec::new(),
        false => taken(&mut connection).await?,
    };
    judge(&steps, &taken)?;
    connection.close().await.ok();
    Ok(missing(&steps, &taken).map(SchemaStep::of).collect())
}

/// A step of the schema, for whoever wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaStep {
    /// Its number.
    pub number: i64,
    /// Its noun.
    pub concept: &'static str,
}

impl SchemaStep {
    fn of(step: &Step) -> Self {
        Self {
            number: step.version,
            concept: step.concept,
        }
    }
}

async fn connect(url: &SecretString) -> Result<PgConnection, PostgresFault> {
    let options = options(url)?
        .application_name("tamga migrate")
        .disable_statement_logging();
    options.connect().await.map_err(PostgresFault::Unreachable)
}

fn missing<'a>(steps: &'a [Step], taken: &'a [Taken]) -> impl Iterator<Item = &'a Step> {
    steps
        .iter()
        .filter(|step| taken.iter().all(|taken| taken.step != step.version))
}

async fn bring_up(
    connection: &mut PgConnection,
    told: &mut (impl FnMut(SchemaStep) + Send),
) -> Result<i64, SchemaFault> {
    let steps = postgres_steps()?;
    // Another migration is waited for, however long it takes.
    run(
        "SET lock_timeout = 0; SET statement_timeout = 0; SET search_path = public; SET client_min_messages = warning;
         SELECT pg_advisory_lock(hashtextextended('tamga migrate', 0))",
        connection,
    )
    .await?;
    // Whoever uses the database goes on meanwhile: a step that waits for them makes everybody else wait behind it.
    run("SET lock_timeout = '2s'", connection).await?;
    roles::make(connection).await?;
    run(STEPS, connection).await?;
    let taken = taken(connection).await?;
    judge(&steps, &taken)?;
    for step in missing(&steps, &taken) {
        let mut again = Again::new();
        while let Err(fault) = take(step, connection).await {
            again.after(fault).await?;
        }
        told(SchemaStep::of(step));
    }
    let is_known = |taken: &Taken| steps.iter().any(|step| step.version == taken.step);
    // A later version has been here: its roles need rights this program has not heard of.
    if taken.iter().all(is_known) {
        let mut again = Again::new();
        while let Err(fault) = grant(connection).await {
            again.after(fault).await?;
        }
    }
    Ok(steps.last().map_or(0, |step| step.version))
}

/// How often something was tried that needs locks.
struct Again(u32);

impl Again {
    fn new() -> Self {
        Self(1)
    }

    /// Waits a little where a lock was not to be had, so that those who wait behind it come first.
    async fn after(&mut self, fault: SchemaFault) -> Result<(), SchemaFault> {
        if !fault.is_of_a_lock() {
            return Err(fault);
        }
        if self.0 == TRIES {
            return Err(SchemaFault::Locked(Box::new(fault)));
        }
        self.0 = self.0.saturating_add(1);
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}

async fn grant(connection: &mut PgConnection) -> Result<(), SchemaFault> {
    let mut transaction = connection.begin().await.map_err(SchemaFault::Refused)?;
    roles::grant(&mut transaction).await?;
    transaction.commit().await.map_err(SchemaFault::Refused)
}

/// Takes one step, and says so, in one transaction.
async fn take(step: &Step, connection: &mut PgConnection) -> Result<(), SchemaFault> {
    let failed = |source| SchemaFault::Failed {
        step: step.version,
        source,
    };
    let mut transaction = connection.begin().await.map_err(failed)?;
    sqlx::raw_sql(step.sql)
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    sqlx::query("INSERT INTO schema_step (step, concept, checksum, admits) VALUES ($1, $2, $3, $4)")
        .bind(step.version)
        .bind(step.concept)
        .bind(step.checksum.as_slice())
        .bind(step.admits)
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

/// Whether this program can work with the schema as it is.
pub(super) async fn check(connection: &mut PgConnection) -> Result<(), SchemaFault> {
    let steps = postgres_steps()?;
    if is_empty(connection).await? {
        return Err(SchemaFault::Empty);
    }
    let taken = taken(connection).await?;
    judge(&steps, &taken)?;
    match missing(&steps, &taken).next() {
        Some(missing) => Err(SchemaFault::Older {
            missing: missing.version,
            known: steps.last().map_or(0, |step| step.version),
        }),
        None => Ok(()),
    }
}

/// Whether nobody has made a schema yet.
async fn is_empty(connection: &mut PgConnection) -> Result<bool, SchemaFault> {
    let there: Option<(i32,)> =
        sqlx::query_as("SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 'schema_step'")
            .fetch_optional(connection)
            .await
            .map_err(SchemaFault::Refused)?;
    Ok(there.is_none())
}

/// A step the database has.
struct Taken {
    step: i64,
    checksum: Vec<u8>,
    admits: i64,
}

async fn taken(connection: &mut PgConnection) -> Result<Vec<Taken>, SchemaFault> {
    let rows: Vec<(i64, Vec<u8>, i64)> =
        sqlx::query_as("SELECT step, checksum, admits FROM schema_step ORDER BY step")
            .fetch_all(connection)
            .await
            .map_err(SchemaFault::Refused)?;
    let taken = rows.into_iter().map(|(step, checksum, admits)| Taken {
        step,
        checksum,
        admits,
    });
    Ok(taken.collect())
}

/// Refuses a schema that this program does not know, or that has outgrown it.
fn judge(steps: &[Step], taken: &[Taken]) -> Result<(), SchemaFault> {
    let known = steps.last().map_or(0, |step| step.version);
    for taken in taken {
        match steps.iter().find(|step| step.version == taken.step) {
            Some(step) if step.checksum != taken.checksum => {
                return Err(SchemaFault::Altered { step: taken.step });
            }
            Some(_) => {}
            None if taken.admits <= known => {}
            None => {
                return Err(SchemaFault::Newer {
                    found: taken.step,
                    known,
                });
            }
        }
    }
    Ok(())
}

async fn run(sql: &'static str, connection: &mut PgConnection) -> Result<(), SchemaFault> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map_err(SchemaFault::Refused)?;
    Ok(())
}

/// How often a lock is asked for.
const TRIES: u32 = 3;
/// For how long everybody else goes first in between.
const PAUSE: Duration = Duration::from_millis(300);

/// What the database has been through.
const STEPS: &str = "CREATE TABLE IF NOT EXISTS schema_step (
    step        BIGINT PRIMARY KEY,
    concept     TEXT   NOT NULL,
    checksum    BYTEA  NOT NULL,           -- SHA-384 of the step's text
    admits      BIGINT NOT NULL            -- the oldest program that still works with it, by the last step that program knows
)";

/// The schema is not one this program can work with, or could not be brought there.
#[derive(Debug, thiserror::Error)]
pub enum SchemaFault {
    /// Nobody has made a schema yet.
    #[error("the database is empty: run `tamga migrate` with a login that owns it")]
    Empty,
    /// Steps are missing.
    #[error(
        "the database's schema lacks step {missing} of the {known} this program needs: run `tamga migrate` of this \
         version; programs of the version before go on working"
    )]
    Older {
        /// The first that is missing.
        missing: i64,
        /// The last step known here.
        known: i64,
    },
    /// A later version has taken a step that leaves this program behind.
    #[error(
        "the database's schema has step {found}, which programs that know no more than step {known} cannot work with: \
         start the version of Tamga whose `tamga migrate` took it, or a later one"
    )]
    Newer {
        /// A step it has.
        found: i64,
        /// The last step known here.
        known: i64,
    },
    /// A step that was taken had another text.
    #[error(
        "step {step} of the database's schema differs from the one in this program: it was made by an unreleased build; \
         restore a backup, or run `tamga migrate` on an empty database"
    )]
    Altered {
        /// Its number.
        step: i64,
    },
    /// The roles are missing, and the login may make none.
    #[error(
        "the login may not make roles: let a superuser of the server run `{sql}`, then run `tamga migrate` again"
    )]
    Roles {
        /// What makes them.
        sql: String,
    },
    /// A step failed; it has changed nothing.
    #[error(
        "step {step} of the schema could not be taken and has changed nothing: `tamga migrate` may be run again"
    )]
    Failed {
        /// Its number.
        step: i64,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// Somebody has a table open, and does not let go of it.
    #[error(
        "a table is in use by a transaction that does not end: `tamga migrate` gave way to it and may be run again, at a \
         quieter hour or once that transaction is ended (see pg_stat_activity)"
    )]
    Locked(#[source] Box<SchemaFault>),
    /// The server refused.
    #[error(
        "the database server refused what `tamga migrate` and every start need: the login must own the database, or be a member of one of its roles"
    )]
    Refused(#[source] sqlx::Error),
    /// Our own files.
    #[error(transparent)]
    Files(#[from] MigrationFault),
}

impl SchemaFault {
    /// Whether a lock was not to be had in time.
    fn is_of_a_lock(&self) -> bool {
        let (Self::Failed { source, .. } | Self::Refused(source)) = self else {
            return false;
        };
        let code = source
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        code.is_some_and(|code| code == "55P03")
    }
}
