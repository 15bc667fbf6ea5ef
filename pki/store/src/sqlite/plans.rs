// SPDX-License-Identifier: Apache-2.0
//! Asks SQLite how it runs what runs often: by an index, never by walking a table.

use std::path::Path;

use sqlx::AssertSqlSafe;

use super::connector::Connector;
use super::often::{TRACED, found, lists, looked_up, only, prefixed};
use super::{Connection, enrollment, lineage, list, operation, publication, unfinished};
use crate::migrations::migrate;

/// The only walks: all unfinished intents and mass revocations, all waiting submissions, all shards, all certificates of the
/// house itself, the devices one step of a mass revocation looks at. They are few.
const WALKS: [(&str, &str); 13] = [
    ("certificates to be revoked", "SCAN d"),
    (
        "running mass revocations",
        "SCAN r USING INDEX mass_revocation_running",
    ),
    ("the service certificate", "SCAN n"),
    ("unfinished service certificates", "SCAN s"),
    (
        "taking unfinished orders",
        "SCAN c USING INDEX certificate_unfinished",
    ),
    ("the shards that are due", "SCAN s"),
    ("the certificates of a key", "SCAN s"),
    ("taking submissions", "SCAN s USING INDEX submission_waiting"),
    ("refusing a crowd", "SCAN ranked"),
    ("refusing a crowd", "SCAN (subquery-"),
    (
        "refusing a crowd",
        "SCAN submission USING COVERING INDEX submission_crowd",
    ),
    ("what became of submissions", "SCAN json_each"),
    ("which submissions are there", "SCAN json_each"),
];

#[tokio::test]
async fn what_runs_often_walks_no_table() {
    let directory = tempfile::tempdir().unwrap();
    let mut connection = schema(&directory.path().join("plans.db")).await;
    let mut explained = 0;
    for (name, statement) in looked_up().chain(lists()) {
        for step in plan(statement, &mut connection).await {
            explained += 1;
            // `one` is a row made up on the spot, for outer joins to hang on.
            let walks = step.starts_with("SCAN") && step != "SCAN one" && step != "SCAN CONSTANT ROW";
            let leave = WALKS
                .iter()
                .any(|(whose, walk)| *whose == name && step.starts_with(walk));
            assert!(!walks || leave, "{name}: {step}\n{statement}");
        }
    }
    assert!(explained > 60, "plans were read: {explained} steps");
}

#[tokio::test]
async fn the_keys_of_hot_queries_are_looked_up_by_their_whole_index() {
    let directory = tempfile::tempdir().unwrap();
    let mut connection = schema(&directory.path().join("plans.db")).await;
    let expected = [
        (
            only(&enrollment::ENROLLEE),
            "(organization_id=? AND registration_id=?)",
        ),
        (
            only(&lineage::LINE),
            "(device_id=? AND profile_id=? AND epoch=? AND spki_hash=?)",
        ),
        (operation::OPERATION, "(organization_id=? AND registration_id=?)"),
        (publication::PAGE, "(issuer_id=? AND shard=? AND serial>?)"),
        (
            list::PRUNE_EXPIRED,
            "revocation_by_expiry (issuer_id=? AND shard=? AND not_after<?)",
        ),
        (unfinished::TAKE, "USING INDEX certificate_unfinished"),
    ];
    for (query, wanted) in expected {
        let steps = plan(query, &mut connection).await;
        assert!(
            steps.iter().any(|step| step.contains(wanted)),
            "{wanted} in {steps:#?}"
        );
        assert!(
            !steps.iter().any(|step| step.contains("TEMP B-TREE")),
            "in index order: {steps:#?}"
        );
    }
}

#[tokio::test]
async fn what_is_few_is_found_by_what_it_is_few_of() {
    let directory = tempfile::tempdir().unwrap();
    let mut connection = schema(&directory.path().join("plans.db")).await;
    for (name, statement, by) in found().chain(TRACED) {
        let steps = plan(statement, &mut connection).await;
        let wanted = format!("({by}=?");
        assert!(
            steps.iter().any(|step| step.contains(&wanted)),
            "{name}: {steps:#?}\n{statement}"
        );
    }
}

/// What is read in an order lies in it: nothing is sorted.
#[tokio::test]
async fn a_page_of_a_list_is_read_in_its_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut connection = schema(&directory.path().join("plans.db")).await;
    for (name, statement) in lists().chain(prefixed()) {
        let steps = plan(statement, &mut connection).await;
        assert!(
            !steps.iter().any(|step| step.contains("TEMP B-TREE")),
            "{name}: {steps:#?}"
        );
    }
}

async fn schema(path: &Path) -> Connection {
    let connector = Connector::new(path, std::fs::File::create(path).unwrap());
    let mut connection = connector.connect().await.unwrap();
    migrate(&mut connection).await.unwrap();
    connection
}

async fn plan(statement: &str, connection: &mut Connection) -> Vec<String> {
    let rows: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")))
            .fetch_all(connection)
            .await
            .unwrap();
    rows.into_iter().map(|(_, _, _, step)| step).collect()
}
