// SPDX-License-Identifier: Apache-2.0
//! The report of a course: JSON for machines, a table for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Write as _, stdout};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::figures::median;
use crate::machine::{Commit, Machine};

/// Everything a reader needs to judge the figures.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) commit: Commit,
    pub(crate) settings: Settings,
    pub(crate) results: Vec<Figure>,
    /// The product as a share of a yardstick of the same course, and of other figures alike.
    pub(crate) ratios: BTreeMap<String, f64>,
}

/// How the course was played.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) runs: usize,
    pub(crate) seconds: f64,
    pub(crate) warm_up: f64,
    /// Whether the generator had a core, and all that serves, Postgres included, another one.
    pub(crate) pinned: bool,
    pub(crate) optimized: bool,
    /// What Postgres says of itself, where it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) postgres: Option<String>,
}

/// One figure: medians over its runs, and the spread.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) min_per_second: f64,
    pub(crate) max_per_second: f64,
    pub(crate) runs: usize,
    /// Processor time of the server for each, where there is a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server_cpu_us: Option<f64>,
    /// Processor time of the database's own processes for each, where it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database_cpu_us: Option<f64>,
    /// Processor time of the generator for each, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) generator_cpu_us: Option<f64>,
}

/// One run of a figure.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Run {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) cpu_us: Option<Cpu>,
}

/// Processor time for each certificate, microseconds.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Cpu {
    pub(crate) server: f64,
    pub(crate) database: Option<f64>,
    pub(crate) generator: f64,
}

impl Figure {
    /// The medians of these runs.
    pub(crate) fn of(name: impl Into<String>, runs: &[Run]) -> Self {
        let middle = |value: fn(&Run) -> f64| median(runs.iter().map(value));
        let each = |value: fn(Cpu) -> Option<f64>| {
            let cpu: Vec<f64> = runs
                .iter()
                .filter_map(|run| run.cpu_us)
                .filter_map(value)
                .collect();
            (!cpu.is_empty()).then(|| median(cpu))
        };
        let rates = || runs.iter().map(|run| run.per_second);
        Self {
            name: name.into(),
            per_second: middle(|run| run.per_second),
            p50_ms: middle(|run| run.p50_ms),
            p99_ms: middle(|run| run.p99_ms),
            min_per_second: rates().fold(f64::INFINITY, f64::min),
            max_per_second: rates().fold(0.0, f64::max),
            runs: runs.len(),
            server_cpu_us: each(|cpu| Some(cpu.server)),
            database_cpu_us: each(|cpu| cpu.database),
            generator_cpu_us: each(|cpu| Some(cpu.generator)),
        }
    }
}

impl Report {
    /// Notes how much of the second figure the first one is, where both were measured.
    pub(crate) fn compare(&mut self, part: &str, whole: &str) {
        let rate = |name: &str| self.results.iter().find(|figure| figure.name == name);
        if let (Some(part_figure), Some(whole_figure)) = (rate(part), rate(whole)) {
            let ratio = part_figure.per_second / whole_figure.per_second;
            self.ratios.insert(format!("{part} of {whole}"), ratio);
        }
    }

    /// Writes the JSON, and prints the table.
    pub(crate) fn publish(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut json = serde_json::to_string_pretty(self)?;
        json.push('\n');
        fs::write(path, json).with_context(|| format!("{}", path.display()))?;
        let mut out = stdout().lock();
        out.write_all(self.table()?.as_bytes())?;
        writeln!(out, "\n{}", path.display())?;
        Ok(())
    }

    fn table(&self) -> Result<String> {
        let mut text = format!(
            "{:<40} {:>10} {:>21} {:>9} {:>9} {:>9} {:>11}\n",
            "figure", "per second", "min … max", "p50 ms", "p99 ms", "server µs", "database µs"
        );
        for figure in &self.results {
            let spread = format!("{:.0} … {:.0}", figure.min_per_second, figure.max_per_second);
            let shown = |us: Option<f64>| us.map_or_else(String::new, |us| format!("{us:.0}"));
            let (cpu, database) = (shown(figure.server_cpu_us), shown(figure.database_cpu_us));
            writeln!(
                text,
                "{:<40} {:>10.0} {spread:>21} {:>9.2} {:>9.2} {cpu:>9} {database:>11}",
                figure.name, figure.per_second, figure.p50_ms, figure.p99_ms
            )?;
        }
        for (name, ratio) in &self.ratios {
            writeln!(text, "{name}: {ratio:.2}")?;
        }
        Ok(text)
    }
}
