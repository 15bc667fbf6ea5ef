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
    let used = Used::of(process)?;
    Ok(used.own / TICKS_PER_SECOND)
}

/// Processor time a process and its children have used, also those that ended, in seconds.
pub(crate) fn cpu_seconds_of_family(parent: u32) -> Result<f64> {
    let used = Used::of(parent)?;
    let mut ticks = used.own + used.ended_children;
    for entry in fs::read_dir("/proc")?.flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
        // One that ended meanwhile is counted with its parent next time.
        if let Some(Ok(child)) = number.map(Used::of)
            && child.parent == parent
        {
            ticks += child.own;
        }
    }
    Ok(ticks / TICKS_PER_SECOND)
}

/// Processor time in ticks.
struct Used {
    parent: u32,
    own: f64,
    ended_children: f64,
}

impl Used {
    fn of(process: u32) -> Result<Self> {
        let path = format!("/proc/{process}/stat");
        let text = fs::read_to_string(&path).with_context(|| path.clone())?;
        // The name of the program stands in parentheses and may hold anything.
        let (_, fields) = text.rsplit_once(") ").context("a process without a name")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let ticks = |at: usize| -> Result<f64> { Ok(fields.get(at).context("no processor time")?.parse()?) };
        Ok(Self {
            parent: fields.get(1).context("no parent")?.parse()?,
            own: ticks(11)? + ticks(12)?,
            ended_children: ticks(13)? + ticks(14)?,
        })
    }
}

/// What Linux shows to programs, on every architecture we build for.
const TICKS_PER_SECOND: f64 = 100.0;
