// SPDX-License-Identifier: Apache-2.0
//! Finds Postgres's own programs, and whom they may run as.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the programs are, and as whom they run.
pub(crate) struct Programs {
    pub(crate) directory: PathBuf,
    /// Nobody else, when nothing stands here.
    pub(crate) user: Option<&'static str>,
}

impl Programs {
    /// The newest there are; nothing, where none are new enough.
    pub(crate) fn find() -> Option<Self> {
        let (_, directory) = debian()
            .into_iter()
            .chain(on_path())
            .filter_map(|directory| Some((version(&directory)?, directory)))
            .filter(|(version, _)| *version >= OLDEST)
            .max_by_key(|(version, _)| *version)?;
        Some(Self {
            directory,
            user: user(),
        })
    }
}

fn debian() -> Vec<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    versions
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect()
}

fn on_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        // A link leads to the folder in which all of them are.
        .filter_map(|directory| std::fs::canonicalize(directory.join("postgres")).ok())
        .filter_map(|program| program.parent().map(Path::to_owned))
        .filter(|directory| directory.join("initdb").exists() && directory.join("pg_ctl").exists())
        .collect()
}

/// The number of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version(directory: &Path) -> Option<u32> {
    let said = Command::new(directory.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&said.stdout);
    let number = said
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Postgres refuses to be run by root.
fn user() -> Option<&'static str> {
    let said = Command::new("id").arg("-u").output().expect("id is there");
    if said.stdout.trim_ascii() != b"0" {
        return None;
    }
    let there = |name: &&str| {
        let said = Command::new("id").arg(name).output();
        said.is_ok_and(|said| said.status.success())
    };
    ["postgres", "nobody"].into_iter().find(there)
}

/// The oldest version Tamga runs on.
pub(crate) const OLDEST: u32 = 15;
