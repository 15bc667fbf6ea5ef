// SPDX-License-Identifier: Apache-2.0
//! Plays every subject in turn, round after round, so that a slow minute of the machine meets all of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::devices;
use crate::machine::{Commit, Machine};
use crate::options::{CourseOptions, Subject};
use crate::order::{LoadOrder, Observed, Ready};
use crate::report::{Figure, Report, Run, Settings};
use crate::role::{Core, Role, can_pin};

/// Plays the whole course and publishes its report.
pub(crate) fn play(asked: &CourseOptions) -> Result<()> {
    let options = asked.effective();
    let data = Data::fresh(&options.data)?;
    let machine = Machine::look(&data.root)?;
    let pinned = !options.unpinned && machine.cores() > 1 && can_pin();
    let mut report = Report {
        machine,
        commit: Commit::look(),
        settings: Settings {
            runs: options.runs,
            seconds: options.seconds,
            warm_up: options.warm_up,
            pinned,
            optimized: !cfg!(debug_assertions),
        },
        results: Vec::new(),
        ratios: BTreeMap::new(),
    };
    let mut course = Course {
        seats: Seats::new(pinned),
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
        let product = course.name(Subject::Product, *connections);
        for limit in [Subject::Lawful, Subject::Bare] {
            report.compare(&product, &course.name(limit, *connections));
        }
    }
    report.publish(&options.report)
}

/// Which core the server has, and which the generator.
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

struct Course<'a> {
    seats: Seats,
    data: &'a Data,
    options: &'a CourseOptions,
    /// Devices that the database which outlives its runs has seen.
    used: usize,
    runs: BTreeMap<(usize, &'static str), Vec<Run>>,
}

impl Course<'_> {
    fn name(&self, subject: Subject, connections: usize) -> String {
        let preloaded = if subject == Subject::Product && self.options.preload > 0 {
            format!("/preloaded-{}", self.options.preload)
        } else {
            String::new()
        };
        format!("{}/{connections}{preloaded}", subject.figure())
    }

    fn subjects(&self) -> impl Iterator<Item = Subject> + use<'_> {
        let asked = &self.options.only;
        Subject::ALL
            .into_iter()
            .filter(|subject| asked.is_empty() || asked.contains(subject))
    }

    fn figures(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        for connections in &self.options.connections {
            for subject in self.subjects() {
                if let Some(runs) = self.runs.get(&(*connections, subject.word())) {
                    figures.push(Figure::of(self.name(subject, *connections), runs));
                }
            }
        }
        figures
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
            for connections in self.options.connections.clone() {
                for subject in self.subjects().collect::<Vec<_>>() {
                    let lasting = preloaded.as_ref().filter(|_| subject == Subject::Product);
                    let observed = self.run(subject, connections, lasting.map(tempfile::TempDir::path))?;
                    let name = self.name(subject, connections);
                    say(&format!(
                        "{round}/{} {name}: {:.0}/s",
                        self.options.runs, observed.per_second
                    ))?;
                    self.runs
                        .entry((connections, subject.word()))
                        .or_default()
                        .push(Run {
                            per_second: observed.per_second,
                            p50_ms: observed.p50_ms,
                            p99_ms: observed.p99_ms,
                            cpu_us: Some((observed.server_cpu_us, observed.generator_cpu_us)),
                        });
                }
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

    /// One server, fresh, on a fresh database unless there is a lasting one; and the generator beside it.
    fn run(&mut self, subject: Subject, connections: usize, lasting: Option<&Path>) -> Result<Observed> {
        let fresh = self.data.new_folder()?;
        let folder = lasting.unwrap_or(fresh.path());
        let arguments = ["serve", subject.word(), "--data", text(folder)?];
        let mut server = Role::start(self.seats.server, &arguments)?;
        let order = LoadOrder {
            server: server.hear::<Ready>()?,
            devices: self.data.devices(),
            skip: if lasting.is_some() { self.used } else { 0 },
            take: self.devices_a_run(),
            connections,
            warm_up: self.options.warm_up,
            seconds: self.options.seconds,
        };
        let order = serde_json::to_string(&order)?;
        let mut generator = Role::start(self.seats.generator, &["load", &order])?;
        let observed: Observed = generator
            .hear()
            .with_context(|| format!("{} with {connections} connections", subject.word()))?;
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
        let arguments = ["serve", Subject::Product.word(), "--data", text(folder.path())?];
        Role::start(self.seats.server, &arguments)?.hear::<Ready>()?;
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

fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .with_context(|| format!("{} is no text", path.display()))
}

/// Says how far it is, beside the report.
fn say(what: &str) -> Result<()> {
    Ok(writeln!(stderr(), "{what}")?)
}
