// SPDX-License-Identifier: Apache-2.0
//! Fills a founded database with enrolled devices, as many as asked: plausible rows, written past the product.

use std::path::Path;

use anyhow::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection};
use tamga_runtime::clock::SystemClock;
use tamga_x509::time::Clock;

/// What to write.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Mass {
    /// Devices, each with one order and one certificate.
    pub(crate) count: usize,
    /// Whether all the certificates are revoked, and their list due.
    pub(crate) revoked: bool,
}

/// Fills the database, which nobody else may have open.
pub(crate) async fn fill(path: &Path, mass: Mass) -> Result<()> {
    let mut connection = connect(path, SqliteJournalMode::Off).await?;
    let days = SystemClock.now().seconds() / 86_400 - DAYS_TO_2020;
    sqlx::query(NAMES)
        .bind(i64::try_from(mass.count)?)
        .bind(SystemClock.now().as_micros())
        .bind(format!("4100{days:04x}"))
        .execute(&mut connection)
        .await?;
    for rows in ROWS {
        connection.execute(*rows).await?;
    }
    if mass.revoked {
        connection.execute(REVOKED).await?;
    }
    connection
        .execute("DROP TABLE mass; PRAGMA journal_mode = WAL;")
        .await?;
    connection.close().await?;
    Ok(())
}

/// Makes the list of the devices' issuer due, as a revocation does; of the other issuers' keys the bench has none.
pub(crate) async fn mark_dirty(path: &Path) -> Result<()> {
    let mut connection = connect(path, SqliteJournalMode::Wal).await?;
    connection
        .execute("UPDATE issuer SET state = 'retired' WHERE role <> 'device'")
        .await?;
    connection
        .execute(
            "UPDATE crl_shard SET marks = published_marks + 1, lease_until = 0
             WHERE issuer_id = (SELECT id FROM issuer WHERE role = 'device')",
        )
        .await?;
    connection.close().await?;
    Ok(())
}

/// Days from 1970 to 2020, from which serials count.
const DAYS_TO_2020: i64 = 18_262;

/// Nothing is lost that could not be filled in again: no journal, no waiting for the disk.
async fn connect(path: &Path, journal: SqliteJournalMode) -> Result<SqliteConnection> {
    Ok(SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(journal)
        .synchronous(SqliteSynchronous::Off)
        .foreign_keys(false)
        .pragma("temp_store", "FILE")
        .pragma("cache_size", "-524288")
        .disable_statement_logging()
        .connect()
        .await?)
}

/// Names of everything that will be written, a device enrolled each second up to now. Ids begin with their
/// millisecond, as the product's do; serials with their day, keys with nothing.
const NAMES: &str = "
CREATE TABLE mass AS
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1),
named AS (SELECT i, $2 - ($1 - i) * 1000000 AS at FROM n)
SELECT i, at,
       unhex(printf('%012x', at / 1000) || '7' || substr(hex(randomblob(10)), 2)) AS device,
       unhex(printf('%012x', at / 1000) || '7' || substr(hex(randomblob(10)), 2)) AS ordered,
       unhex(printf('%012x', at / 1000) || '7' || substr(hex(randomblob(10)), 2)) AS certificate,
       unhex(printf('%012x', at / 1000) || '7' || substr(hex(randomblob(10)), 2)) AS request,
       unhex($3 || hex(randomblob(16))) AS serial,
       randomblob(32) AS spki
FROM named";

/// Sizes of blobs are those of a P-256 device of the default profile.
const ROWS: &[&str] = &[
    "INSERT INTO device (id, organization_id, registration_id, presented, state, generation, bound_method, bound_kind,
                         bound_to, operation, created_at, updated_at)
     SELECT m.device, o.id, printf('mass-%08d', m.i), printf('mass-%08d', m.i), 'active', 1, 'symmetric_key', 'group',
            zeroblob(16), randomblob(16), m.at, m.at
     FROM mass m, (SELECT id FROM organization LIMIT 1) o ORDER BY m.i",
    "INSERT INTO issuance_order (id, organization_id, device_id, profile_id, profile_revision, issuer_id, spki_hash,
                                 csr, epoch, kind, state, certificate_id, operation, evidence, request_id,
                                 line_version, lease_epoch, lease_until, created_at)
     SELECT m.ordered, i.organization_id, m.device, p.id, 1, i.id, m.spki, randomblob(240), 0, 'first', 'fulfilled',
            m.certificate, randomblob(16), 'symmetric_key', m.request, 1, 1, m.at, m.at
     FROM mass m, (SELECT * FROM issuer WHERE role = 'device') i,
          (SELECT id FROM profile WHERE name = 'device') p ORDER BY m.i",
    "INSERT INTO certificate (id, organization_id, issuer_id, order_id, device_id, profile_id, profile_revision,
                              epoch, serial, spki_hash, shard, state, tbs_hash, der, not_before, not_after,
                              intended_at, issued_at)
     SELECT m.certificate, i.organization_id, i.id, m.ordered, m.device, p.id, 1, 0, m.serial, m.spki, 0, 'issued',
            randomblob(32), randomblob(760), m.at - 3600000000, m.at + 7776000000000, m.at, m.at
     FROM mass m, (SELECT * FROM issuer WHERE role = 'device') i,
          (SELECT id FROM profile WHERE name = 'device') p ORDER BY m.i",
    "INSERT INTO serial (serial, issuer_id, certificate_id)
     SELECT m.serial, i.id, m.certificate
     FROM mass m, (SELECT id FROM issuer WHERE role = 'device') i ORDER BY m.serial",
    "INSERT INTO subject_key (spki_hash, organization_id, device_id, role, created_at)
     SELECT m.spki, o.id, m.device, 'operational', m.at
     FROM mass m, (SELECT id FROM organization LIMIT 1) o ORDER BY m.spki",
    "INSERT INTO lineage (device_id, profile_id, organization_id, epoch, rise_pending, current_id, version)
     SELECT m.device, p.id, o.id, 0, 0, m.certificate, 2
     FROM mass m, (SELECT id FROM organization LIMIT 1) o,
          (SELECT id FROM profile WHERE name = 'device') p ORDER BY m.i",
    "INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, reason, entry, salt)
     SELECT unhex(printf('%012x', m.at / 1000) || '7' || substr(hex(randomblob(10)), 2)), o.id, m.at, a.act,
            'device:dev_00000000000000000000000000', 'crt_00000000000000000000000000', m.request, 'done', a.reason,
            randomblob(240), randomblob(16)
     FROM mass m, (SELECT id FROM organization LIMIT 1) o,
          (SELECT 'device.register' AS act, NULL AS reason UNION ALL SELECT 'certificate.issue', 'first') a
     ORDER BY m.i",
];

const REVOKED: &str = "
UPDATE certificate SET state = 'revoked', revoked_at = issued_at, revoked_reason = 'superseded' WHERE state = 'issued';
INSERT INTO revocation (issuer_id, shard, serial, revoked_at, reason, not_after)
SELECT issuer_id, shard, serial, revoked_at, revoked_reason, not_after FROM certificate WHERE state = 'revoked'
ORDER BY serial;
";
