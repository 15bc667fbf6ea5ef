// SPDX-License-Identifier: Apache-2.0
//! Stories of a work that can run only once.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn a_work_that_ends_early_is_the_end_of_the_process() {
    let (stop, lost) = (CancellationToken::new(), CancellationToken::new());
    let work = until_stopped("hand", async {}, &stop, (&lost, &Readiness::default()));
    tokio::time::timeout(Duration::from_secs(5), lost.cancelled())
        .await
        .expect("lost");
    work.await.expect("ends");
}

#[tokio::test]
async fn a_work_that_panics_is_the_end_of_the_process() {
    let (stop, lost) = (CancellationToken::new(), CancellationToken::new());
    let panics = async { panic!("on purpose") };
    until_stopped("hand", panics, &stop, (&lost, &Readiness::default()))
        .await
        .expect("caught");
    assert!(lost.is_cancelled());
}

#[tokio::test]
async fn a_work_that_is_stopped_ends_in_peace() {
    let (stop, lost) = (CancellationToken::new(), CancellationToken::new());
    let asked = stop.clone();
    let work = until_stopped(
        "hand",
        async move { asked.cancelled().await },
        &stop,
        (&lost, &Readiness::default()),
    );
    stop.cancel();
    work.await.expect("ends");
    assert!(!lost.is_cancelled());
}
