// SPDX-License-Identifier: Apache-2.0
//! Stories of a damaged installation: it does not start, says why, and signs nothing.

use std::fs;

use sqlx::{Connection, SqliteConnection};

use crate::served::{Stage, told};

/// A stage whose service was set up and has ended.
fn ended(address: [u8; 4]) -> Stage {
    let stage = Stage::at(address);
    assert!(stage.serve().end().0.success());
    stage
}

fn refused(stage: &Stage) -> String {
    let output = stage.tamga(&["dev"]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    told(&output)
}

#[test]
fn a_lost_root_key_is_never_replaced() {
    let stage = ended([127, 83, 0, 1]);
    let file = stage.data().join("secrets/issuer_keys.key");
    fs::remove_file(&file).expect("removed");
    assert!(refused(&stage).contains("issuer_keys.key does not exist"));
    assert!(!file.exists());
}

#[test]
fn the_root_key_of_another_installation_opens_nothing() {
    let (stage, other) = (ended([127, 83, 0, 2]), ended([127, 83, 0, 3]));
    let key = "secrets/issuer_keys.key";
    fs::copy(other.data().join(key), stage.data().join(key)).expect("copied");
    let said = refused(&stage);
    assert!(
        said.contains("does not open") && said.contains("secrets/"),
        "{said}"
    );
}

#[test]
fn a_key_that_is_not_its_issuers_signs_nothing() {
    let stage = ended([127, 83, 0, 4]);
    let swap = "UPDATE issuer SET key_uri = (SELECT other.key_uri FROM issuer other WHERE other.role = 'server') \
                WHERE role = 'device'";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let database = format!("sqlite://{}", stage.data().join("tamga.db").display());
        let mut database = SqliteConnection::connect(&database).await.expect("opens");
        let done = sqlx::query(swap).execute(&mut database).await.expect("updates");
        assert_eq!(done.rows_affected(), 1);
        database.close().await.expect("closes");
    });
    let said = refused(&stage);
    assert!(
        said.contains("is not the one in the certificate of issuer device-issuer"),
        "{said}"
    );
    assert!(said.contains("nothing is signed"), "{said}");
}

#[test]
fn lost_group_keys_are_never_replaced_by_wrong_ones() {
    let stage = ended([127, 83, 0, 5]);
    let file = stage.data().join("simulators.json");
    fs::remove_file(&file).expect("removed");
    let said = refused(&stage);
    assert!(said.contains("simulators.json, is gone"), "{said}");
    assert!(!file.exists());
}
