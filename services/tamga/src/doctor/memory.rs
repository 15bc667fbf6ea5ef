// SPDX-License-Identifier: Apache-2.0
//! The database of an installation: reached, of the right schema, its clock, its rights, and who reported in it last.

use std::time::Duration;

use tamga_registry::process::{Heartbeat, ProcessRole};
use tamga_registry::store::Store;
use tamga_runtime::settings::DatabaseSettings;
use tamga_store::{PostgresFault, PostgresStore, stray_rights};
use tamga_x509::time::Timestamp;

use super::Findings;
use crate::exit::chain;
use crate::memory;

/// Opens it; none where it cannot be.
pub async fn open(database: &DatabaseSettings, findings: &mut Findings) -> Option<PostgresStore> {
    match memory::open(database).await {
        Ok(store) => {
            findings.ok(
                "database",
                "it answers, and its schema is the one this program knows",
            );
            Some(store)
        }
        Err(failure) => {
            let fix = "is the server running, is the URL right, may this login come in (pg_hba.conf), is the password file its own? Where the schema is older, run `tamga migrate`";
            findings.failed("database", failure.to_string(), fix);
            None
        }
    }
}

/// Whether its clock and ours agree.
pub async fn compare_clocks(store: &dyn Store, now: impl Fn() -> Timestamp, findings: &mut Findings) {
    let theirs = match store.database_clock().await {
        Ok(Some(theirs)) => theirs,
        Ok(None) => return findings.ok("clock", "the database has no clock but this machine's"),
        Err(fault) => {
            return findings.skipped("clock", format!("the database's was not told: {}", chain(&fault)));
        }
    };
    let apart = apart(now(), theirs);
    let seen = format!(
        "this machine's and the database's are {:.1} s apart",
        apart.as_secs_f64()
    );
    let fix = "let both machines keep their time by NTP (chronyc tracking, timedatectl)";
    match apart {
        apart if apart > STOPS => findings.failed("clock", format!("{seen}: nothing is issued"), fix),
        apart if apart > ODD => findings.warning("clock", seen, fix),
        _ => findings.ok("clock", seen),
    }
}

fn apart(one: Timestamp, other: Timestamp) -> Duration {
    one.duration_since(other).max(other.duration_since(one))
}

/// Whether the roles have the rights they should, and no others. Only the owner can tell.
pub async fn compare_rights(database: &DatabaseSettings, findings: &mut Findings) {
    let Ok(url) = memory::url(database) else { return };
    match stray_rights(&url).await {
        Ok(stray) if stray.is_empty() => {
            findings.ok("roles", "each role has the rights it should, and no others");
        }
        Ok(stray) => findings.failed(
            "roles",
            stray.join("; "),
            "run `tamga migrate` with this version: it gives each role its rights and takes the others back",
        ),
        Err(PostgresFault::Url | PostgresFault::Unreachable(_) | PostgresFault::Schema(_)) => {
            findings.skipped("roles", "the database's lists of rights cannot be read");
        }
    }
}

/// Who reported within the last minutes, and how they are.
pub async fn look_at_processes(store: &dyn Store, now: Timestamp, findings: &mut Findings) {
    let seen = match store.heartbeats(now.saturating_sub(RECENT)).await {
        Ok(seen) => seen,
        Err(fault) => return findings.skipped("processes", chain(&fault)),
    };
    for heartbeat in &seen {
        judge_heartbeat(heartbeat, now, findings);
    }
    for role in [
        ProcessRole::Signer,
        ProcessRole::DeviceGateway,
        ProcessRole::AdminGateway,
        ProcessRole::Status,
    ] {
        let whole = |one: &Heartbeat| one.role == role || one.role == ProcessRole::House;
        if !seen.iter().any(whole) {
            let (name, fix) = missing(role);
            findings.failed(
                "processes",
                format!("no {name} has reported within {} minutes", RECENT.as_secs() / 60),
                fix,
            );
        }
    }
}

fn judge_heartbeat(heartbeat: &Heartbeat, now: Timestamp, findings: &mut Findings) {
    let silent = now.duration_since(heartbeat.seen_at);
    let name = format!(
        "{} on {} ({})",
        heartbeat.role.word(),
        heartbeat.host,
        heartbeat.version
    );
    if silent > SILENT {
        let seen = format!("{name} was seen {} s ago", silent.as_secs());
        findings.warning(
            "processes",
            seen,
            "it has ended, or cannot reach the database: look at its log",
        );
    } else if heartbeat.health.is_empty() {
        findings.ok("processes", format!("{name} is well"));
    } else {
        let seen = format!("{name}: {}", heartbeat.health.replace('\n', "; "));
        findings.failed(
            "processes",
            seen,
            "docs/operations.md says what each word at /readyz means and what mends it",
        );
    }
}

fn missing(role: ProcessRole) -> (&'static str, &'static str) {
    match role {
        ProcessRole::Signer => (
            "signer",
            "start tamga-signer: without one nothing is signed or published",
        ),
        ProcessRole::DeviceGateway => (
            "device gateway",
            "start tamga-gateway --plane device: devices reach nobody",
        ),
        ProcessRole::AdminGateway => (
            "admin gateway",
            "start tamga-gateway --plane admin: operators reach nobody",
        ),
        ProcessRole::Status | ProcessRole::House => (
            "status server",
            "start tamga-status: relying parties read lists and issuers there",
        ),
    }
}

/// Beyond this nothing is issued.
const STOPS: Duration = Duration::from_secs(5 * 60);
/// Clocks that are kept are never so far apart.
const ODD: Duration = Duration::from_secs(2);
/// Processes report every few seconds.
const SILENT: Duration = Duration::from_secs(30);
const RECENT: Duration = Duration::from_secs(10 * 60);
