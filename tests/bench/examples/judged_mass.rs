// SPDX-License-Identifier: Apache-2.0
//! Fills a data directory with devices that hold real certificates, for `tamga verify` to be measured over:
//! `cargo run --release -p tamga-bench --example judged_mass -- DIRECTORY COUNT`.
#![expect(dead_code, reason = "the bench's own modules, of which this needs a part")]

#[path = "../database/mod.rs"]
mod database;

use std::path::Path;

use anyhow::{Context, Result};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};
use tamga_registry::id::DeviceId;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_x509::chance::octets;
use tamga_x509::name::DeviceIdentity;
use tamga_x509::profile::{DeviceDraft, Profile, ProfileConfig};
use tamga_x509::request::Request;
use tamga_x509::serial::Serial;
use tamga_x509::time::{Clock as _, Timestamp};
use tamga_x509::to_be_signed::ToBeSigned;

use database::founding::{Founded, ORGANIZATION, TRUST_DOMAIN};
use database::mass::{Mass, fill};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().context("a directory")?;
    let count: usize = arguments.next().context("how many devices")?.parse()?;
    let path = Path::new(&directory).join("tamga.db");
    let founded = Founded::fresh(&path).await?;
    fill(
        &path,
        Mass {
            count,
            revoked: false,
        },
    )
    .await?;
    let mut connection = connect(&path).await?;
    enroll(&mut connection).await?;
    let mut after = 0;
    loop {
        let rows = sqlx::query(
            "SELECT c.rowid, d.id, d.presented, c.serial, c.spki_hash, o.rowid FROM certificate c
             JOIN device d ON d.id = c.device_id JOIN issuance_order o ON o.id = c.order_id
             WHERE c.rowid > $1 ORDER BY c.rowid LIMIT 20000",
        )
        .bind(after)
        .fetch_all(&mut connection)
        .await?;
        let Some(last) = rows.last() else { break };
        after = last.get(0);
        let old: Vec<Old> = rows.iter().map(Old::read).collect::<Result<_>>()?;
        let halves: Vec<&[Old]> = old.chunks(old.len().div_ceil(2)).collect();
        let founded = &founded;
        let made: Vec<Result<Vec<Made>>> = std::thread::scope(|scope| {
            let work = halves.iter().map(|half| {
                scope.spawn(move || {
                    half.iter()
                        .map(|old| make(old, founded))
                        .collect::<Result<Vec<_>>>()
                })
            });
            let work: Vec<_> = work.collect();
            work.into_iter()
                .map(|work| {
                    work.join()
                        .unwrap_or_else(|_| Err(anyhow::anyhow!("a thread ended")))
                })
                .collect()
        });
        let mut transaction = connection.begin().await?;
        let made = made.into_iter().collect::<Result<Vec<_>>>()?.concat();
        for (old, made) in old.iter().zip(&made) {
            keep(old, made, &mut transaction).await?;
        }
        transaction.commit().await?;
    }
    sqlx::query("PRAGMA journal_mode = WAL")
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

/// Names of a row that was made up.
struct Old {
    certificate: i64,
    order: i64,
    device: DeviceId,
    presented: String,
    at: Timestamp,
    serial: Vec<u8>,
    spki: Vec<u8>,
}

/// What takes its place.
#[derive(Clone)]
struct Made {
    der: Vec<u8>,
    tbs_hash: [u8; 32],
    serial: Serial,
    spki: [u8; 32],
    csr: Vec<u8>,
    not_before: i64,
    not_after: i64,
}

impl Old {
    fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Self> {
        let device: Vec<u8> = row.get(1);
        let device = <[u8; 16]>::try_from(device.as_slice())?;
        Ok(Self {
            certificate: row.get(0),
            device: DeviceId::from_octets(device),
            presented: row.get(2),
            // Those that were made up are older than the issuer.
            at: SystemClock.now(),
            serial: row.get(3),
            spki: row.get(4),
            order: row.get(5),
        })
    }
}

fn make(old: &Old, founded: &Founded) -> Result<Made> {
    let key = KeyPair::generate()?;
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    let csr = parameters.serialize_request(&key)?.der().to_vec();
    let request = Request::parse(&csr)?;
    let id = old.device.to_string();
    let identity = DeviceIdentity::new(&old.presented, ORGANIZATION, TRUST_DOMAIN, &id)?;
    let serial = Serial::compose(0, old.at, octets::<16>(&SystemChance::new())?)?;
    let draft = Profile::try_from(ProfileConfig::device())?.draft(&DeviceDraft {
        request: &request,
        identity: &identity,
        issuer: &founded.issuer.certificate,
        serial,
        now: old.at,
        locations: &founded.issuer.locations(&serial),
    })?;
    let tbs = ToBeSigned::certificate(draft).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let validity = tbs.validity().context("a life")?;
    Ok(Made {
        der: tbs.assemble(&founded.signer.sign(&tbs)?),
        tbs_hash: tbs.digest(),
        serial,
        spki: request.public_key().spki_hash().0,
        not_before: validity.not_before().as_micros(),
        not_after: validity.not_after().as_micros(),
        csr,
    })
}

async fn keep(old: &Old, made: &Made, connection: &mut SqliteConnection) -> Result<()> {
    sqlx::query(
        "UPDATE certificate SET der = $2, tbs_hash = $3, serial = $4, spki_hash = $5, not_before = $6, not_after = $7,
                                intended_at = $8, issued_at = $8
         WHERE rowid = $1",
    )
    .bind(old.certificate)
    .bind(made.der.as_slice())
    .bind(made.tbs_hash.as_slice())
    .bind(made.serial.as_bytes().as_slice())
    .bind(made.spki.as_slice())
    .bind(made.not_before)
    .bind(made.not_after)
    .bind(old.at.as_micros())
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE issuance_order SET csr = $2, spki_hash = $3 WHERE rowid = $1")
        .bind(old.order)
        .bind(made.csr.as_slice())
        .bind(made.spki.as_slice())
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE serial SET serial = $2 WHERE serial = $1")
        .bind(old.serial.as_slice())
        .bind(made.serial.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE subject_key SET spki_hash = $2 WHERE spki_hash = $1")
        .bind(old.spki.as_slice())
        .bind(made.spki.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// The group all of them are bound to, with keys nobody can open.
async fn enroll(connection: &mut SqliteConnection) -> Result<()> {
    for statement in [
        "INSERT INTO enrollment_group (id, organization_id, name, presented, state, generation, attestation, profile_id,
                                       issuer_id, rekey, rekeys_per_day, created_at)
         SELECT zeroblob(16), i.organization_id, 'mass', 'mass', 'enabled', 1, 'symmetric_key', p.id, i.id, 'allow', 1, 1
         FROM issuer i, profile p WHERE i.role = 'device' AND p.name = 'device'",
        "INSERT INTO enrollment_symmetric_key SELECT id, organization_id, zeroblob(1), zeroblob(1), 1, 1 FROM enrollment_group",
        "INSERT INTO data_key SELECT 'device_secrets', id, 1, zeroblob(1), 1 FROM organization",
        "INSERT INTO data_key SELECT 'issuer_keys', id, 1, zeroblob(1), 1 FROM organization",
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn connect(path: &Path) -> Result<SqliteConnection> {
    Ok(SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .foreign_keys(false)
        .pragma("cache_size", "-1048576")
        .disable_statement_logging()
        .connect()
        .await?)
}
