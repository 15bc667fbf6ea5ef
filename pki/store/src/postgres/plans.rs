// SPDX-License-Identifier: Apache-2.0
//! Asks Postgres how it runs what runs often: by an index, never by walking a table.

use secrecy::SecretString;
use sqlx::AssertSqlSafe;

use super::batch::{Script, highest_bind, question, set};
use super::connector::Connector;
use super::open::{PostgresSettings, options};
use super::schema::migrate;
use super::{
    Connection, account, anchor, approval, attestation, certificate, certificate_list, credential, departure,
    device_list, enrollment, group, individual, intent, issuer, journal_list, lineage, list, mass_revocation,
    operation, order, order_list, profile, publication, record, revocation, seen_submission,
    service_certificate, station, strike, submission, tree, unfinished, unit,
};

const QUERIES: [(&str, &str); 41] = [
    ("certificates to be revoked", mass_revocation::REVOCABLE),
    ("running mass revocations", mass_revocation::RUNNING),
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

/// The only walks: all shards, all certificates of the house itself. They are few.
const WALKS: [(&str, &str); 5] = [
    ("the service certificate", "service_certificate"),
    ("unfinished service certificates", "service_certificate"),
    ("the certificates of a key", "service_certificate"),
    ("the shards that are due", "crl_shard"),
    ("the shards that are due", "issuer"),
];

#[tokio::test]
async fn what_runs_often_walks_no_table() {
    let mut connection = schema().await;
    let scripts = SCRIPTS
        .iter()
        .flat_map(|(name, script)| script.statements().map(move |text| (*name, text)));
    let mut explained = 0;
    for (name, statement) in QUERIES.into_iter().chain(lists()).chain(timed()).chain(scripts) {
        for step in plan(statement, &mut connection).await {
            explained += 1;
            let walked = step.split_once("Seq Scan on ").map(|(_, table)| table);
            let leave = |table: &str| {
                WALKS
                    .iter()
                    .any(|(whose, walk)| *whose == name && table.split(' ').next() == Some(walk))
            };
            assert!(walked.is_none_or(leave), "{name}: {step}\n{statement}");
        }
    }
    assert!(explained > 200, "plans were read: {explained} steps");
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

/// Lists that have no order by name.
fn timed() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        ("a page of approvals", &approval::LIST),
        ("a page of mass revocations", &mass_revocation::LIST),
        ("a page of usable profiles", &profile::USABLE),
        ("a page of usable issuers", &issuer::USABLE),
    ]
    .into_iter()
    .flat_map(|(name, pages)| [(name, pages.time), (name, pages.time_falling)])
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
    let mut connection = schema().await;
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
        let wanted = format!("({by} = ");
        assert!(
            steps.iter().any(|step| step.contains(&wanted)),
            "{name}: {steps:#?}\n{statement}"
        );
    }
}

/// What is read in an order lies in it: nothing is sorted.
#[tokio::test]
async fn a_page_of_a_list_is_read_in_its_order() {
    let mut connection = schema().await;
    for (name, statement) in lists().chain(timed()).chain(prefixed()) {
        let steps = plan(statement, &mut connection).await;
        assert!(
            !steps.iter().any(|step| step.contains("Sort")),
            "{name}: {steps:#?}\n{statement}"
        );
    }
}

#[tokio::test]
async fn the_keys_of_hot_queries_are_looked_up_by_their_whole_index() {
    let mut connection = schema().await;
    let expected = [
        (
            only(&enrollment::ENROLLEE),
            "Index Cond: ((organization_id = $1) AND (registration_id = $2))",
        ),
        (
            only(&lineage::LINE),
            "Index Cond: ((device_id = $1) AND (profile_id = $2) AND (spki_hash = $3))",
        ),
        (
            operation::OPERATION,
            "Index Cond: ((organization_id = $1) AND (registration_id = $2))",
        ),
        (
            publication::PAGE,
            "Index Cond: ((issuer_id = $1) AND (shard = $2) AND (serial > $3))",
        ),
        (list::PRUNE_EXPIRED, "revocation_by_expiry"),
        (unfinished::TAKE, "certificate_unfinished"),
    ];
    for (query, wanted) in expected {
        let steps = plan(query, &mut connection).await;
        assert!(
            steps.iter().any(|step| step.contains(wanted)),
            "{wanted} in {steps:#?}"
        );
    }
}

#[tokio::test]
async fn rows_of_a_batch_are_looked_up_by_their_keys_while_tables_are_small() {
    let mut connection = schema().await;
    let mut explained = 0;
    for (name, script) in SCRIPTS {
        for statement in script.statements() {
            let Some(text) = over_rows(script, statement, &mut connection).await else {
                continue;
            };
            let steps = plan(&text, &mut connection).await;
            explained += steps.len();
            for (at, step) in steps.iter().enumerate() {
                assert!(!step.contains("Seq Scan on "), "{name}: {step}\n{text}");
                let by_index = step.contains("Index Scan using") || step.contains("Index Only Scan using");
                let condition = steps.get(at + 1).is_some_and(|next| next.contains("Index Cond"));
                assert!(!by_index || condition, "{name}: {steps:#?}\n{text}");
            }
        }
    }
    assert!(explained > 200, "plans were read: {explained} steps");
}

/// A statement as it is run for many rows, if it is.
async fn over_rows(script: &Script, statement: &'static str, connection: &mut Connection) -> Option<String> {
    let kinds = kinds(statement, connection).await;
    if statement.contains("/*number*/") {
        let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
        return Some(question::over_rows(statement, &kinds));
    }
    if script.apart.is_empty() {
        return None;
    }
    let mut text = String::new();
    let whole = set::over_rows(statement);
    let mut parts = whole.split("unnest(");
    text += parts.next()?;
    for part in parts {
        let (arrays, rest) = part.split_once(')')?;
        let arrays: Vec<String> = arrays
            .split(", ")
            .map(|name| match name {
                "a0" => format!("${}::bigint[]", kinds.len() + 1),
                "a_before" => format!("${}::bigint[]", kinds.len() + 2),
                bind => {
                    let number: usize = bind.trim_start_matches('a').parse().unwrap();
                    format!("${number}::{}[]", kinds[number - 1])
                }
            })
            .collect();
        text += &format!("unnest({}){rest}", arrays.join(", "));
    }
    Some(text.replace("how_many", &format!("${}::bigint", kinds.len() + 3)))
}

/// The types of the binds of a statement.
async fn kinds(statement: &str, connection: &mut Connection) -> Vec<String> {
    prepare(statement, connection).await;
    let (kinds,): (Vec<String>,) =
        sqlx::query_as("SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'asked'")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    sqlx::raw_sql("DEALLOCATE asked")
        .execute(connection)
        .await
        .unwrap();
    kinds
}

/// The statement of a question.
fn only(question: &Script) -> &'static str {
    question.statements().next().unwrap()
}

/// A database with its schema, and a session as the store's are.
async fn schema() -> Connection {
    let database = tamga_test_postgres::database().await;
    let url = SecretString::from(database.url());
    migrate(&url).await.unwrap();
    let settings = PostgresSettings::new(url);
    let connector = Connector::new(options(&settings.url).unwrap(), &settings);
    connector.connect().await.unwrap()
}

/// The plan for whatever is bound.
async fn plan(statement: &str, connection: &mut Connection) -> Vec<String> {
    let binds = prepare(statement, connection).await;
    let nulls = vec!["NULL"; binds].join(", ");
    let call = if binds == 0 {
        String::new()
    } else {
        format!("({nulls})")
    };
    let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(format!("EXPLAIN EXECUTE asked{call}")))
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    sqlx::raw_sql("DEALLOCATE asked")
        .execute(connection)
        .await
        .unwrap();
    rows.into_iter().map(|(step,)| step).collect()
}

/// Prepares a statement. How many binds it takes.
async fn prepare(statement: &str, connection: &mut Connection) -> usize {
    let binds = highest_bind(statement);
    // The types of binds follow from where they stand; one that stands nowhere may have any.
    let mut types = vec!["unknown"; binds];
    loop {
        let types_of_all = if binds == 0 {
            String::new()
        } else {
            format!("({})", types.join(", "))
        };
        let text = format!("PREPARE asked{types_of_all} AS {statement}");
        let Err(error) = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *connection).await else {
            break;
        };
        let error = error.into_database_error().unwrap();
        let undetermined = error
            .message()
            .strip_prefix("could not determine data type of parameter $")
            .and_then(|number| number.parse::<usize>().ok());
        let Some(number) = undetermined else {
            panic!("{error}\n{statement}")
        };
        types[number - 1] = "bytea";
    }
    binds
}
