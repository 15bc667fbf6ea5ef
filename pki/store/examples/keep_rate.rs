// SPDX-License-Identifier: Apache-2.0
//! Prints how many enrollments a second memory keeps: an intent and a record each, in batches, and from many callers.
//!
//! `cargo run --release -p tamga-store --example keep_rate [directory] [rows]`. The disk of the
//! directory is what is measured with SQLite, and that of `/tmp` with Postgres.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    dead_code,
    reason = "a measurement that cannot go on ends, and tells what it found; it uses a part of the stories' world"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::stream::{self, StreamExt as _};
use secrecy::SecretString;
use tamga_registry::store::{EnrolleeQuestion, Inspection, Intent, IntentVerdict, RecordVerdict, Store};
use tamga_store::{PostgresSettings, migrate_postgres, open_postgres, open_sqlite};
use tamga_test_postgres::Cluster;

use conformance::orders::first;
use conformance::world::{Ground, Probe, World, at};

#[path = "../tests/conformance"]
mod conformance {
    pub(crate) mod orders;
    pub(crate) mod world;
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let directory = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let rows = arguments
        .next()
        .and_then(|rows| rows.to_str()?.parse().ok())
        .unwrap_or(4096);
    measure("SQLite", &Engine::Sqlite(directory), rows).await;
    let cluster = Cluster::start();
    // Measured as it is run: a commit that returned survives a power cut.
    let durable = ["fsync", "full_page_writes"];
    let mut connection = cluster.database().await.connect().await;
    for setting in durable {
        let statement = format!("ALTER SYSTEM SET {setting} = on");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    sqlx::raw_sql("SELECT pg_reload_conf()")
        .execute(&mut connection)
        .await
        .unwrap();
    measure("Postgres", &Engine::Postgres(cluster), rows).await;
}

async fn measure(name: &str, engine: &Engine, rows: u32) {
    println!(
        "{name:>24} {:>12} {:>12} {:>12}",
        "intents/s", "records/s", "reads/s"
    );
    for batch in [1, 16, 64, 256] {
        let house = House::new(engine).await;
        let intents = house.intents(rows);
        let kept = timed(rows, async {
            for chunk in intents.chunks(batch) {
                house.keep(chunk.to_vec()).await;
            }
        });
        let kept = kept.await;
        let recorded = timed(rows, async {
            for chunk in intents.chunks(batch) {
                house.record(chunk.to_vec()).await;
            }
        });
        println!(
            "{:>24} {kept:>12.0} {:>12.0}",
            format!("one caller, batches of {batch}"),
            recorded.await
        );
    }
    for callers in [1, 16, 64, 256] {
        let house = House::new(engine).await;
        let intents = house.intents(rows);
        let each = |intent: &Intent| intent.clone();
        let kept = timed(
            rows,
            stream::iter(intents.iter().map(each))
                .for_each_concurrent(callers, |intent| house.keep(vec![intent])),
        );
        let kept = kept.await;
        let recorded = timed(
            rows,
            stream::iter(intents.iter().map(each))
                .for_each_concurrent(callers, |intent| house.record(vec![intent])),
        );
        let recorded = recorded.await;
        let read = timed(
            rows,
            stream::iter(intents.iter().map(each)).for_each_concurrent(callers, |intent| house.read(intent)),
        );
        let label = format!("{callers} callers, a row each");
        println!("{label:>24} {kept:>12.0} {recorded:>12.0} {:>12.0}", read.await);
    }
}

async fn timed(rows: u32, work: impl Future<Output = ()>) -> f64 {
    let start = Instant::now();
    work.await;
    f64::from(rows) / start.elapsed().max(Duration::from_micros(1)).as_secs_f64()
}

/// Where a world is kept.
enum Engine {
    /// Files in this directory.
    Sqlite(PathBuf),
    Postgres(Cluster),
}

/// A world over a database of its own.
struct House {
    world: World,
    _directory: Option<tempfile::TempDir>,
}

impl House {
    async fn new(engine: &Engine) -> Self {
        let (ground, directory) = match engine {
            Engine::Sqlite(directory) => {
                let directory = tempfile::tempdir_in(directory).unwrap();
                let store = open_sqlite(directory.path().join("tamga.db")).await.unwrap();
                (ground(store), Some(directory))
            }
            Engine::Postgres(cluster) => {
                let url = SecretString::from(cluster.database().await.url());
                migrate_postgres(&url).await.unwrap();
                let store = open_postgres(&PostgresSettings::new(url)).await.unwrap();
                (ground(store), None)
            }
        };
        let world = World::new(ground).await;
        Self {
            world,
            _directory: directory,
        }
    }

    /// Intents of devices nobody knows yet, each with its own key and some 600 bytes to be signed.
    fn intents(&self, rows: u32) -> Vec<Intent> {
        (0..rows)
            .map(|row| {
                let id = format!("pump-{row}");
                let mut asking = first(&id, 0);
                asking.key.0 = self.world.key_of(row);
                let mut intent = self.world.intent(asking);
                intent.order.csr = vec![0x30; 450];
                intent.certificate.state =
                    tamga_registry::certificate::CertificateState::Intended { tbs: vec![0x30; 600] };
                intent
            })
            .collect()
    }

    async fn keep(&self, rows: Vec<Intent>) {
        let verdicts = self.world.store.keep_intents(rows).await.unwrap();
        assert!(verdicts.iter().all(|verdict| *verdict == IntentVerdict::Kept));
    }

    async fn record(&self, rows: Vec<Intent>) {
        let records = rows
            .iter()
            .map(|intent| {
                let mut record = self.world.record_of(intent, at(1));
                record.der = vec![0x30; 700];
                record
            })
            .collect();
        let verdicts = self.world.store.keep_records(records).await.unwrap();
        assert!(verdicts.iter().all(|verdict| *verdict == RecordVerdict::Recorded));
    }

    /// What the door reads for a repeated request.
    async fn read(&self, intent: Intent) {
        let store = &self.world.store;
        let found = store
            .enrollee(&EnrolleeQuestion::of(
                self.world.organization,
                &intent.registration_id,
            ))
            .await
            .unwrap();
        assert!(found.device.is_some());
        let question = tamga_registry::store::LineQuestion {
            device: Some(intent.order.device),
            profile: self.world.profile.profile,
            spki: intent.order.spki,
            recent: at(0),
        };
        assert!(store.line(&question).await.unwrap().order.is_some());
    }
}

impl World {
    fn key_of(&self, row: u32) -> [u8; 32] {
        let mut key = [0; 32];
        tamga_x509::chance::Chance::fill(&self.chance, &mut key).unwrap();
        key[..4].copy_from_slice(&row.to_be_bytes());
        key
    }
}

fn ground(store: impl Store + Inspection + 'static) -> Ground {
    let store = Arc::new(store);
    Ground {
        inspection: store.clone(),
        store,
        probe: Arc::new(Blind),
    }
}

/// Nobody looks past the store here.
struct Blind;

#[async_trait]
impl Probe for Blind {
    async fn number(&self, _query: &'static str) -> i64 {
        0
    }

    async fn run_made(&self, _statement: String) {}

    fn either(&self, sqlite: &'static str, _postgres: &'static str) -> &'static str {
        sqlite
    }
}
