// SPDX-License-Identifier: Apache-2.0
//! Asks SQLite how it runs what runs often: by an index, never by walking a table.

use std::path::Path;

use sqlx::AssertSqlSafe;

use super::batch::Script;
use super::connector::Connector;
use super::{
    Connection, account, anchor, attestation, certificate, certificate_list, credential, departure,
    device_list, enrollment, group, individual, intent, journal_list, lineage, list, operation, order,
    order_list, publication, record, revocation, seen_submission, service_certificate, station, strike,
    submission, tree, unfinished, unit,
};
use crate::migrations::migrate;

const QUERIES: [(&str, &str); 39] = [
    ("the certificates of a device", certificate::OF_DEVICE),
    ("a group", group::FIND),
    ("an individual enrollment", individual::FIND),
    ("whether an enrollment may be added", enrollment::NAME_USED),
    ("whether a group may take an anchor", attestation::ANCHOR_USED),
    ("how many anchors there are", anchor::COUNT),
    ("how large the lists of anchors are", anchor::LIST_OCTETS),
    ("whether a certificate is pinned", attestation::PIN_USED),
    ("an operation", operation::OPERATION),
    ("a page of a list", publication::PAGE),
    ("pruning lists", list::PRUNE),
    ("pruning revocations", list::PRUNE_EXPIRED),
    ("the certificates of a key", strike::OF_KEY),
    ("what a device's revocation strikes", strike::OF_DEVICE),
    ("blocking the keys of a device", strike::BLOCK_KEYS_OF),
    ("the service certificate", service_certificate::NEWEST),
    ("unfinished service certificates", service_certificate::UNFINISHED),
    ("taking unfinished orders", unfinished::TAKE),
    ("reading an unfinished order", unfinished::READ),
    ("the shards that are due", publication::DUE),
    ("taking submissions", submission::TAKE),
    ("refusing a crowd", submission::CROWD),
    ("forgetting submissions", submission::FORGET),
    ("what became of submissions", submission::SETTLEMENTS),
    ("a submission by its operation", submission::FILED),
    ("which submissions are there", submission::POSTED),
    ("a device that is let go", departure::RELEASED),
    ("the birth keys of a device that goes", departure::FREE_BIRTH_KEYS),
    ("a certificate, seen", certificate_list::FIND),
    ("an order, seen", order_list::FIND),
    ("the orders of a request", order_list::OF_REQUEST),
    ("the journal of a request", journal_list::TOLD),
    ("the submissions of a request", seen_submission::OF_REQUEST),
    ("a station", station::BY_ID),
    ("how a station stands", station::STANDING),
    ("the rework of a unit", unit::REWORK),
    ("how often those of a name were reworked", unit::REWORKS_BEFORE),
    ("the unit of a key", unit::UNIT_OF_KEY),
    ("the unit of a name", unit::UNIT_OF_NAME),
];

const SCRIPTS: [(&str, &Script); 20] = [
    ("an enrollee", &enrollment::ENROLLEE),
    ("a line", &lineage::LINE),
    ("an order", &order::ORDER),
    ("a first intent", &intent::FIRST),
    ("a further intent", &intent::FURTHER),
    ("a first intent at a station", &intent::FIRST_AT_STATION),
    ("a further intent at a station", &intent::FURTHER_AT_STATION),
    ("a registration", &intent::REGISTER),
    ("a record", &record::RECORD),
    ("a revocation", &revocation::REVOKE),
    ("a reason restated", &revocation::RESTATE),
    ("giving an intent up", &unfinished::ABANDON),
    ("publishing a list", &list::PUBLISH),
    ("a service intent", &service_certificate::INTEND),
    ("a service record", &service_certificate::RECORD),
    ("holding an order", &unfinished::HOLD),
    ("posting a submission", &submission::POST),
    ("posting a submission of a station", &submission::POST_AT_STATION),
    ("holding a submission", &submission::HOLD),
    ("settling a submission", &submission::SETTLE),
];

/// The only walks: all unfinished intents, all waiting submissions, all shards, all certificates of the house itself.
/// They are few.
const WALKS: [(&str, &str); 11] = [
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
    let scripts = SCRIPTS
        .iter()
        .flat_map(|(name, script)| script.statements().map(move |text| (*name, text)));
    let mut explained = 0;
    for (name, statement) in QUERIES.into_iter().chain(lists()).chain(scripts) {
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

/// Every list in every order it can be asked for.
fn lists() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        ("a page of groups", &group::LIST),
        ("a page of individual enrollments", &individual::LIST),
        ("a page of anchors", &anchor::LIST),
    ]
    .into_iter()
    .flat_map(|(name, pages)| pages.all().map(|statement| (name, statement)))
    .chain(lists_in_one_order())
    .chain(walked())
}

/// Those that can be asked for by name or by age alone.
fn lists_in_one_order() -> impl Iterator<Item = (&'static str, &'static str)> {
    let by_name = [
        ("a page of organizations", &tree::ALL),
        ("a page of organizations below one", &tree::BELOW),
        ("a page of accounts", &account::ACCOUNTS),
        ("a page of client certificates", &credential::CERTIFICATES),
    ];
    let by_time = [
        ("a page of assignments", &account::ASSIGNMENTS),
        ("a page of tokens", &credential::TOKENS),
    ];
    let by_name = by_name.map(|(name, pages)| [(name, pages.name), (name, pages.name_falling)]);
    let by_time = by_time.map(|(name, pages)| [(name, pages.time), (name, pages.time_falling)]);
    by_name.into_iter().chain(by_time).flatten()
}

/// Lists that are walked, and how far.
fn walked() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        ("devices by name", &device_list::BY_NAME),
        ("devices by age", &device_list::BY_TIME),
        ("certificates by age", &certificate_list::BY_TIME),
        ("certificates by their ends", &certificate_list::BY_END),
        ("orders by age", &order_list::LIST),
        ("the journal", &journal_list::LIST),
        ("the journal of an object", &journal_list::OF_OBJECT),
    ]
    .into_iter()
    .flat_map(|(name, ways)| ways.all().map(|statement| (name, statement)))
}

/// What is found by something of which there are few, and put in order.
fn found() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    [
        (
            "certificates of a device",
            &certificate_list::FOUND_BY_TIME,
            "device_id",
        ),
        (
            "certificates of a device",
            &certificate_list::FOUND_BY_END,
            "device_id",
        ),
        ("orders of a device", &order_list::OF_DEVICE, "device_id"),
        (
            "the journal of a request",
            &journal_list::OF_REQUEST,
            "request_id",
        ),
    ]
    .into_iter()
    .flat_map(|(name, ways, by)| ways.found().map(|statement| (name, statement, by)))
}

/// The same of names with a prefix, by name: what is beyond the prefix is not read.
fn prefixed() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        ("groups with a prefix", &group::LIST_PREFIXED),
        ("individual enrollments with a prefix", &individual::LIST_PREFIXED),
        ("anchors with a prefix", &anchor::LIST_PREFIXED),
    ]
    .into_iter()
    .flat_map(|(name, pages)| [(name, pages.name), (name, pages.name_falling)])
}

#[tokio::test]
async fn what_is_few_is_found_by_what_it_is_few_of() {
    let directory = tempfile::tempdir().unwrap();
    let mut connection = schema(&directory.path().join("plans.db")).await;
    let traced = [
        ("the orders of a request", order_list::OF_REQUEST, "request_id"),
        ("the journal of a request", journal_list::TOLD, "request_id"),
        (
            "the submissions of a request",
            seen_submission::OF_REQUEST,
            "request_id",
        ),
    ];
    for (name, statement, by) in found().chain(traced) {
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

/// The statement of a question.
fn only(question: &Script) -> &'static str {
    question.statements().next().unwrap()
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
