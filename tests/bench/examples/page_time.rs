// SPDX-License-Identifier: Apache-2.0
//! Prints how long a page of each list takes over an organization with many devices, on SQLite and on Postgres:
//! `cargo run --release -p tamga-bench --example page_time -- DIRECTORY [DEVICES]`.
#![expect(
    clippy::print_stdout,
    dead_code,
    reason = "a measurement tells what it found; it uses a part of the bench's own modules"
)]

#[path = "../database/mod.rs"]
mod database;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tamga_registry::certificate::{CertificateFilter, CertificateStanding};
use tamga_registry::device::{DeviceFilter, DeviceStanding};
use tamga_registry::enrollment::{EnrollmentFilter, EnrollmentState};
use tamga_registry::id::OrganizationId;
use tamga_registry::journal::{Ending, JournalFilter};
use tamga_registry::order::{OrderFilter, OrderStanding};
use tamga_registry::page::{Mark, Page, Portion, Sort};
use tamga_registry::store::{Store, StoreFault};
use tamga_store::{PostgresSettings, migrate_postgres, open_postgres, open_sqlite};
use tamga_test_postgres::Cluster;

use database::founding::{Founded, ORGANIZATION};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().context("a directory")?);
    let devices: u32 = arguments.next().map_or(Ok(100_000), |count| count.parse())?;
    println!(
        "{devices} devices, each with an individual enrollment, an order, a certificate and two journal rows; milliseconds a page"
    );
    println!(
        "{:<52} {:>6} {:>8} {:>8} {:>8}",
        "list", "pages", "p50", "p99", "max"
    );
    sqlite(&directory, devices).await?;
    postgres(devices).await
}

async fn sqlite(directory: &std::path::Path, devices: u32) -> Result<()> {
    let directory = tempfile::tempdir_in(directory)?;
    let path = directory.path().join("tamga.db");
    Founded::fresh(&path).await?;
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await?;
    for statement in mass(devices, |sqlite, _| sqlite) {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    measure("sqlite", &open_sqlite(&path).await?).await
}

async fn postgres(devices: u32) -> Result<()> {
    let cluster = Cluster::start();
    let database = cluster.database().await;
    let url = SecretString::from(database.url());
    migrate_postgres(&url).await?;
    let store = open_postgres(&PostgresSettings::new(url)).await?;
    Founded::within(&store).await?;
    let mut connection: PgConnection = database.connect().await;
    for statement in mass(devices, |_, postgres| postgres) {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
    }
    sqlx::raw_sql("ANALYZE").execute(&mut connection).await?;
    measure("postgres", &store).await
}

/// Every list, in several orders and through filters that leave all, little or nothing.
async fn measure(engine: &str, store: &dyn Store) -> Result<()> {
    let organization = store.organization(&ORGANIZATION.parse()?).await?;
    let of = organization.context("the organization")?.id;
    enrollments(engine, store, of).await?;
    devices_of(engine, store, of).await?;
    certificates(engine, store, of).await?;
    orders(engine, store, of).await?;
    journal(engine, store, of).await
}

async fn enrollments(engine: &str, store: &dyn Store, of: OrganizationId) -> Result<()> {
    let disabled = EnrollmentFilter {
        state: Some(EnrollmentState::Disabled),
        ..EnrollmentFilter::default()
    };
    for (name, filter, sort) in [
        ("enrollments by name", EnrollmentFilter::default(), Sort::NAME),
        (
            "enrollments, the newest first",
            EnrollmentFilter::default(),
            Sort::TIME_FALLING,
        ),
        (
            "enrollments, disabled ones, of which there are none",
            disabled,
            Sort::NAME,
        ),
    ] {
        report(engine, name, sort, |page| {
            let filter = filter.clone();
            async move { told(store.individuals(of, &filter, &page).await) }
        })
        .await?;
    }
    Ok(())
}

async fn devices_of(engine: &str, store: &dyn Store, of: OrganizationId) -> Result<()> {
    let revoked = DeviceFilter {
        state: Some(DeviceStanding::Revoked),
        ..DeviceFilter::default()
    };
    for (name, filter, sort) in [
        ("devices by name", DeviceFilter::default(), Sort::NAME),
        (
            "devices, the newest first",
            DeviceFilter::default(),
            Sort::TIME_FALLING,
        ),
        (
            "devices, revoked ones, of which there are none",
            revoked,
            Sort::NAME,
        ),
    ] {
        report(engine, name, sort, |page| {
            let filter = filter.clone();
            async move { told(store.devices(of, &filter, &page).await) }
        })
        .await?;
    }
    Ok(())
}

async fn orders(engine: &str, store: &dyn Store, of: OrganizationId) -> Result<()> {
    let failed = OrderFilter {
        state: Some(OrderStanding::Failed),
        ..OrderFilter::default()
    };
    for (name, filter) in [
        ("orders, the newest first", OrderFilter::default()),
        ("orders, failed ones, of which there are none", failed),
    ] {
        report(engine, name, Sort::TIME_FALLING, |page| {
            let filter = filter.clone();
            async move { told(store.orders(of, &filter, &page).await) }
        })
        .await?;
    }
    Ok(())
}

async fn journal(engine: &str, store: &dyn Store, of: OrganizationId) -> Result<()> {
    let refused = JournalFilter {
        ending: Some(Ending::Refused),
        ..JournalFilter::default()
    };
    for (name, filter) in [
        ("the journal, the newest first", JournalFilter::default()),
        ("the journal, refusals, of which there are none", refused),
    ] {
        report(engine, name, Sort::TIME_FALLING, |page| {
            let filter = filter.clone();
            async move { told(store.journal(of, &filter, &page).await) }
        })
        .await?;
    }
    Ok(())
}

async fn certificates(engine: &str, store: &dyn Store, of: OrganizationId) -> Result<()> {
    let revoked = CertificateFilter {
        state: Some(CertificateStanding::Revoked),
        ..CertificateFilter::default()
    };
    for (name, filter, sort) in [
        (
            "certificates, the newest first",
            CertificateFilter::default(),
            Sort::TIME_FALLING,
        ),
        (
            "certificates, what expires first",
            CertificateFilter::default(),
            Sort::END,
        ),
        (
            "certificates, revoked ones, of which there are none",
            revoked,
            Sort::END,
        ),
    ] {
        report(engine, name, sort, |page| {
            let filter = filter.clone();
            async move { told(store.certificates(of, &filter, &page).await) }
        })
        .await?;
    }
    Ok(())
}

fn told<T>(read: Result<Portion<T>, StoreFault>) -> Result<(usize, Option<Mark>)> {
    let read = read?;
    Ok((read.rows.len(), read.more))
}

/// Reads the list to its end in pages of two sizes.
async fn report<F>(engine: &str, name: &str, sort: Sort, part: impl Fn(Page) -> F) -> Result<()>
where
    F: Future<Output = Result<(usize, Option<Mark>)>>,
{
    for limit in [100, 1_000] {
        let (mut page, mut times) = (Page::first(sort, limit), Vec::new());
        loop {
            let start = Instant::now();
            let (_, more) = part(page.clone()).await?;
            times.push(start.elapsed());
            match more {
                Some(more) => page.after = Some(more),
                None => break,
            }
        }
        times.sort_unstable();
        let at = |share: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss,
                reason = "a place among some thousand"
            )]
            let place = ((times.len() - 1) as f64 * share) as usize;
            times
                .get(place)
                .map_or(0.0, |time: &Duration| time.as_secs_f64() * 1_000.0)
        };
        let label = format!("{engine}: {name}, {limit} a page");
        println!(
            "{label:<76} {:>6} {:>8.2} {:>8.2} {:>8.2}",
            times.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
    Ok(())
}

/// Rows of plausible sizes, a second apart from one another, written past the product.
fn mass(devices: u32, word: impl Fn(&'static str, &'static str) -> &'static str) -> Vec<String> {
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {devices})"
    );
    let id = word(
        "CAST(printf('%016d', i) AS BLOB)",
        "convert_to(lpad(i::text, 16, '0'), 'UTF8')",
    );
    let key = word(
        "CAST(printf('%032d', i) AS BLOB)",
        "convert_to(lpad(i::text, 32, '0'), 'UTF8')",
    );
    let serial = word(
        "unhex('41' || printf('%038d', i))",
        "decode('41' || lpad(i::text, 38, '0'), 'hex')",
    );
    let bytes =
        |count: u32| word("zeroblob(#)", "decode(repeat('5a', #), 'hex')").replace('#', &count.to_string());
    let (sealed, csr, der) = (bytes(92), bytes(240), bytes(760));
    let shown = word("printf('crt_%026d', i)", "'crt_' || lpad(i::text, 26, '0')");
    let at = "(1795309323000000 + i * 1000000)";
    let from = "FROM n, (SELECT * FROM issuer WHERE role = 'device') s, (SELECT id FROM profile WHERE name = 'device') p";
    vec![
        format!(
            "{numbers} INSERT INTO individual_enrollment (id, organization_id, registration_id, presented, state, generation,
                                     attestation, profile_id, issuer_id, rekey, rekeys_per_day, created_at)
             SELECT {id}, s.organization_id, 'pump-' || ((i * 7919) % 1000003), 'pump-' || ((i * 7919) % 1000003),
                    'enabled', 1, 'symmetric_key', p.id, s.id, 'allow', 10, {at} {from}"
        ),
        format!(
            "{numbers} INSERT INTO enrollment_symmetric_key (enrollment_id, organization_id, primary_key, secondary_key, data_key,
                                        created_at)
             SELECT {id}, s.organization_id, {sealed}, {sealed}, 1, {at} {from}"
        ),
        format!(
            "{numbers} INSERT INTO device (id, organization_id, registration_id, presented, state, generation, bound_method,
                                           bound_kind, bound_to, operation, created_at, updated_at)
             SELECT {id}, s.organization_id, 'pump-' || ((i * 7919) % 1000003), 'pump-' || ((i * 7919) % 1000003),
                    'active', 1, 'symmetric_key', 'group', {id}, {id}, {at}, {at} {from}"
        ),
        format!(
            "{numbers} INSERT INTO issuance_order (id, organization_id, device_id, profile_id, profile_revision, issuer_id,
                                 spki_hash, csr, epoch, kind, state, certificate_id, operation, evidence, request_id,
                                 line_version, lease_epoch, lease_until, created_at)
             SELECT {id}, s.organization_id, {id}, p.id, 1, s.id, {key}, {csr}, 1, 'first', 'fulfilled', {id}, {id},
                    'symmetric_key', {id}, 1, 1, {at}, {at} {from}"
        ),
        format!(
            "{numbers} INSERT INTO certificate (id, organization_id, issuer_id, order_id, device_id, profile_id,
                              profile_revision, epoch, serial, spki_hash, shard, state, tbs_hash, der, not_before,
                              not_after, intended_at, issued_at)
             SELECT {id}, s.organization_id, s.id, {id}, {id}, p.id, 1, 1, {serial}, {key}, 0, 'issued', {key}, {der},
                    {at} - 3600000000, {at} + 7776000000000, {at}, {at} {from}"
        ),
        format!(
            "{numbers} INSERT INTO lineage (device_id, profile_id, organization_id, epoch, rise_pending, current_id, version)
             SELECT {id}, p.id, s.organization_id, 1, 0, {id}, 2 {from}"
        ),
        format!(
            "{numbers} INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, entry, salt)
             SELECT {id}, s.organization_id, {at}, 'certificate.issue', 'device:dev', {shown}, {id}, 'done', {csr}, {id}
             {from}"
        ),
        format!(
            "{numbers} INSERT INTO journal (id, organization_id, at, act, actor, object, request_id, outcome, entry, salt)
             SELECT {}, s.organization_id, {at}, 'device.register', 'device:dev', {shown}, {id}, 'done', {csr}, {id}
             {from}",
            word(
                "CAST(printf('a%015d', i) AS BLOB)",
                "convert_to('a' || lpad(i::text, 15, '0'), 'UTF8')",
            )
        ),
    ]
}
