// SPDX-License-Identifier: Apache-2.0
//! Stories of a work that can run only once.

use std::time::Duration;

use super::*;

/// The tokens around one work.
#[derive(Default)]
struct Tokens {
    stop: CancellationToken,
    lost: CancellationToken,
    leaving: CancellationToken,
}

impl Tokens {
    fn begin(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let surroundings = Surroundings {
            readiness: &Readiness::default(),
            leaving: &self.leaving,
            lost: &self.lost,
        };
        let work = Work {
            name: "hand",
            run: Box::new(|_| Box::pin(work)),
        };
        surroundings.begin(work, &self.stop)
    }
}

#[tokio::test]
async fn a_work_that_ends_early_is_the_end_of_the_process() {
    let tokens = Tokens::default();
    let work = tokens.begin(async {});
    tokio::time::timeout(Duration::from_secs(5), tokens.lost.cancelled())
        .await
        .expect("lost");
    work.await.expect("ends");
}

#[tokio::test]
async fn a_work_that_panics_is_the_end_of_the_process_even_while_leaving() {
    let tokens = Tokens::default();
    tokens.leaving.cancel();
    tokens
        .begin(async { panic!("on purpose") })
        .await
        .expect("caught");
    assert!(tokens.lost.is_cancelled());
}

#[tokio::test]
async fn a_work_that_is_stopped_ends_in_peace() {
    let tokens = Tokens::default();
    let asked = tokens.stop.clone();
    let work = tokens.begin(async move { asked.cancelled().await });
    tokens.stop.cancel();
    work.await.expect("ends");
    assert!(!tokens.lost.is_cancelled());
}

#[tokio::test]
async fn a_work_that_nobody_asks_any_more_ends_in_peace_once_the_doors_close() {
    let tokens = Tokens::default();
    tokens.leaving.cancel();
    tokens.begin(async {}).await.expect("ends");
    assert!(!tokens.lost.is_cancelled());
}
