// SPDX-License-Identifier: Apache-2.0
//! `tamga enrollment import`: individual enrollments from a table, resumable, each row with its result.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use futures::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::arguments::{Admin, AdminArguments};
use super::show::{Columns, say, table};
use super::verb::POST;
use crate::admin::{AdminPlane, Answer, Call};
use crate::exit::{End, Failure};
use crate::results::{DONE, Results, digest_of};
use crate::rows::{Row, read_rows};

/// What is done with many individual enrollments at once.
#[derive(Debug, Subcommand)]
pub(crate) enum Enrollment {
    /// Create individual enrollments from a CSV or JSON file, with a result for each row
    Import(Box<Import>),
}

/// Create individual enrollments from a file.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Import {
    /// The table: .csv with a heading, .json with an array, or .jsonl with an object a line
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Judge every row, and create nothing
    #[arg(long)]
    dry_run: bool,
    /// Where to keep what became of each row, mode 0600 [default: the table's name with .results.jsonl]
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    #[command(flatten)]
    admin: AdminArguments,
}

/// What became of all rows.
#[derive(Default)]
struct Tally {
    created: usize,
    before: usize,
    refused: Vec<Value>,
}

impl Enrollment {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let Self::Import(import) = self;
        import.run().await
    }
}

impl Import {
    async fn run(self) -> Result<(), Failure> {
        let rows = read_rows(&self.file)?;
        let (good, bad) = judged(rows);
        let admin = self.admin.admin().await?;
        if self.dry_run || !bad.is_empty() {
            return told_before(&admin, good.len(), &bad);
        }
        let path = self.results.clone().unwrap_or_else(|| beside(&self.file));
        let mut results = Results::open(&path)?;
        let tally = create_all(&admin, good, &mut results).await?;
        tally.tell(&admin, &path)
    }
}

/// Parts rows that make sense from those that do not; one name makes sense once.
fn judged(rows: Vec<Row>) -> (Vec<Row>, Vec<Value>) {
    let (mut good, mut bad, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for row in rows {
        let fault = match &row.fault {
            Some(fault) => Some(fault.clone()),
            None if !seen.insert(row.name.to_lowercase()) => {
                Some("this registration id stands in an earlier row: give each device one row".to_owned())
            }
            None => None,
        };
        match fault {
            None => good.push(row),
            Some(fault) => bad.push(json!({ "row": row.number, "name": row.name, "detail": fault })),
        }
    }
    (good, bad)
}

/// Nothing was created: what would be, and what could not.
fn told_before(admin: &Admin, good: usize, bad: &[Value]) -> Result<(), Failure> {
    let report = json!({ "created": 0, "wouldCreate": good, "refused": bad });
    if !admin.output().told(&report) {
        if !bad.is_empty() {
            table(bad, REFUSED);
        }
        say(&format!(
            "{good} rows make sense, {} do not; nothing was created",
            bad.len()
        ));
    }
    match bad.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(End::Usage, "mend the rows named, and try again")),
    }
}

async fn create_all(admin: &Admin, rows: Vec<Row>, results: &mut Results) -> Result<Tally, Failure> {
    let bar = progress(rows.len());
    let mut tally = Tally::default();
    let organization = admin.organization().as_str();
    let mut open = Vec::new();
    for row in rows {
        let body = row.body.to_string();
        let digest = digest_of(&[organization.as_bytes(), body.as_bytes()]);
        if results.is_done(&row.name, &digest) {
            tally.before += 1;
            bar.inc(1);
        } else {
            open.push((row, digest));
        }
    }
    let plane = admin.plane();
    let mut answers = futures::stream::iter(open)
        .map(|(row, digest)| async move {
            let answer = create(plane, &row, &digest).await;
            (row, digest, answer)
        })
        .buffered(AT_ONCE);
    while let Some((row, digest, answer)) = answers.next().await {
        let answer = answer.map_err(|failure| cut(&failure, &tally))?;
        let mut result = json!({ "row": row.number, "name": row.name, "digest": digest });
        match answer {
            Answer::Done(made) => {
                result["outcome"] = json!(DONE);
                result["enrollment"] = made;
                tally.created += 1;
            }
            // Every other row would be answered alike.
            Answer::Refused(status, problem) if [401, 403, 404].contains(&status.as_u16()) => {
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

async fn create(plane: &AdminPlane, row: &Row, digest: &str) -> Result<Answer, Failure> {
    let mut call = Call::new(POST, plane.below(&["enrollments"])).saying(&row.body);
    // Cut between the act and its result, the row is answered as it was the first time, keys and all.
    call.headers.push(("Idempotency-Key", format!("import-{digest}")));
    plane.ask(call).await
}

fn cut(failure: &Failure, tally: &Tally) -> Failure {
    let sentence = format!(
        "{failure}; {} rows were done before that: run it again, and it goes on from there",
        tally.created + tally.before
    );
    Failure::new(failure.end(), sentence)
}

impl Tally {
    fn tell(&self, admin: &Admin, path: &Path) -> Result<(), Failure> {
        let report = json!({
            "created": self.created,
            "createdBefore": self.before,
            "refused": self.refused,
            "results": path,
        });
        if !admin.output().told(&report) {
            if !self.refused.is_empty() {
                table(&self.refused, REFUSED);
            }
            let (created, before, refused) = (self.created, self.before, self.refused.len());
            say(&format!(
                "{created} created, {before} were created before, {refused} refused"
            ));
            say(&format!(
                "what became of each row, keys that were made included, is in {}",
                path.display()
            ));
        }
        if self.refused.is_empty() {
            return Ok(());
        }
        let end = match self.created + self.before {
            0 => End::Refused,
            _ => End::Partial,
        };
        let sentence = "some rows were refused, each with its reason: mend them, and run it again; what is done is not done twice";
        Err(Failure::new(end, sentence))
    }
}

/// A bar on a terminal, and nothing elsewhere.
fn progress(rows: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(rows).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".results.jsonl");
    PathBuf::from(name)
}

const AT_ONCE: usize = 8;
const REFUSED: &Columns = &[
    ("ROW", "/row"),
    ("REGISTRATION ID", "/name"),
    ("CODE", "/code"),
    ("WHAT TO DO", "/detail"),
    ("TRACKING ID", "/trackingId"),
];

const EXAMPLES: &str = "\
Examples:
  tamga enrollment import --file pumps.csv --dry-run
  tamga enrollment import --file pumps.csv
  tamga enrollment import --file pumps.json --organization plant --output json

The columns of a CSV: registrationId, and any of certificate and secondaryCertificate (files, PEM or DER, seen from the table), primaryKey and
secondaryKey (base64; the table must have mode 0600 then), profile, issuer, rekey, rekeysPerDay, assignedHub. The objects of a JSON file are
those of the admin plane's own createEnrollment. Without key or certificate a device's keys are made, and stand in the file of results.

Run again, it goes on: rows that are done are skipped, and a row whose answer was lost is answered as it was. While a row makes no sense
nothing is created. Exit codes: 0 every row is done, 2 a row makes no sense, 3 all refused, 4 nobody answers, 6 some refused.";
