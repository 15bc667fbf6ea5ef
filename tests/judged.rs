// SPDX-License-Identifier: Apache-2.0
//! Stories of `tamga verify`: beside the service, over what it left, over damage, and where there is nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use crate::served::{Stage, told};

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", told(output)))
}

/// Writes past the service, which has ended.
fn write(data: &Path, statement: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let database = format!("sqlite://{}", data.join("tamga.db").display());
        let mut database = SqliteConnection::connect(&database).await.expect("opens");
        let statement = AssertSqlSafe(statement.to_owned());
        let done = sqlx::query(statement)
            .execute(&mut database)
            .await
            .expect("writes");
        assert!(done.rows_affected() > 0);
        database.close().await.expect("closes");
    });
}

#[test]
fn a_service_is_judged_while_it_serves_and_after_it_has_ended() {
    let stage = Stage::at([127, 85, 0, 1]);
    let served = stage.serve();
    let beside = stage.tamga(&["verify", "--output", "json"]);
    assert_eq!(beside.status.code(), Some(0), "{}", told(&beside));
    let found = report(&beside);
    assert_eq!(found["clean"], true, "{found}");
    let looked = &found["looked"];
    assert_eq!(looked["authorities"], 4, "{found}");
    // The service's own, and the simulated device's.
    assert_eq!(
        (&looked["certificates"], &looked["requests"]),
        (&2.into(), &1.into())
    );
    let group = stage.tamga(&["group", "create", "line-7", "--keys-file", "line-7.json"]);
    assert!(
        group.status.success(),
        "nobody was kept from writing: {}",
        told(&group)
    );
    let (status, log) = served.end();
    assert!(status.success() && !log.contains("ERROR"), "{log}");
    let after = stage.tamga(&["verify"]);
    assert_eq!(after.status.code(), Some(0), "{}", told(&after));
    assert!(told(&after).contains("nothing was found"), "{}", told(&after));
    assert!(stage.serve().end().0.success(), "and it starts as ever");
}

#[test]
fn a_breach_ends_with_one_and_is_told_to_people_and_to_scripts() {
    let stage = Stage::at([127, 85, 0, 2]);
    assert!(stage.serve().end().0.success());
    let breach = "UPDATE certificate SET not_after = not_after + 1000000 WHERE device_id IS NOT NULL";
    write(&stage.data(), breach);
    let table = stage.tamga(&["verify"]);
    assert_eq!(table.status.code(), Some(1), "{}", told(&table));
    for word in [
        "I-39",
        "certificate_columns",
        "crt_",
        "last second differs",
        "breaches found: 1",
    ] {
        assert!(told(&table).contains(word), "{word} in {}", told(&table));
    }
    let json = stage.tamga(&["verify", "--output", "json"]);
    assert_eq!(json.status.code(), Some(1));
    let found = report(&json);
    assert_eq!(found["clean"], false);
    assert_eq!(found["findings"][0]["law"], "certificate_columns", "{found}");
    let without = stage.tamga(&["verify", "--without", "I-39"]);
    assert_eq!(without.status.code(), Some(0), "{}", told(&without));
    let mistyped = stage.tamga(&["verify", "--without", "I-99"]);
    assert_eq!(mistyped.status.code(), Some(2), "{}", told(&mistyped));
}

#[test]
fn what_cannot_be_judged_is_not_said_to_be_well() {
    let stage = Stage::at([127, 85, 0, 3]);
    let nothing = stage.tamga(&["verify"]);
    assert_eq!(nothing.status.code(), Some(2), "{}", told(&nothing));
    assert!(
        told(&nothing).contains("there is no database at"),
        "{}",
        told(&nothing)
    );
    let directory = stage.home().join("empty");
    fs::create_dir(&directory).expect("a directory");
    let database = directory.join("tamga.db");
    fs::write(&database, "").expect("a file");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).expect("a mode");
    let empty = stage.tamga(&["verify", "--data", "empty"]);
    assert_eq!(empty.status.code(), Some(1), "{}", told(&empty));
    assert!(told(&empty).contains("schema version 0"), "{}", told(&empty));
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).expect("a mode");
    let open = stage.tamga(&["verify", "--data", "empty"]);
    assert!(told(&open).contains("chmod 600"), "{}", told(&open));
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).expect("a mode");
    fs::write(
        &database,
        "these are no rows, and never were; a page of something else altogether",
    )
    .expect("a file");
    let foreign = stage.tamga(&["verify", "--data", "empty"]);
    assert_eq!(foreign.status.code(), Some(1), "{}", told(&foreign));
}
