// SPDX-License-Identifier: Apache-2.0
//! Stories of a duty that fails, panics, hangs and recovers.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::duty::{Ailment, Wake};

/// Does in each round what its script says, and the last line for ever.
struct Scripted {
    rounds: AtomicU32,
    script: Vec<Line>,
    period: Duration,
    woken: Arc<Notify>,
}

#[derive(Clone, Copy)]
enum Line {
    Well,
    Fails,
    Panics,
    Hangs,
}

#[async_trait]
impl Duty for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn period(&self) -> Duration {
        self.period
    }

    fn woken(&self) -> Wake {
        let woken = self.woken.clone();
        Box::pin(async move { woken.notified().await })
    }

    async fn perform(&self) -> Result<(), Ailment> {
        let round = self.rounds.fetch_add(1, Ordering::SeqCst) as usize;
        match self.script[round.min(self.script.len() - 1)] {
            Line::Well => Ok(()),
            Line::Fails => Err("the script says so".into()),
            Line::Panics => panic!("the script says so"),
            Line::Hangs => std::future::pending().await,
        }
    }
}

struct Stage {
    duty: Arc<Scripted>,
    health: Health,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Stage {
    /// Rests for an hour between two rounds unless it fails or is woken.
    fn set(script: &[Line], silence: Duration) -> Self {
        let duty = Arc::new(Scripted {
            rounds: AtomicU32::new(0),
            script: script.to_vec(),
            period: Duration::from_secs(3600),
            woken: Arc::new(Notify::new()),
        });
        let (health, stop) = (Health::new(silence), CancellationToken::new());
        let task = tokio::spawn(supervise(duty.clone(), health.clone(), stop.clone()));
        Self {
            duty,
            health,
            stop,
            task,
        }
    }

    fn rounds(&self) -> u32 {
        self.duty.rounds.load(Ordering::SeqCst)
    }

    async fn until(&self, what: &str, reached: impl Fn(&Self) -> bool) {
        let mut looks = tokio::time::interval(Duration::from_millis(2));
        let looking = async {
            while !reached(self) {
                looks.tick().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), looking)
            .await
            .expect(what);
    }
}

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_failing_duty_is_red_until_it_is_well_again() {
    let stage = Stage::set(&[Line::Fails, Line::Fails, Line::Well], LONG);
    stage
        .until("it turns red", |stage| {
            stage
                .health
                .check()
                .is_err_and(|ailment| !ailment.contains("first round"))
        })
        .await;
    assert!(stage.health.check().unwrap_err().contains("the script says so"));
    stage
        .until("it recovers", |stage| stage.health.check().is_ok())
        .await;
    assert_eq!(stage.rounds(), 3);
}

#[tokio::test]
async fn a_panic_does_not_end_a_duty() {
    let stage = Stage::set(&[Line::Panics, Line::Well], LONG);
    stage
        .until("it turns red", |stage| {
            stage
                .health
                .check()
                .is_err_and(|ailment| !ailment.contains("first round"))
        })
        .await;
    assert!(stage.health.check().unwrap_err().contains("panicked"));
    stage
        .until("it recovers", |stage| stage.health.check().is_ok())
        .await;
    assert_eq!(stage.rounds(), 2);
}

#[tokio::test]
async fn a_hanging_duty_turns_red_by_its_silence() {
    let stage = Stage::set(&[Line::Hangs], Duration::from_millis(50));
    stage
        .until("it turns red", |stage| {
            stage
                .health
                .check()
                .is_err_and(|ailment| !ailment.contains("first round"))
        })
        .await;
    assert!(stage.health.check().unwrap_err().contains("has not come round"));
}

#[tokio::test]
async fn a_hint_wakes_a_well_duty_and_a_stop_ends_it() {
    let stage = Stage::set(&[Line::Well], LONG);
    stage.until("its first round", |stage| stage.rounds() == 1).await;
    stage.duty.woken.notify_one();
    stage.until("it is woken", |stage| stage.rounds() == 2).await;
    stage.stop.cancel();
    stage.task.await.expect("ends");
    assert_eq!(stage.duty.rounds.load(Ordering::SeqCst), 2);
}

#[test]
fn failures_are_retried_more_and_more_slowly() {
    let period = Duration::from_secs(1);
    let rests: Vec<u128> = (0..9)
        .map(|failures| rest_after(period, failures).as_millis())
        .collect();
    assert_eq!(
        rests,
        [1_000, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000]
    );
    assert_eq!(rest_after(period, u32::MAX), LONGEST_REST);
    assert_eq!(silence_of(Duration::from_secs(30)), Duration::from_secs(120));
}

#[tokio::test]
async fn a_duty_is_not_well_before_its_first_round_is_over() {
    let health = Health::new(Duration::from_secs(60));
    assert!(health.check().unwrap_err().contains("first round"));
    health.beat();
    health.come_round().await;
    assert_eq!(health.check(), Ok(()));
}
