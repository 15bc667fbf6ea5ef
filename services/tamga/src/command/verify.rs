// SPDX-License-Identifier: Apache-2.0
//! `tamga verify`: judges everything an installation ever issued, also while it serves.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Mutex;

use clap::Args;
use serde_json::{Value, json};
use tamga_registry::store::Inspection;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::settings::load_process;
use tamga_store::{OpenFault, inspect_sqlite};
use tamga_verify::{Counts, Finding, Progress, Question, Report, VerifyFault, verify};
use tamga_x509::time::Clock as _;

use super::arguments::DataArgument;
use super::show::{Output, say, table, tell_passing};
use crate::exit::{End, Failure, chain};
use crate::house::DATABASE;
use crate::memory;
use crate::settings::setup::SetupSettings;

/// Judge everything that was ever issued: by laws of the database, and by another parser than the service's.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    #[command(flatten)]
    data: DataArgument,
    /// An installation over Postgres: the settings file of `tamga setup`, whose section [database] is read
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    settings: Option<PathBuf>,
    /// An invariant (I-11) or a law (list_fresh) to leave out; may be given several times
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,
    /// How many threads judge certificates [default: one a processor]
    #[arg(long, value_name = "COUNT")]
    workers: Option<NonZeroUsize>,
    /// How to write the report
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Verify {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        self.refuse_unknown()?;
        let mut question = Question::as_of(SystemClock.now());
        question.without.clone_from(&self.without);
        question.workers = self.workers.unwrap_or(question.workers);
        let report = match &self.settings {
            None => {
                let database = self.data.directory()?.join(DATABASE);
                let memory = inspect_sqlite(&database).await;
                let memory = memory.map_err(|fault| unopened(&fault))?;
                let judged = judge(&memory, &question).await;
                memory.close().await;
                judged?
            }
            Some(settings) => {
                let settings: SetupSettings =
                    load_process(settings).map_err(|fault| Failure::new(End::Usage, fault))?;
                let memory = memory::inspect(&settings.database).await?;
                let judged = judge(&memory, &question).await;
                memory.close().await;
                judged?
            }
        };
        if !self.output.told(&as_json(&report, &question)) {
            write(&report);
        }
        if report.is_clean() {
            return Ok(());
        }
        let found = report.untold.saturating_add(count(report.findings.len()));
        let sentence = format!(
            "breaches found: {found}; docs/reference/invariants.md says what each law means. Keep the database as it is, \
             and issue nothing until it is known how they came about"
        );
        Err(Failure::new(End::Fault, sentence))
    }

    /// A name that is mistyped must not pass for something that was left out.
    fn refuse_unknown(&self) -> Result<(), Failure> {
        let asked = tamga_store::assertions();
        let laws: Vec<_> = asked
            .iter()
            .map(|one| &one.law)
            .chain(tamga_verify::law::LAWS.iter().copied())
            .collect();
        for name in &self.without {
            if !laws.iter().any(|law| law.invariant == name || law.name == name) {
                let sentence = format!("{name} is no law: docs/reference/invariants.md lists them all");
                return Err(Failure::new(End::Usage, sentence));
            }
        }
        Ok(())
    }
}

async fn judge(memory: &dyn Inspection, question: &Question) -> Result<Report, Failure> {
    let passing = Passing::default();
    let verified = verify(memory, question, &|progress| passing.tell(progress)).await;
    passing.end();
    verified.map_err(|fault| unfinished(&fault))
}

fn unopened(fault: &OpenFault) -> Failure {
    let end = match fault {
        OpenFault::Missing { .. } => End::Usage,
        OpenFault::InUse { .. } => End::Taken,
        OpenFault::Exposed { .. }
        | OpenFault::File { .. }
        | OpenFault::Database { .. }
        | OpenFault::Schema(_) => End::Fault,
    };
    Failure::new(end, chain(fault))
}

fn unfinished(fault: &VerifyFault) -> Failure {
    let end = match fault {
        VerifyFault::NotFounded => End::Usage,
        VerifyFault::Memory(_) | VerifyFault::Worker(_) => End::Fault,
    };
    Failure::new(end, chain(fault))
}

/// One line on a terminal, written over again and again.
#[derive(Default)]
struct Passing {
    last: Mutex<String>,
}

impl Passing {
    fn tell(&self, progress: Progress) {
        let Progress { step, done, of } = progress;
        let percent = done.saturating_mul(100).checked_div(of).unwrap_or(100);
        let line = format!("{} {percent} % of {of}", step.word());
        let Ok(mut last) = self.last.lock() else { return };
        if *last != line {
            tell_passing(&line);
            *last = line;
        }
    }

    fn end(&self) {
        tell_passing("");
    }
}

fn write(report: &Report) {
    let counts = report.counts;
    say(&format!(
        "{} laws, {} authorities, {} certificates, {} intents, {} requests, {} lists with {} entries",
        counts.laws,
        counts.authorities,
        counts.certificates,
        counts.intents,
        counts.requests,
        counts.lists,
        counts.entries
    ));
    if counts.requests_unjudged > 0 {
        say(&format!(
            "{} requests are signed by an algorithm this verifier has not; the service judged them when they came",
            counts.requests_unjudged
        ));
    }
    if report.is_clean() {
        return say("nothing was found");
    }
    let findings: Vec<Value> = report.findings.iter().map(finding).collect();
    let columns = [
        ("INVARIANT", "/invariant"),
        ("LAW", "/law"),
        ("OBJECT", "/object"),
        ("DETAIL", "/detail"),
    ];
    table(&findings, &columns);
    if report.untold > 0 {
        say(&format!("and {} more of the same laws", report.untold));
    }
}

fn as_json(report: &Report, question: &Question) -> Value {
    let Counts {
        laws,
        authorities,
        certificates,
        intents,
        requests,
        requests_unjudged,
        lists,
        entries,
    } = report.counts;
    json!({
        "asOf": question.now.to_string(),
        "clean": report.is_clean(),
        "without": question.without,
        "looked": {
            "laws": laws,
            "authorities": authorities,
            "certificates": certificates,
            "intents": intents,
            "requests": requests,
            "requestsUnjudged": requests_unjudged,
            "lists": lists,
            "entries": entries,
        },
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "untold": report.untold,
    })
}

fn finding(found: &Finding) -> Value {
    json!({
        "invariant": found.invariant(),
        "law": found.law.name,
        "holds": found.law.holds,
        "object": found.object,
        "detail": found.detail,
    })
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

const EXAMPLES: &str = "\
Examples:
  tamga verify
  tamga verify --data ./try --output json
  tamga verify --data ./restored --without I-06 --without I-11

It opens the database read-only, also beside the service that uses it, and sees it as of one instant.
It needs no root key, writes nothing, and opens no connection. While it runs the database's log cannot
be cut short: beside a busy service it grows by what is written meanwhile. A restored copy cannot keep
promises about time: leave I-06 and I-11 out. docs/reference/invariants.md lists every law.

Exit codes: 0 nothing was found; 1 something was, or the database could not be read to its end.";
