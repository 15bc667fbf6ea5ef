// SPDX-License-Identifier: Apache-2.0
//! The schema's files, embedded in the order of their numbers, and the rule that an unknown schema is not touched.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(File { name: $name, sql: include_str!(concat!("../../../migrations/", $name)) }),+]
    };
}

struct File {
    name: &'static str,
    sql: &'static str,
}

/// A step of the schema on an engine that many programs may have open at once.
pub(crate) struct Step {
    /// Its number.
    pub(crate) version: i64,
    /// Its noun.
    pub(crate) concept: &'static str,
    /// Its statements.
    pub(crate) sql: &'static str,
    /// SHA-384 of the statements.
    pub(crate) checksum: Vec<u8>,
    /// The oldest program that still works on the schema with this step, by the last step that program knows.
    pub(crate) admits: i64,
}

/// Steps an older program gets along with: they only add what it does not look at. Each with the last step such a program
/// knows. A step that is not listed is known to every program that may have the database open.
const ADMITS: &[(i64, i64)] = &[];

/// The steps of the schema on Postgres, in their order.
pub(crate) fn postgres_steps() -> Result<Vec<Step>, MigrationFault> {
    let plain = FILES.iter().filter(|file| !file.name.ends_with(POSTGRES));
    plain
        .map(|file| {
            let own = FILES
                .iter()
                .find(|own| own.name.strip_suffix(POSTGRES) == file.name.strip_suffix(".sql"))
                .unwrap_or(file);
            let (version, concept) = numbered(own)?;
            Ok(Step {
                version,
                concept,
                sql: own.sql,
                checksum: migration(own)?.checksum.into_owned(),
                admits: ADMITS
                    .iter()
                    .find(|(step, _)| *step == version)
                    .map_or(version, |(_, admits)| *admits),
            })
        })
        .collect()
}

/// Number and noun of a file.
fn numbered(file: &File) -> Result<(i64, &'static str), MigrationFault> {
    let misnamed = || MigrationFault::Misnamed { name: file.name };
    let stem = file.name.split('.').next().unwrap_or_default();
    let (number, concept) = stem.split_once('_').ok_or_else(misnamed)?;
    Ok((number.parse().map_err(|_| misnamed())?, concept))
}

/// Every file of the directory, once. One that ends in `.postgres.sql` stands for its namesake there.
static FILES: [File; 35] = files![
    "0001_installation.sql",
    "0002_organization.sql",
    "0003_issuer.sql",
    "0004_profile.sql",
    "0005_enrollment.sql",
    "0006_device.sql",
    "0007_subject_key.sql",
    "0008_issuance.sql",
    "0009_revocation.sql",
    "0010_journal.sql",
    "0010_journal.postgres.sql",
    "0011_secret.sql",
    "0012_submission.sql",
    "0012_submission.postgres.sql",
    "0013_heartbeat.sql",
    "0014_anchor.sql",
    "0015_listing.sql",
    "0015_listing.postgres.sql",
    "0016_repetition.sql",
    "0017_suspension.sql",
    "0018_account.sql",
    "0019_usable.sql",
    "0020_order.sql",
    "0020_order.postgres.sql",
    "0021_ledger.sql",
    "0021_ledger.postgres.sql",
    "0022_station.sql",
    "0023_departure.sql",
    "0024_rework.sql",
    "0025_tombstone.sql",
    "0026_approval.sql",
    "0027_mass_revocation.sql",
    "0028_enrollment_list.sql",
    "0028_enrollment_list.postgres.sql",
    "0029_mass_revocation_walk.sql",
];

/// Brings the schema to the version this binary knows. The caller excludes others meanwhile.
pub(crate) async fn migrate<C: Migrate>(connection: &mut C) -> Result<(), MigrationFault> {
    let plain = FILES.iter().filter(|file| !file.name.ends_with(POSTGRES));
    let migrations = plain.map(migration).collect::<Result<Vec<_>, _>>()?;
    let known = migrations
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0);
    Migrator::with_migrations(migrations)
        .run_direct(None, connection, false)
        .await
        .map_err(|error| explain(error, known))
}

/// Refuses a schema other than the one this binary knows, and changes nothing.
pub(crate) fn compare(found: &[i64]) -> Result<(), MigrationFault> {
    let plain = FILES.iter().filter(|file| !file.name.ends_with(POSTGRES));
    let steps = plain.map(migration).collect::<Result<Vec<_>, _>>()?;
    let known = steps.iter().map(|step| step.version).max().unwrap_or(0);
    match found.iter().copied().max() {
        Some(found) if found == known => Ok(()),
        Some(found) if found > known => Err(MigrationFault::Newer { found, known }),
        found => Err(MigrationFault::Older {
            found: found.unwrap_or(0),
            known,
        }),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the driver's list of errors is open"
)]
fn explain(error: MigrateError, known: i64) -> MigrationFault {
    match error {
        MigrateError::VersionMissing(found) => MigrationFault::Newer { found, known },
        MigrateError::VersionMismatch(version) => MigrationFault::Altered { version },
        other => MigrationFault::Failed(other),
    }
}

fn migration(file: &File) -> Result<Migration, MigrationFault> {
    let (version, concept) = numbered(file)?;
    Ok(Migration::new(
        version,
        Cow::Borrowed(concept),
        MigrationType::Simple,
        file.sql.into_sql_str(),
        false,
    ))
}

/// The schema could not be brought to the version this binary knows.
#[derive(Debug, thiserror::Error)]
pub enum MigrationFault {
    /// A later version of this program has been here.
    #[error(
        "the database has schema version {found}, this program knows versions up to {known}: start the version of \
         Tamga that wrote it, or a later one"
    )]
    Newer {
        /// A version it has.
        found: i64,
        /// The last version known here.
        known: i64,
    },
    /// An earlier version of this program was here last, and nothing was changed.
    #[error(
        "the database has schema version {found}, this program knows version {known}: start the service once with this \
         version of Tamga, which brings it up to date"
    )]
    Older {
        /// The version it has; 0 for none.
        found: i64,
        /// The last version known here.
        known: i64,
    },
    /// A step that was taken before had another text.
    #[error(
        "step {version} of the database's schema differs from the one in this program: it was made by an unreleased \
         build; restore a backup, or begin with an empty data directory"
    )]
    Altered {
        /// Its number.
        version: i64,
    },
    /// A file of ours is misnamed.
    #[error("the migration file {name} is not named number_concept.sql")]
    Misnamed {
        /// Its name.
        name: &'static str,
    },
    /// A step failed.
    #[error("the database's schema could not be brought up to date")]
    Failed(#[source] MigrateError),
}

const POSTGRES: &str = ".postgres.sql";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_directory_is_listed_exactly_once() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        let there: BTreeSet<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".sql"))
            .collect();
        let listed: BTreeSet<String> = FILES.iter().map(|file| file.name.to_owned()).collect();
        assert_eq!(there, listed);
        assert_eq!(listed.len(), FILES.len(), "a file is listed twice");
    }

    #[test]
    fn numbers_count_up_without_a_gap_and_a_variant_has_a_namesake() {
        let plain: Vec<&str> = FILES
            .iter()
            .map(|file| file.name)
            .filter(|name| !name.ends_with(POSTGRES))
            .collect();
        for (at, name) in plain.iter().enumerate() {
            assert!(
                name.starts_with(&format!("{:04}_", at + 1)),
                "{name} is out of order"
            );
        }
        for variant in FILES.iter().filter_map(|file| file.name.strip_suffix(POSTGRES)) {
            assert!(
                plain.contains(&format!("{variant}.sql").as_str()),
                "{variant} has no namesake"
            );
        }
    }
}
