// SPDX-License-Identifier: Apache-2.0
//! What a figure was measured on: processor, memory, kernel, disk, commit.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::figures;

/// The machine of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    memory_mib: u64,
    kernel: String,
    filesystem: String,
    /// A 4 KiB write with fdatasync, where the databases of the run lie.
    sync_p50_us: u64,
    sync_p99_us: u64,
}

impl Machine {
    /// Looks at the machine; databases will lie under `data`.
    pub(crate) fn look(data: &Path) -> Result<Self> {
        let (sync_p50_us, sync_p99_us) = time_syncs(data)?;
        Ok(Self {
            processor: first_value("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: memory_mib().unwrap_or(0),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned()),
            filesystem: filesystem(data),
            sync_p50_us,
            sync_p99_us,
        })
    }

    /// How many cores this process may use.
    pub(crate) fn cores(&self) -> usize {
        self.cores
    }
}

/// Which source was built.
#[derive(Debug, Serialize)]
pub(crate) struct Commit {
    id: String,
    /// Whether the work tree differed from it.
    changed: bool,
}

impl Commit {
    /// Asks git, where there is one.
    pub(crate) fn look() -> Self {
        let git = |arguments: &[&str]| {
            let output = Command::new("git")
                .args(["-C", env!("CARGO_MANIFEST_DIR")])
                .args(arguments)
                .output()
                .ok()?;
            output
                .status
                .success()
                .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        Self {
            id: git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".to_owned()),
            changed: git(&["status", "--porcelain"]).is_none_or(|changes| !changes.is_empty()),
        }
    }
}

fn first_value(file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn memory_mib() -> Option<u64> {
    let text = first_value("/proc/meminfo", "MemTotal")?;
    Some(text.split(' ').next()?.parse::<u64>().ok()? / 1024)
}

/// The type of the filesystem with the longest mount point above `path`.
fn filesystem(path: &Path) -> String {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            Some((words.next()?, words.next()?))
        })
        .filter(|(point, _)| absolute.starts_with(point))
        .max_by_key(|(point, _)| point.len())
        .map_or_else(|| "unknown".to_owned(), |(_, kind)| kind.to_owned())
}

fn time_syncs(data: &Path) -> Result<(u64, u64)> {
    let path = data.join("sync.probe");
    let mut file = File::create(&path).with_context(|| format!("{}", path.display()))?;
    let block = [0x5a_u8; 4096];
    let mut waits = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begin = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        waits.push(begin.elapsed());
    }
    fs::remove_file(&path)?;
    waits.sort_unstable();
    let micros = |wait: Duration| u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
    Ok((
        micros(figures::quantile(&waits, 0.50)),
        micros(figures::quantile(&waits, 0.99)),
    ))
}

const SYNCS: usize = 400;

/// Processor time a process has used, all its threads together, in seconds.
pub(crate) fn cpu_seconds(process: u32) -> Result<f64> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    // The name of the program stands in parentheses and may hold anything.
    let (_, fields) = text.rsplit_once(") ").context("a process without a name")?;
    let mut fields = fields.split(' ').skip(11);
    let mut ticks = || -> Result<f64> { Ok(fields.next().context("no processor time")?.parse()?) };
    Ok((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

/// What Linux shows to programs, on every architecture we build for.
const TICKS_PER_SECOND: f64 = 100.0;
