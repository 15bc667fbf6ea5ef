// SPDX-License-Identifier: Apache-2.0
//! The floors: imports point only downward, and each room lists only rooms it knows.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::breach::{Breach, assert_none};

/// One room of the house. It may list the rooms it knows, and what those know in turn.
struct Room {
    floor: u8,
    package: &'static str,
    knows: &'static [&'static str],
}

const fn room(floor: u8, package: &'static str, knows: &'static [&'static str]) -> Room {
    Room {
        floor,
        package,
        knows,
    }
}

/// The house, from the ground up. `store` is known to nobody but the binaries (`BINARIES`) and the whole (`tamga`).
const HOUSE: &[Room] = &[
    room(0, "tamga-x509", &[]),
    room(1, "tamga-keys", &["tamga-x509"]),
    room(1, "tamga-hsm", &["tamga-x509"]),
    room(1, "tamga-attestation", &["tamga-x509"]),
    room(1, "tamga-registry", &["tamga-x509"]),
    room(2, "tamga-store", &["tamga-registry"]),
    room(
        2,
        "tamga-authority",
        &["tamga-registry", "tamga-attestation", "tamga-keys", "tamga-x509"],
    ),
    // It judges what the others made: it knows their nouns, and none of their reading, writing or signing.
    room(2, "tamga-verify", &["tamga-registry"]),
    room(3, "tamga-runtime", &["tamga-x509"]),
    room(
        4,
        "tamga-gateway",
        &["tamga-authority", "tamga-runtime", "tamga-keys"],
    ),
    room(
        4,
        "tamga-status",
        &["tamga-authority", "tamga-runtime", "tamga-keys"],
    ),
    room(
        4,
        "tamga-signer",
        &["tamga-authority", "tamga-runtime", "tamga-keys", "tamga-hsm"],
    ),
];

/// Composes the whole: may list every room.
const WHOLE: &str = "tamga";
/// The stories are told about the whole.
const STORIES: &str = "tamga-tests";
/// Measured as a whole, against yardsticks made of its rooms.
const BENCH: &str = "tamga-bench";
/// A database for tests: whoever tests against one lists it among its tests' dependencies, and nobody ships it.
const TEST_DATABASE: &str = "tamga-test-postgres";
/// An attribute for the stories: knows nothing of the house.
const STORY: &str = "tamga-story";
const STORE: &str = "tamga-store";
/// Packages with a `main.rs` that opens the store; `trust.rs` shows that no other file of theirs names it.
const BINARIES: &[&str] = &["tamga-gateway", "tamga-status", "tamga-signer"];
/// These face strangers and must never be able to reach a token.
const NEVER_LINK_HSM: &[&str] = &["tamga-gateway", "tamga-status"];

/// What one package lists of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Listing {
    /// Compiled into what we ship.
    Shipped,
    /// `[dev-dependencies]`.
    TestsOnly,
}

type Edge = (String, String, Listing);

fn floor_of(package: &str) -> Option<u8> {
    HOUSE
        .iter()
        .find(|room| room.package == package)
        .map(|room| room.floor)
}

fn known_to(package: &str) -> BTreeSet<&'static str> {
    let mut known = BTreeSet::new();
    let mut open = HOUSE
        .iter()
        .filter(|room| room.package == package)
        .collect::<Vec<_>>();
    while let Some(room) = open.pop() {
        let fresh: Vec<&str> = room
            .knows
            .iter()
            .copied()
            .filter(|name| known.insert(*name))
            .collect();
        open.extend(HOUSE.iter().filter(|room| fresh.contains(&room.package)));
    }
    if BINARIES.contains(&package) {
        known.insert(STORE);
    }
    known
}

fn judge_edge((from, to, listing): &Edge) -> Option<Breach> {
    if [WHOLE, STORIES, BENCH].contains(&from.as_str()) {
        return None;
    }
    if to == TEST_DATABASE && *listing == Listing::TestsOnly {
        return None;
    }
    let place = format!("{from} lists {to}");
    let (Some(above), Some(below)) = (floor_of(from), floor_of(to)) else {
        return Some(Breach {
            place,
            rule: "every package of the house stands on a floor",
            mend: format!("give the new room its line in tests/house/floors.rs, or let {from} not list {to}"),
        });
    };
    if below >= above {
        return Some(Breach {
            place,
            rule: "imports point only downward; floor-mates do not import each other",
            mend: format!(
                "{from} is on floor {above}, {to} on floor {below}: move the shared noun to a lower floor, or let a higher floor join the two"
            ),
        });
    }
    let allowed = match listing {
        Listing::Shipped => known_to(from).contains(to.as_str()),
        Listing::TestsOnly => to != STORE,
    };
    (!allowed).then(|| Breach {
        place,
        rule: "a room lists only rooms it knows; only binaries name the store",
        mend: format!(
            "{from} knows {:?}: go through one of these, or compose the two in services/tamga",
            known_to(from)
        ),
    })
}

fn judge_reach(edges: &BTreeSet<Edge>) -> Vec<Breach> {
    let mut links: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to, _) in edges
        .iter()
        .filter(|(_, _, listing)| *listing == Listing::Shipped)
    {
        links.entry(from).or_default().push(to);
    }
    let mut breaches = Vec::new();
    for package in NEVER_LINK_HSM {
        let mut seen = BTreeSet::new();
        let mut open = vec![*package];
        while let Some(next) = open.pop() {
            open.extend(
                links
                    .get(next)
                    .into_iter()
                    .flatten()
                    .filter(|to| seen.insert(**to)),
            );
        }
        if seen.contains("tamga-hsm") {
            breaches.push(Breach {
                place: format!("{package} reaches tamga-hsm"),
                rule: "gateway and status never link hsm",
                mend: "a door holds no CA key: let the signer ask the token".to_owned(),
            });
        }
    }
    breaches
}

/// The workspace as cargo sees it.
pub(crate) fn cargo_metadata() -> Value {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
            "--manifest-path",
            root,
        ])
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata answers in JSON")
}

fn edges_of(metadata: &Value) -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let from = package["name"].as_str().unwrap_or_default();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // Only rooms of this repository are listed by path.
            if dependency["path"].is_string() {
                let to = dependency["name"].as_str().unwrap_or_default();
                let listing = if dependency["kind"] == "dev" {
                    Listing::TestsOnly
                } else {
                    Listing::Shipped
                };
                edges.insert((from.to_owned(), to.to_owned(), listing));
            }
        }
    }
    edges
}

#[test]
fn imports_point_only_downward() {
    let edges = edges_of(&cargo_metadata());
    let mut breaches: Vec<Breach> = edges.iter().filter_map(judge_edge).collect();
    breaches.extend(judge_reach(&edges));
    assert_none(&breaches);
}

#[test]
fn every_package_stands_on_a_floor() {
    let metadata = cargo_metadata();
    let packages: Vec<&str> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|package| package["name"].as_str())
        .collect();
    assert!(
        packages.contains(&"tamga-x509"),
        "cargo metadata shows the workspace, but it shows {packages:?}"
    );
    let strays = packages.iter().filter(|name| {
        floor_of(name).is_none() && ![WHOLE, STORIES, STORY, BENCH, TEST_DATABASE].contains(name)
    });
    let breaches: Vec<Breach> = strays
        .map(|name| Breach {
            place: (*name).to_owned(),
            rule: "every package of the house stands on a floor",
            mend: "give it its line in tests/house/floors.rs: floor, name, whom it knows".to_owned(),
        })
        .collect();
    assert_none(&breaches);
}

#[test]
fn a_forbidden_import_is_noticed() {
    let shipped = |from: &str, to: &str| (from.to_owned(), to.to_owned(), Listing::Shipped);
    for (from, to) in [
        ("tamga-x509", "tamga-keys"),
        ("tamga-keys", "tamga-attestation"),
        ("tamga-authority", "tamga-store"),
        ("tamga-authority", "tamga-hsm"),
        ("tamga-runtime", "tamga-registry"),
        ("tamga-gateway", "tamga-hsm"),
        ("tamga-gateway", "tamga-status"),
        ("tamga-status", "tamga-newcomer"),
    ] {
        assert!(
            judge_edge(&shipped(from, to)).is_some(),
            "{from} may not list {to}"
        );
    }
    for (from, to) in [
        ("tamga-gateway", "tamga-registry"),
        ("tamga-signer", "tamga-store"),
        ("tamga", "tamga-store"),
    ] {
        assert!(judge_edge(&shipped(from, to)).is_none(), "{from} may list {to}");
    }
    let hidden = BTreeSet::from([
        shipped("tamga-status", "tamga-keys"),
        shipped("tamga-keys", "tamga-hsm"),
    ]);
    assert_eq!(judge_reach(&hidden).len(), 1);
}

#[test]
fn tests_may_borrow_from_below_but_not_the_store() {
    let borrowed = |from: &str, to: &str| judge_edge(&(from.to_owned(), to.to_owned(), Listing::TestsOnly));
    assert!(borrowed("tamga-authority", "tamga-keys").is_none());
    assert!(borrowed("tamga-authority", "tamga-store").is_some());
    assert!(borrowed("tamga-gateway", "tamga-store").is_some());
}
