// SPDX-License-Identifier: Apache-2.0
//! Plays every subject in turn, round after round, so that a slow minute of the machine meets all of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Write as _, stderr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::devices;
use crate::machine::{Commit, Machine};
use crate::options::{CourseOptions, Engine, Subject};
use crate::order::{LoadOrder, Observed};
use crate::postgres::Server;
use crate::report::{Cpu, Figure, Report, Run, Settings};
use crate::role::{Core, Role, can_pin};
use crate::stage::{Stage, text};

/// Plays the whole course and publishes its report.
pub(crate) fn play(asked: &CourseOptions) -> Result<()> {
    let options = asked.effective();
    let data = Data::fresh(&options.data)?;
    let machine = Machine::look(&data.root)?;
    let pinned = !options.unpinned && machine.cores() > 1 && can_pin();
    let seats = Seats::new(pinned);
    let engines = options.engine.each();
    ensure!(
        options.preload == 0 || engines == [Engine::Sqlite],
        "devices are written into SQLite beforehand, and not into Postgres: add --engine sqlite"
    );
    let postgres = engines
        .contains(&Engine::Postgres)
        .then(|| Server::start(&data.root, seats.server))
        .transpose()?;
    let mut report = Report {
        machine,
        commit: Commit::look(),
        settings: Settings {
            runs: options.runs,
            seconds: options.seconds,
            warm_up: options.warm_up,
            pinned,
            optimized: !cfg!(debug_assertions),
            postgres: postgres.as_ref().map(Server::version).transpose()?,
        },
        results: Vec::new(),
        ratios: BTreeMap::new(),
    };
    let mut course = Course {
        seats,
        postgres,
        data: &data,
        options: &options,
        used: 0,
        runs: BTreeMap::new(),
    };
    course.enroll()?;
    report.results.extend(course.figures());
    if !options.no_micro {
        report.results.extend(course.single_steps()?);
        report.results.extend(course.publication()?);
    }
    for connections in &options.connections {
        for engine in engines {
            for (part, whole) in SHARES {
                let [part, whole] = [part, whole].map(|subject| {
                    let engine = *engine;
                    course.name(Entry { subject, engine }, *connections)
                });
                report.compare(&part, &whole);
            }
        }
    }
    report.publish(&options.report)
}

/// What is told as a share of what.
const SHARES: [(Subject, Subject); 8] = [
    (Subject::Product, Subject::Lawful),
    (Subject::Product, Subject::Bare),
    (Subject::Split, Subject::Lawful),
    (Subject::Split, Subject::Bare),
    (Subject::Split, Subject::Product),
    (Subject::Station, Subject::Lawful),
    (Subject::Station, Subject::Product),
    (Subject::Batch, Subject::Lawful),
];

/// Which core all that serves has, Postgres included, and which the generator.
#[derive(Copy, Clone)]
struct Seats {
    server: Core,
    generator: Core,
}

impl Seats {
    fn new(pinned: bool) -> Self {
        if pinned {
            Self {
                server: Core::Number(0),
                generator: Core::Number(1),
            }
        } else {
            Self {
                server: Core::Any,
                generator: Core::Any,
            }
        }
    }
}

/// Where things lie during the course; gone afterwards.
struct Data {
    root: PathBuf,
}

impl Data {
    fn fresh(root: &Path) -> Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("{}", root.display()))?;
        Ok(Self {
            root: tempfile::Builder::new()
                .prefix("course-")
                // Postgres may have to run as somebody else, who must come through.
                .permissions(fs::Permissions::from_mode(0o711))
                .tempdir_in(root)?
                .keep(),
        })
    }

    fn new_folder(&self) -> Result<tempfile::TempDir> {
        Ok(tempfile::Builder::new().prefix("run-").tempdir_in(&self.root)?)
    }

    fn devices(&self) -> PathBuf {
        self.root.join("devices")
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.root));
    }
}

/// What has a figure of its own.
#[derive(Copy, Clone)]
struct Entry {
    subject: Subject,
    engine: Engine,
}

struct Course<'a> {
    seats: Seats,
    postgres: Option<Server>,
    data: &'a Data,
    options: &'a CourseOptions,
    /// Devices that the database which outlives its runs has seen.
    used: usize,
    runs: BTreeMap<String, Vec<Run>>,
}

impl Course<'_> {
    fn name(&self, entry: Entry, connections: usize) -> String {
        let preloaded = if entry.subject == Subject::Product && self.options.preload > 0 {
            format!("/preloaded-{}", self.options.preload)
        } else {
            String::new()
        };
        let figure = entry.subject.figure(entry.engine).unwrap_or_default();
        if entry.subject.is_alone() {
            return figure.to_owned();
        }
        format!("{figure}/{connections}{preloaded}")
    }

    /// Everything that is measured in a round, each with its connections.
    fn round(&self) -> Vec<(Entry, usize)> {
        let (alone, others): (Vec<Entry>, Vec<Entry>) = self
            .entries()
            .into_iter()
            .partition(|entry| entry.subject.is_alone());
        let connections = self.options.connections.iter();
        connections
            .flat_map(|connections| others.iter().map(move |entry| (*entry, *connections)))
            .chain(alone.iter().map(|entry| (*entry, 1)))
            .collect()
    }

    fn entries(&self) -> Vec<Entry> {
        let asked = &self.options.only;
        let subjects = Subject::ALL
            .into_iter()
            .filter(|subject| asked.is_empty() || asked.contains(subject));
        let engines = self.options.engine.each();
        subjects
            .flat_map(|subject| {
                engines.iter().map(move |engine| Entry {
                    subject,
                    engine: *engine,
                })
            })
            .filter(|entry| entry.subject.figure(entry.engine).is_some())
            .collect()
    }

    fn figures(&self) -> Vec<Figure> {
        let named = self.round().into_iter().filter_map(|(entry, connections)| {
            let name = self.name(entry, connections);
            let runs = self.runs.get(&name)?;
            Some(Figure::of(name, runs))
        });
        named.collect()
    }

    fn enroll(&mut self) -> Result<()> {
        let each = self.devices_a_run();
        let lasting = if self.options.preload > 0 {
            self.options.runs * self.options.connections.len()
        } else {
            1
        };
        say(&format!("making {} devices", each * lasting))?;
        devices::make(each * lasting, &self.data.devices())?;
        let preloaded = self.preloaded()?;
        for round in 1..=self.options.runs {
            for (entry, connections) in self.round() {
                let lasting = preloaded.as_ref().filter(|_| entry.subject == Subject::Product);
                let observed = self.run(entry, connections, lasting.map(tempfile::TempDir::path))?;
                let name = self.name(entry, connections);
                say(&format!(
                    "{round}/{} {name}: {:.0}/s",
                    self.options.runs, observed.per_second
                ))?;
                self.runs.entry(name).or_default().push(observed.into());
            }
        }
        Ok(())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate times some seconds is a number of devices"
    )]
    fn devices_a_run(&self) -> usize {
        let seconds = self.options.seconds + self.options.warm_up;
        self.options.devices.unwrap_or((seconds * MOST_A_SECOND) as usize)
    }

    /// Servers, fresh, on a fresh database unless there is a lasting one; and the generator beside them.
    fn run(&mut self, entry: Entry, connections: usize, lasting: Option<&Path>) -> Result<Observed> {
        let fresh = self.data.new_folder()?;
        let folder = lasting.unwrap_or(fresh.path());
        let postgres = self
            .postgres
            .as_ref()
            .filter(|_| entry.engine == Engine::Postgres);
        let database = postgres.map(Server::fresh).transpose()?;
        let stage = Stage::set(entry.subject, self.seats.server, folder, database.as_ref())?;
        if let Some((postgres, database)) = postgres.zip(database.as_ref()) {
            postgres.settle(database)?;
        }
        let order = LoadOrder {
            server: stage.ready.clone(),
            database: postgres.and_then(Server::process),
            devices: self.data.devices(),
            skip: if lasting.is_some() { self.used } else { 0 },
            take: self.devices_a_run(),
            connections,
            rows: (entry.subject == Subject::Batch).then_some(self.options.rows),
            warm_up: self.options.warm_up,
            seconds: self.options.seconds,
        };
        let order = serde_json::to_string(&order)?;
        let mut generator = Role::start(self.seats.generator, &["load", &order])?;
        let observed: Observed = generator.hear().with_context(|| self.name(entry, connections))?;
        drop(stage);
        if let Some((postgres, database)) = postgres.zip(database.as_ref()) {
            postgres.forget(database)?;
        }
        if lasting.is_some() {
            self.used += observed.used;
        }
        Ok(observed)
    }

    /// A database of the product with rows in it.
    fn preloaded(&self) -> Result<Option<tempfile::TempDir>> {
        if self.options.preload == 0 {
            return Ok(None);
        }
        let folder = self.data.new_folder()?;
        // The product founds its own installation first.
        drop(Stage::set(
            Subject::Product,
            self.seats.server,
            folder.path(),
            None,
        )?);
        let count = self.options.preload.to_string();
        say(&format!("filling the product's database with {count} devices"))?;
        let arguments = ["fill", "--data", text(folder.path())?, "--count", &count];
        Role::start(Core::Any, &arguments)?.hear::<usize>()?;
        Ok(Some(folder))
    }

    fn single_steps(&self) -> Result<Vec<Figure>> {
        say("timing single steps")?;
        let (entries, seconds) = (ENTRIES.to_string(), self.options.seconds.min(1.0).to_string());
        let arguments = ["micro", "--entries", &entries, "--seconds", &seconds];
        Role::start(self.seats.server, &arguments)?.hear()
    }

    fn publication(&self) -> Result<Vec<Figure>> {
        if self.options.revoked == 0 {
            return Ok(Vec::new());
        }
        say(&format!("publishing {} revocations", self.options.revoked))?;
        let folder = self.data.new_folder()?;
        let entries = self.options.revoked.to_string();
        let arguments = ["publish", "--entries", &entries, "--data", text(folder.path())?];
        Role::start(self.seats.server, &arguments)?.hear()
    }
}

/// More than any subject reaches on one core.
const MOST_A_SECOND: f64 = 8_000.0;

/// Entries of the list whose building is timed.
const ENTRIES: usize = 1_000_000;

impl From<Observed> for Run {
    fn from(observed: Observed) -> Self {
        Self {
            per_second: observed.per_second,
            p50_ms: observed.p50_ms,
            p99_ms: observed.p99_ms,
            cpu_us: Some(Cpu {
                server: observed.server_cpu_us,
                database: observed.database_cpu_us,
                generator: observed.generator_cpu_us,
            }),
        }
    }
}

/// Says how far it is, beside the report.
fn say(what: &str) -> Result<()> {
    Ok(writeln!(stderr(), "{what}")?)
}
