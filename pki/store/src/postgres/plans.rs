// SPDX-License-Identifier: Apache-2.0
//! Asks Postgres how it runs what runs often: by an index, never by walking a table.

use secrecy::SecretString;
use sqlx::AssertSqlSafe;

use super::batch::{Script, highest_bind, question, set};
use super::connector::Connector;
use super::often::{SCRIPTS, TRACED, found, lists, looked_up, only, prefixed};
use super::open::{PostgresSettings, options};
use super::schema::migrate;
use super::{Connection, enrollment, lineage, list, operation, publication, submission, unfinished};

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
    let mut explained = 0;
    for (name, statement) in looked_up().chain(lists()) {
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

#[tokio::test]
async fn what_is_few_is_found_by_what_it_is_few_of() {
    let mut connection = schema().await;
    for (name, statement, by) in found().chain(TRACED) {
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
    for (name, statement) in lists().chain(prefixed()) {
        let steps = plan(statement, &mut connection).await;
        assert!(
            !steps.iter().any(|step| step.contains("Sort")),
            "{name}: {steps:#?}\n{statement}"
        );
    }
}

/// A helper takes some 20 ms to start: more than a page may cost, on which a planner that counts rows does not count.
#[tokio::test]
async fn a_session_reads_without_helpers() {
    let mut connection = schema().await;
    let (helpers,): (String,) = sqlx::query_as("SHOW max_parallel_workers_per_gather")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(helpers, "0");
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

/// A plan is made while tables are small, when one index seems as good as another. What is looked up must not be looked for
/// among all rows of its organization when they have grown.
#[tokio::test]
async fn what_only_lists_are_read_by_finds_no_row_while_tables_are_small() {
    let mut connection = schema().await;
    let mut statements: Vec<(&str, String)> = looked_up()
        .map(|(name, statement)| (name, statement.to_owned()))
        .collect();
    for (name, script) in SCRIPTS {
        for statement in script.statements() {
            let text = over_rows(script, statement, &mut connection).await;
            statements.extend(text.map(|text| (name, text)));
        }
    }
    statements.retain(|(name, _)| OF_ENROLLMENTS.contains(name));
    assert!(
        statements.len() > OF_ENROLLMENTS.len(),
        "one of them also over rows"
    );
    for (name, statement) in statements {
        for step in plan(&statement, &mut connection).await {
            let misled = OF_LISTS.iter().any(|index| step.contains(index));
            assert!(!misled, "{name}: {step}\n{statement}");
        }
    }
}

/// Who looks for one enrollment or device by its name.
const OF_ENROLLMENTS: [&str; 4] = [
    "a group",
    "an individual enrollment",
    "whether an enrollment may be added",
    "an enrollee",
];

const OF_LISTS: [&str; 3] = [
    "enrollment_group_by_age",
    "individual_enrollment_by_age",
    "device_by_age",
];

/// What waits for an organization is counted once for all submissions of a batch.
#[tokio::test]
async fn what_waits_is_counted_once_for_a_batch() {
    let mut connection = schema().await;
    for script in [&submission::POST, &submission::POST_AT_STATION] {
        let text = over_rows(script, only(script), &mut connection).await.unwrap();
        let steps = plan(&text, &mut connection).await;
        let at = |wanted: &str| steps.iter().position(|step| step.contains(wanted));
        let (counted, rows) = (at("using submission_crowd"), at("CTE Scan on once"));
        assert!(at("CTE once") < counted && counted < rows, "{steps:#?}");
        let counts = steps
            .iter()
            .filter(|step| step.contains("submission_crowd"))
            .count();
        assert_eq!(counts, 1, "{steps:#?}");
    }
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
