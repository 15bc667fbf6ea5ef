// SPDX-License-Identifier: Apache-2.0
//! `tamga certificate batch`: many units furnished with certificates in one call, each row with its result.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use data_encoding::BASE64;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use tamga_registry::device::RegistrationId;
use tamga_x509::pem;

use super::arguments::{Admin, AdminArguments};
use super::bulk::{Tally, judged as told_before, progress};
use super::import::{beside, judged};
use super::verb::POST;
use crate::admin::Call;
use crate::exit::{End, Failure};
use crate::files::{Audience, private_directory, put};
use crate::results::{DONE, Results, digest_of};
use crate::rows::{Row, UNITS, read_rows};

/// Units on a line.
#[derive(Debug, Subcommand)]
pub(crate) enum Certificate {
    /// Furnish many units with certificates, from a CSV or JSON file, with a result for each row
    Batch(Box<Batch>),
}

/// Furnish many units.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Batch {
    /// The table: .csv with a heading, .json with an array, or .jsonl with an object a line
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// A directory for the chains, one a unit: <registration id>.pem
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The station at which they are made; a station itself leaves it out
    #[arg(long, value_name = "NAME")]
    station: Option<RegistrationId>,
    /// Judge every row, and ask for nothing
    #[arg(long)]
    dry_run: bool,
    /// Where to keep what became of each row, mode 0600 [default: the table's name with .results.jsonl]
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    #[command(flatten)]
    admin: AdminArguments,
}

/// What goes on while the answers come.
struct Work<'a> {
    open: BTreeMap<usize, (Row, String)>,
    out: &'a Path,
    results: &'a mut Results,
    tally: Tally,
    bar: ProgressBar,
}

impl Certificate {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let Self::Batch(batch) = self;
        batch.run().await
    }
}

impl Batch {
    async fn run(self) -> Result<(), Failure> {
        let (good, bad) = judged(read_rows(&self.file, &UNITS)?);
        let admin = self.admin.admin().await?;
        if self.dry_run || !bad.is_empty() {
            return told_before(&admin, good.len(), &bad);
        }
        private_directory(&self.out)?;
        let path = self.results.clone().unwrap_or_else(|| beside(&self.file));
        let mut results = Results::open(&path)?;
        let mut work = Work {
            bar: progress(good.len()),
            open: BTreeMap::new(),
            out: &self.out,
            results: &mut results,
            tally: Tally::default(),
        };
        for row in good {
            work.takes(row, admin.organization().as_str());
        }
        let mut call = Call::new(POST, admin.plane().below(&[]) + "certificates:batch");
        let station = self.station.as_ref();
        let station = station.map(|station| ("station".to_owned(), station.presented().to_owned()));
        call.query.extend(station);
        // What is on its way, or met a fault of ours, is asked for again.
        for _ in 0..PASSES {
            if work.open.is_empty() {
                break;
            }
            work.passes(&admin, &call).await?;
            if !work.open.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
        }
        work.gives_up();
        work.tally.tell(&admin, &path, "furnished")
    }
}

impl Work<'_> {
    fn takes(&mut self, row: Row, organization: &str) {
        let digest = digest_of(&[organization.as_bytes(), row.body.to_string().as_bytes()]);
        if self.results.is_done(&row.name, &digest) {
            self.tally.before = self.tally.before.saturating_add(1);
            self.bar.inc(1);
        } else {
            self.open.insert(row.number, (row, digest));
        }
    }

    /// One call with every row that is open.
    async fn passes(&mut self, admin: &Admin, call: &Call) -> Result<(), Failure> {
        let rows = self.open.iter().map(|(number, (row, _))| {
            let mut body = row.body.clone();
            body["ref"] = json!(number.to_string());
            body.to_string().into_bytes()
        });
        let mut answers = admin.plane().lines(call, rows.collect()).await?;
        while let Some(answer) = answers.next().await.map_err(|failure| self.cut(&failure))? {
            if answer["end"].is_object() {
                return Ok(());
            }
            self.keeps(&answer)?;
        }
        Err(self.cut(&Failure::new(
            End::Unreachable,
            "the answer was cut before its end",
        )))
    }

    fn keeps(&mut self, answer: &Value) -> Result<(), Failure> {
        let number = answer["ref"].as_str().and_then(|number| number.parse().ok());
        let settled = answer["result"] == "issued" || answer["result"] == "refused";
        let Some((number, (row, digest))) = number.and_then(|number| self.open.get_key_value(&number)) else {
            return Ok(());
        };
        if !settled {
            return Ok(());
        }
        let number = *number;
        let mut result = json!({ "row": number, "name": row.name, "digest": digest });
        if answer["result"] == "issued" {
            write_chain(&self.out.join(format!("{}.pem", row.name)), answer)?;
            // The chain is in its file: the results of a year's units should fit on a disk.
            let members = ["deviceId", "certificateId", "serial", "notAfter", "label"];
            let kept = members.map(|member| (member.to_owned(), answer[member].clone()));
            result["outcome"] = json!(DONE);
            result["answer"] = Value::Object(kept.into_iter().collect());
            self.tally.done = self.tally.done.saturating_add(1);
        } else {
            result["outcome"] = json!("refused");
            for member in ["code", "detail", "earlierUnit"] {
                result[member] = answer[member].clone();
            }
            self.tally.refused.push(result.clone());
        }
        self.results.keep(&result)?;
        self.bar.inc(1);
        self.open.remove(&number);
        Ok(())
    }

    /// What is still open is no row's fault: it is told with the refused, and done by another run.
    fn gives_up(&mut self) {
        self.bar.finish_and_clear();
        let open = self.open.values().map(|(row, _)| {
            json!({
                "row": row.number,
                "name": row.name,
                "code": "pending",
                "detail": "its certificate is still on its way: run this again",
            })
        });
        self.tally.refused.extend(open);
    }

    fn cut(&self, failure: &Failure) -> Failure {
        let done = self.tally.done.saturating_add(self.tally.before);
        let sentence =
            format!("{failure}; {done} rows were done before that: run it again, and it goes on from there");
        Failure::new(failure.end(), sentence)
    }
}

fn write_chain(file: &Path, unit: &Value) -> Result<(), Failure> {
    let strange = || {
        Failure::new(
            End::Fault,
            "the answer holds no certificate: is this the admin plane?",
        )
    };
    let above = unit["chain"].as_array().into_iter().flatten();
    let ders: Option<Vec<Vec<u8>>> = std::iter::once(&unit["certificate"])
        .chain(above)
        .map(|text| BASE64.decode(text.as_str()?.as_bytes()).ok())
        .collect();
    let ders = ders.ok_or_else(strange)?;
    let chain: Vec<&[u8]> = ders.iter().map(Vec::as_slice).collect();
    Ok(put(
        file,
        pem::certificates(&chain).as_bytes(),
        Audience::Everybody,
    )?)
}

const PASSES: usize = 10;
const PAUSE: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  tamga certificate batch --file units.csv --out ./chains --station line-7-end --dry-run
  tamga certificate batch --file units.csv --out ./chains --station line-7-end
  tamga certificate batch --file units.jsonl --out ./chains --context line-7-end --output json

The columns of a CSV: registrationId, csr (a file, PEM or DER, seen from the table), and any label.NAME, printed beside the unit and answered with
{serial} and the like filled in. The objects of a JSON file have registrationId, csr (text, PEM or base64 of DER) and label.

Run again, it goes on: rows that are done are skipped, and a row whose answer was lost gets the very same certificate. While a row makes no
sense nothing is asked for. Exit codes: 0 every row is done, 2 a row makes no sense, 3 all refused, 4 nobody answers or the call was cut,
6 some refused.";
