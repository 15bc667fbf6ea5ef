// SPDX-License-Identifier: Apache-2.0
//! The conformance suite on SQLite, and what is true of SQLite alone.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on ends")]

mod conformance;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use conformance::orders::first;
use conformance::world::{Ground, Probe, World, at};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use tamga_registry::revocation::ShardId;
use tamga_registry::store::{Enrollments as _, IntentVerdict, Issuance as _, Store as _};
use tamga_store::open_sqlite;
use tempfile::TempDir;

conformance::conformance!(crate::fresh);

/// A store over a file of its own. The directory goes with the second value.
async fn fresh() -> (Ground, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (over(&directory.path().join("tamga.db")).await, directory)
}

async fn over(path: &Path) -> Ground {
    let store = Arc::new(open_sqlite(path).await.unwrap());
    Ground {
        inspection: Arc::<tamga_store::SqliteStore>::clone(&store),
        store,
        probe: Arc::new(Beside(path.to_owned())),
    }
}

/// A connection of one's own for each look.
struct Beside(PathBuf);

impl Beside {
    async fn connect(&self) -> SqliteConnection {
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&self.0))
            .await
            .unwrap()
    }
}

#[async_trait]
impl Probe for Beside {
    async fn number(&self, query: &'static str) -> i64 {
        let (number,) = sqlx::query_as(query)
            .fetch_one(&mut self.connect().await)
            .await
            .unwrap();
        number
    }

    async fn run_made(&self, statement: String) {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut self.connect().await)
            .await
            .unwrap();
    }

    fn either(&self, sqlite: &'static str, _postgres: &'static str) -> &'static str {
        sqlite
    }
}

#[tokio::test]
async fn a_damaged_row_is_named() {
    let (ground, _keep) = fresh().await;
    let world = World::new(ground).await;
    let pump = world.issue(first("pump-1", 1)).await;
    world.probe.run("UPDATE certificate SET der = NULL").await;
    let Err(fault) = world.store.certificate(pump.certificate.id).await else {
        panic!("it reads damage")
    };
    let told = fault.to_string();
    assert!(
        told.starts_with("row ") && told.contains(" of table certificate "),
        "{told}"
    );
    assert!(told.ends_with("its state demands der, which is null"), "{told}");
    world.probe.run("UPDATE certificate SET state = 'lost'").await;
    let Err(fault) = world.store.order(pump.order.id).await else {
        panic!("it reads damage")
    };
    assert!(
        fault
            .to_string()
            .contains("`lost` is not the state of a certificate"),
        "{fault}"
    );
}

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tamga.db");
    let first = open_sqlite(&path).await.unwrap();
    let Err(fault) = open_sqlite(&path).await else {
        panic!("two have it open")
    };
    assert!(fault.to_string().contains("in use by another process"), "{fault}");
    first.close().await;
    assert!(first.policy_version().await.is_err(), "it is closed");
    let second = open_sqlite(&path).await.unwrap();
    second.ping().await.unwrap();
}

#[tokio::test]
async fn what_was_kept_is_there_after_a_start_without_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tamga.db");
    let left = directory.path().join("left.db");
    let world = World::new(over(&path).await).await;
    let pump = world.issue(first("pump-1", 1)).await;
    // What a power cut leaves: the file and its log, as they are at this instant.
    for suffix in ["", "-wal"] {
        let name = |path: &Path| format!("{}{suffix}", path.display());
        std::fs::copy(name(&path), name(&left)).unwrap();
    }
    let store = open_sqlite(&left).await.unwrap();
    let certificate = store.certificate(pump.certificate.id).await.unwrap().unwrap();
    assert_eq!(certificate.state.der(), Some([0x30, 2, 5, 0].as_slice()));
    assert!(
        store
            .take_unfinished(at(1000), at(2000), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn the_files_are_for_their_owner_alone() {
    let (ground, directory) = fresh().await;
    let world = World::new(ground).await;
    world.issue(first("pump-1", 1)).await;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{entry:?}"
        );
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(
        names,
        ["tamga.db", "tamga.db-shm", "tamga.db-wal", "tamga.db.lock"]
    );
}

#[tokio::test]
async fn a_file_open_to_others_is_refused_with_the_command_that_helps() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tamga.db");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let Err(fault) = open_sqlite(&path).await else {
        panic!("it is opened")
    };
    assert!(fault.to_string().contains("run `chmod 600 "), "{fault}");
    let Err(fault) = open_sqlite(directory.path().join("no/where.db")).await else {
        panic!("it is opened")
    };
    assert!(fault.to_string().contains("its directory must exist"), "{fault}");
}

#[tokio::test]
async fn a_schema_that_is_not_known_is_not_touched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tamga.db");
    open_sqlite(&path).await.unwrap().close().await;
    let beside = Beside(path.clone());
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'tomorrow', TRUE, X'00', 0)";
    beside.run(newer).await;
    let Err(fault) = open_sqlite(&path).await else {
        panic!("it is opened")
    };
    assert!(fault.to_string().contains("schema version 9999"), "{fault}");
    assert!(
        fault
            .to_string()
            .contains("start the version of Tamga that wrote it"),
        "{fault}"
    );
    beside
        .run("DELETE FROM _sqlx_migrations WHERE version = 9999")
        .await;
    open_sqlite(&path).await.unwrap().close().await;
    beside
        .run("UPDATE _sqlx_migrations SET checksum = X'00' WHERE version = 3")
        .await;
    let Err(fault) = open_sqlite(&path).await else {
        panic!("it is opened")
    };
    assert!(fault.to_string().contains("step 3 "), "{fault}");
}

#[tokio::test]
async fn a_long_list_is_read_in_pages_of_five_thousand() {
    let (ground, _keep) = fresh().await;
    let world = World::new(ground).await;
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5001)
                INSERT INTO revocation (issuer_id, shard, serial, revoked_at, reason, not_after)
                SELECT (SELECT id FROM issuer WHERE name = 'devices'), 0, unhex(printf('41%038x', i)), i,
                       'unspecified', 4102444800000000 FROM n";
    world.probe.run(many).await;
    let shard = ShardId {
        issuer: world.issuer,
        shard: 0,
    };
    let page = world.store.revoked_page(shard, None, Some(at(0))).await.unwrap();
    assert_eq!(page.len(), 5000);
    let last = page.last().unwrap();
    assert_eq!(last.revoked_at.as_micros(), 5000);
    let rest = world
        .store
        .revoked_page(shard, Some(last.serial), Some(at(0)))
        .await
        .unwrap();
    assert_eq!(rest.len(), 1);
    assert!(
        world
            .store
            .revoked_page(shard, Some(rest[0].serial), None)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_write_waits_for_a_backup_that_holds_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tamga.db");
    let world = World::new(over(&path).await).await;
    let mut backup = Beside(path).connect().await;
    let held = backup.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let intent = world.intent(first("pump-1", 1));
    let mut write = Box::pin(world.keep(&intent));
    assert!(futures::poll!(&mut write).is_pending());
    held.rollback().await.unwrap();
    assert_eq!(write.await, IntentVerdict::Kept);
}
