// SPDX-License-Identifier: Apache-2.0
//! `tamga enrollment import`: individual enrollments from a table, resumable, each row with its result.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::arguments::AdminArguments;
use super::bulk::{self, Job};
use super::verb::POST;
use crate::admin::{AdminPlane, Call};
use crate::exit::Failure;
use crate::results::{Results, digest_of};
use crate::rows::{ENROLLMENTS, Row, read_rows};

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

impl Enrollment {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let Self::Import(import) = self;
        import.run().await
    }
}

impl Import {
    async fn run(self) -> Result<(), Failure> {
        let rows = read_rows(&self.file, &ENROLLMENTS)?;
        let (good, bad) = judged(rows);
        let admin = self.admin.admin().await?;
        if self.dry_run || !bad.is_empty() {
            return bulk::judged(&admin, good.len(), &bad);
        }
        let path = self.results.clone().unwrap_or_else(|| beside(&self.file));
        let mut results = Results::open(&path)?;
        let jobs = good.iter().map(|row| job(admin.plane(), row)).collect();
        let tally = bulk::perform_all(&admin, jobs, &mut results, |_, made| Ok(made)).await?;
        tally.tell(&admin, &path, "created")
    }
}

/// Parts rows that make sense from those that do not; one name makes sense once.
pub(super) fn judged(rows: Vec<Row>) -> (Vec<Row>, Vec<Value>) {
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

fn job(plane: &AdminPlane, row: &Row) -> Job {
    let organization = plane.organization().as_str();
    let digest = digest_of(&[organization.as_bytes(), row.body.to_string().as_bytes()]);
    let mut call = Call::new(POST, plane.below(&["enrollments"])).saying(&row.body);
    // Cut between the act and its result, the row is answered as it was the first time, keys and all.
    call.headers.push(("Idempotency-Key", format!("import-{digest}")));
    Job {
        number: row.number,
        name: row.name.clone(),
        digest,
        call,
    }
}

pub(super) fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".results.jsonl");
    PathBuf::from(name)
}

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
