// SPDX-License-Identifier: Apache-2.0
//! An installation after its database was restored from a backup.

use rustix::process::Signal;
use sqlx::Row as _;
use tamga_tests::patience::eventually;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::customer::Customer;
use crate::installation::{Installation, NAMES};

/// What operators are told to run.
const AFTER_RESTORE: &str = include_str!("../../deploy/after-restore.sql");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restore_serials_and_list_numbers_are_above_all_that_were_given() {
    let mut installation = Installation::new().await;
    let before = Customer::new(installation.device("pump-1")).is_served().await;
    for name in NAMES {
        let program = installation.loses(name);
        program.is_sent(Signal::TERM);
        assert!(program.ends().await.success(), "{name} ends well");
    }
    let mut owner = installation.database.connect().await;
    sqlx::raw_sql(AFTER_RESTORE)
        .execute(&mut owner)
        .await
        .expect("the script runs");
    for name in NAMES {
        installation.starts(name);
    }
    for name in NAMES {
        installation.is_ready(name).await;
    }

    let after = Customer::new(installation.device("pump-2")).is_served().await;
    assert_eq!((epoch(&before.chain[0]), epoch(&after.chain[0])), (0, 1));
    let owner = tokio::sync::Mutex::new(owner);
    eventually(
        "every list has a number above all that may be out there",
        || async {
            let row = sqlx::query("SELECT MIN(published_number) FROM crl_shard")
                .fetch_one(&mut *owner.lock().await)
                .await
                .expect("numbers");
            (row.get::<i64, _>(0) > 1_000_000).then_some(())
        },
    )
    .await;
    installation.is_lawful();
}

/// The second octet of the serial.
fn epoch(der: &[u8]) -> u8 {
    let (_, certificate) = X509Certificate::from_der(der).expect("a certificate");
    certificate.raw_serial()[1]
}
