// SPDX-License-Identifier: Apache-2.0
//! The schema: who makes it, who only looks, and which versions get along.

use sqlx::AssertSqlSafe;
use tamga_store::{PostgresFault, PostgresSettings, SchemaFault, migrate_postgres, open_postgres};
use tamga_test_postgres::Database;

use crate::conformance::orders::first;
use crate::conformance::world::{Ground, World};
use crate::{empty, fresh, open, over, secret, settings};

/// Why the database is not opened.
async fn refused(database: &Database) -> String {
    match open_postgres(&settings(database)).await {
        Ok(_) => panic!("it is opened"),
        Err(fault) => fault.to_string(),
    }
}

async fn run(database: &Database, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut database.connect().await)
        .await
        .unwrap();
}

/// What the next version will do: a table and a column that today's program does not look at.
pub(crate) async fn take_tomorrows_step(database: &Database, admits: i64) {
    let step = format!(
        "ALTER TABLE device ADD COLUMN colour TEXT;
         CREATE TABLE paint (colour TEXT PRIMARY KEY);
         INSERT INTO schema_step (step, concept, checksum, admits) VALUES (9001, 'paint', '\\x00', {admits})"
    );
    run(database, &step).await;
}

#[tokio::test]
async fn an_empty_database_is_refused_and_left_empty() {
    let database = tamga_test_postgres::database().await;
    let told = refused(&database).await;
    assert!(told.contains("run `tamga migrate`"), "{told}");
    let (tables,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'")
        .fetch_one(&mut database.connect().await)
        .await
        .unwrap();
    assert_eq!(tables, 0);
}

#[tokio::test]
async fn the_schema_is_made_once_by_however_many() {
    let database = tamga_test_postgres::database().await;
    let url = secret(&database.url());
    let made = futures::future::join_all((0..4).map(|_| migrate_postgres(&url))).await;
    let versions: Vec<i64> = made.into_iter().map(Result::unwrap).collect();
    assert!(
        versions
            .iter()
            .all(|version| *version == versions[0] && *version > 0)
    );
    assert_eq!(migrate_postgres(&url).await.unwrap(), versions[0], "and again");
    open(&database).await;
}

#[tokio::test]
async fn a_schema_that_lacks_a_step_is_refused() {
    let database = empty().await;
    run(&database, "DELETE FROM schema_step WHERE step = 3").await;
    let told = refused(&database).await;
    assert!(
        told.contains("lacks step 3 ") && told.contains("run `tamga migrate`"),
        "{told}"
    );
}

#[tokio::test]
async fn a_step_with_another_text_is_refused_by_all() {
    let database = empty().await;
    run(
        &database,
        "UPDATE schema_step SET checksum = '\\x00' WHERE step = 3",
    )
    .await;
    let told = refused(&database).await;
    assert!(told.contains("step 3 "), "{told}");
    let fault = migrate_postgres(&secret(&database.url())).await.unwrap_err();
    assert!(
        matches!(fault, PostgresFault::Schema(SchemaFault::Altered { step: 3 })),
        "{fault}"
    );
}

#[tokio::test]
async fn a_later_version_that_admits_this_one_runs_beside_it() {
    let database = empty().await;
    let known = migrate_postgres(&secret(&database.url())).await.unwrap();
    take_tomorrows_step(&database, known).await;
    let world = World::new(over(&database).await).await;
    let pump = world.issue(first("pump-1", 1)).await;
    world
        .strike(world.strike_of(&pump, crate::conformance::world::at(10)))
        .await;
    // Today's migration changes nothing about tomorrow's step, nor about the rights that came with it.
    run(&database, "GRANT SELECT ON paint TO tamga_device").await;
    assert_eq!(migrate_postgres(&secret(&database.url())).await.unwrap(), known);
    let (may,): (bool,) = sqlx::query_as("SELECT has_table_privilege('tamga_device', 'paint', 'SELECT')")
        .fetch_one(&mut database.connect().await)
        .await
        .unwrap();
    assert!(may, "tomorrow's door still reads tomorrow's table");
}

#[tokio::test]
async fn a_later_version_that_leaves_this_one_behind_is_told() {
    let database = empty().await;
    take_tomorrows_step(&database, 9001).await;
    let told = refused(&database).await;
    assert!(told.contains("has step 9001"), "{told}");
    assert!(
        told.contains("start the version of Tamga whose `tamga migrate` took it"),
        "{told}"
    );
    let fault = migrate_postgres(&secret(&database.url())).await.unwrap_err();
    assert!(
        matches!(
            fault,
            PostgresFault::Schema(SchemaFault::Newer { found: 9001, .. })
        ),
        "{fault}"
    );
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing_behind_and_is_taken_later() {
    let database = tamga_test_postgres::database().await;
    // Somebody's table stands in the way of the sixth step.
    run(&database, "CREATE TABLE device (id BYTEA)").await;
    let url = secret(&database.url());
    let fault = migrate_postgres(&url).await.unwrap_err();
    assert!(
        matches!(fault, PostgresFault::Schema(SchemaFault::Failed { step: 6, .. })),
        "{fault}"
    );
    assert!(refused(&database).await.contains("lacks step 6 "));
    run(&database, "DROP TABLE device").await;
    migrate_postgres(&url).await.unwrap();
    open(&database).await;
}

#[tokio::test]
async fn a_migration_that_changes_nothing_waits_for_nobody_and_one_that_does_gives_way() {
    let database = empty().await;
    let mut reader = database.connect().await;
    sqlx::raw_sql("BEGIN; SELECT COUNT(*) FROM data_key")
        .execute(&mut reader)
        .await
        .unwrap();
    let url = secret(&database.url());
    migrate_postgres(&url).await.unwrap();
    // A policy that somebody took away by hand comes back as soon as the table is free.
    sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
    run(&database, "DROP POLICY tamga_signer_purposes ON data_key").await;
    sqlx::raw_sql("BEGIN; SELECT COUNT(*) FROM data_key")
        .execute(&mut reader)
        .await
        .unwrap();
    let fault = migrate_postgres(&url).await.unwrap_err();
    assert!(
        matches!(fault, PostgresFault::Schema(SchemaFault::Locked(_))),
        "{fault}"
    );
    sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
    migrate_postgres(&url).await.unwrap();
    let (policies,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM pg_policies WHERE tablename = 'data_key'")
        .fetch_one(&mut reader)
        .await
        .unwrap();
    assert_eq!(policies, 3);
}

#[tokio::test]
async fn a_url_that_is_none_is_not_repeated() {
    for url in [
        "postgres://tamga:hunter2@:notaport/tamga",
        "mysql://tamga:hunter2@db/tamga",
        "hunter2",
    ] {
        let fault = open_postgres(&PostgresSettings::new(secret(url)))
            .await
            .unwrap_err();
        assert!(matches!(fault, PostgresFault::Url), "{fault:?}");
        assert!(!format!("{fault:?} {fault}").contains("hunter2"));
    }
}

#[tokio::test]
async fn the_database_tells_its_clock() {
    let (Ground { store, .. }, _database) = fresh().await;
    let clock = store.database_clock().await.unwrap().unwrap();
    assert!(
        clock
            > crate::conformance::world::START.saturating_sub(std::time::Duration::from_secs(86_400 * 3650))
    );
}
