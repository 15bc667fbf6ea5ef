// SPDX-License-Identifier: Apache-2.0
//! Programs that end in the middle of things: every device that asks again ends with exactly one certificate.

use std::time::Duration;

use futures::future::join_all;
use rustix::process::Signal;
use sqlx::Row as _;

use crate::customer::{Customer, Served};
use crate::installation::Installation;

/// Devices that are served at the same time, in waves.
const WAVE: usize = 12;

/// One wave of new devices, each asking until it is served.
async fn wave(installation: &Installation, name: &str) -> Vec<(String, Served)> {
    let devices = (0..WAVE).map(|at| format!("{name}-{at}"));
    let served = devices.map(|id| async {
        let served = Customer::new(installation.device(&id)).is_served().await;
        (id, served)
    });
    join_all(served).await
}

/// Whoever was served is known by exactly one certificate, and it is the one that was handed out.
async fn each_has_one(installation: &Installation, waves: &[Vec<(String, Served)>]) {
    let mut connection = installation.database.connect().await;
    for (id, served) in waves.iter().flatten() {
        let rows = sqlx::query(
            "SELECT c.der FROM certificate c JOIN device d ON d.id = c.device_id WHERE d.registration_id = $1",
        )
        .bind(id)
        .fetch_all(&mut connection)
        .await
        .expect("the tables can be read");
        assert_eq!(rows.len(), 1, "{id} has exactly one certificate");
        let recorded: Option<Vec<u8>> = rows[0].get(0);
        assert_eq!(
            recorded.as_ref(),
            served.chain.first(),
            "{id} was handed the recorded one"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_and_a_signer_that_are_asked_to_end_refuse_nobody() {
    let mut installation = Installation::new().await;
    let gateway = installation.loses("gateway-1");
    let signer = installation.loses("signer-1");
    let (during, ()) = tokio::join!(wave(&installation, "during"), async {
        gateway.is_sent(Signal::TERM);
        signer.is_sent(Signal::TERM);
    });
    assert!(
        gateway.ends().await.success(),
        "a gateway that was asked to end ends well"
    );
    assert!(
        signer.ends().await.success(),
        "a signer that was asked to end ends well"
    );
    let after = wave(&installation, "after").await;
    for (id, served) in during.iter().chain(&after) {
        assert!(served.refused.is_empty(), "{id} was told {:?}", served.refused);
    }
    each_has_one(&installation, &[during, after]).await;
    installation.is_lawful();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_take_over_from_a_gateway_and_a_signer_that_are_killed() {
    let mut installation = Installation::new().await;
    let before = wave(&installation, "before").await;
    let gateway = installation.loses("gateway-2");
    let signer = installation.loses("signer-2");
    let (during, ()) = tokio::join!(wave(&installation, "during"), async {
        gateway.is_sent(Signal::KILL);
        signer.is_sent(Signal::KILL);
    });
    gateway.ends().await;
    signer.ends().await;
    for (id, served) in &during {
        assert!(served.took < TAKEN_OVER, "{id} waited {:?}", served.took);
        assert!(served.refused.is_empty(), "{id} was told {:?}", served.refused);
    }
    installation.starts("gateway-2");
    installation.starts("signer-2");
    installation.is_ready("gateway-2").await;
    let after = wave(&installation, "after").await;
    each_has_one(&installation, &[before, during, after]).await;
    installation.is_lawful();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_restarts_costs_nobody_a_certificate() {
    let installation = Installation::new().await;
    let before = wave(&installation, "before").await;
    let (during, ()) = tokio::join!(wave(&installation, "during"), async {
        installation.cluster.stop_at_once();
        installation.cluster.start_again();
    });
    for name in [
        "gateway-1",
        "gateway-2",
        "signer-1",
        "signer-2",
        "status",
        "admin",
    ] {
        installation.is_ready(name).await;
    }
    let after = wave(&installation, "after").await;
    each_has_one(&installation, &[before, during, after]).await;
    installation.is_lawful();
}

/// What operators are promised, and as much again for a machine that is busy with other tests.
const TAKEN_OVER: Duration = Duration::from_secs(10);
