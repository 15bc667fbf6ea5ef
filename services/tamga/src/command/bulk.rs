// SPDX-License-Identifier: Apache-2.0
//! Many calls of one kind, several at a time: each with its result kept, a bar for people, and an end scripts can read.

use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::arguments::Admin;
use super::show::{Columns, say, table};
use crate::admin::{AdminPlane, Answer, Call};
use crate::exit::{End, Failure};
use crate::results::{DONE, Results};

/// One of many calls.
pub(super) struct Job {
    /// The row it is for.
    pub(super) number: usize,
    /// The name of the row.
    pub(super) name: String,
    /// What stands for all it asks for.
    pub(super) digest: String,
    /// What is asked.
    pub(super) call: Call,
}

/// What became of all rows.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Done now.
    pub(super) done: usize,
    /// Done by an earlier run.
    pub(super) before: usize,
    /// Refused, with their reasons.
    pub(super) refused: Vec<Value>,
}

/// Makes the calls that are not done yet; `keep` has what each answered before it counts as done.
pub(super) async fn perform_all(
    admin: &Admin,
    jobs: Vec<Job>,
    results: &mut Results,
    mut keep: impl FnMut(&Job, Value) -> Result<Value, Failure>,
) -> Result<Tally, Failure> {
    let bar = progress(jobs.len());
    let mut tally = Tally::default();
    let is_done = |job: &Job| results.is_done(&job.name, &job.digest);
    let (done, open): (Vec<_>, Vec<_>) = jobs.into_iter().partition(is_done);
    tally.before = done.len();
    bar.inc(u64::try_from(done.len()).unwrap_or(0));
    let plane = admin.plane();
    let mut answers = futures::stream::iter(open)
        .map(|job| async move {
            let answer = ask(plane, &job.call).await;
            (job, answer)
        })
        .buffered(AT_ONCE);
    while let Some((job, answer)) = answers.next().await {
        let answer = answer.map_err(|failure| cut(&failure, &tally))?;
        let mut result = json!({ "row": job.number, "name": job.name, "digest": job.digest });
        match answer {
            Answer::Done(value, _) => {
                let kept = keep(&job, value)?;
                result["outcome"] = json!(DONE);
                result["answer"] = kept;
                tally.done += 1;
            }
            // Every other row would be answered alike.
            Answer::Refused(status, problem) if ALIKE.contains(&status.as_u16()) => {
                return Err(problem.failure(status));
            }
            Answer::Refused(_, problem) => {
                result["outcome"] = json!("refused");
                result["code"] = json!(problem.code);
                result["detail"] = json!(problem.detail);
                result["trackingId"] = json!(problem.tracking_id);
                tally.refused.push(result.clone());
            }
        }
        results.keep(&result)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(tally)
}

/// Asks, and asks again while the answer is on its way.
async fn ask(plane: &AdminPlane, call: &Call) -> Result<Answer, Failure> {
    for _ in 0..PATIENCE {
        let answer = plane.ask(call.clone()).await?;
        let waits = matches!(&answer, Answer::Done(value, _) if value["state"] == "pending");
        if !waits {
            return Ok(answer);
        }
        tokio::time::sleep(PAUSE).await;
    }
    let sentence = "the service takes long: certificates it was asked for are on their way";
    Err(Failure::new(End::Unreachable, sentence))
}

fn cut(failure: &Failure, tally: &Tally) -> Failure {
    let done = tally.done.saturating_add(tally.before);
    let sentence =
        format!("{failure}; {done} rows were done before that: run it again, and it goes on from there");
    Failure::new(failure.end(), sentence)
}

impl Tally {
    /// Tells what became of the rows, and ends accordingly.
    pub(super) fn tell(&self, admin: &Admin, results: &Path, word: &str) -> Result<(), Failure> {
        let report = json!({
            "done": self.done,
            "doneBefore": self.before,
            "refused": self.refused,
            "results": results,
        });
        if !admin.output().told(&report) {
            if !self.refused.is_empty() {
                table(&self.refused, REFUSED);
            }
            let (done, before, refused) = (self.done, self.before, self.refused.len());
            say(&format!(
                "{done} {word}, {before} were {word} before, {refused} refused"
            ));
            say(&format!("what became of each row is in {}", results.display()));
        }
        if self.refused.is_empty() {
            return Ok(());
        }
        let end = match self.done.saturating_add(self.before) {
            0 => End::Refused,
            _ => End::Partial,
        };
        let sentence = "some rows were refused, each with its reason: mend them, and run it again; what is done is not done twice";
        Err(Failure::new(end, sentence))
    }
}

/// Nothing was asked: how many rows make sense, and which do not.
pub(super) fn judged(admin: &Admin, good: usize, bad: &[Value]) -> Result<(), Failure> {
    let report = json!({ "done": 0, "wouldDo": good, "refused": bad });
    if !admin.output().told(&report) {
        if !bad.is_empty() {
            table(bad, REFUSED);
        }
        say(&format!(
            "{good} rows make sense, {} do not; nothing was done",
            bad.len()
        ));
    }
    match bad.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(End::Usage, "mend the rows named, and try again")),
    }
}

/// A bar on a terminal, and nothing elsewhere.
pub(super) fn progress(rows: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(rows).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// Unauthenticated, forbidden, no such organization: what one row is told, all would be told.
const ALIKE: [u16; 3] = [401, 403, 404];
const AT_ONCE: usize = 8;
const PATIENCE: usize = 30;
const PAUSE: Duration = Duration::from_secs(1);
const REFUSED: &Columns = &[
    ("ROW", "/row"),
    ("NAME", "/name"),
    ("CODE", "/code"),
    ("WHAT TO DO", "/detail"),
    ("TRACKING ID", "/trackingId"),
];
