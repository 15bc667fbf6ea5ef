// SPDX-License-Identifier: Apache-2.0
//! How a house is put together: every story is told in each of these ways.

use std::future::Future;

use crate::secrets::last_of_the_log;

/// What processes there are, over which memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topology {
    /// One process over SQLite.
    Sqlite,
    /// One process over Postgres.
    Postgres,
    /// Two device gateways, one admin gateway, one status server and two signers over one Postgres, each with a database
    /// role of its own.
    Split,
}

tokio::task_local! {
    static TOPOLOGY: Topology;
}

impl Topology {
    /// The one of the story that is being told; one process over SQLite outside of stories.
    pub fn here() -> Self {
        TOPOLOGY.try_with(|topology| *topology).unwrap_or(Self::Sqlite)
    }
}

/// Tells a story in one topology, to its end; and how the log ends, when it fails.
pub fn tell(topology: Topology, story: impl Future<Output = ()>) {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let _ending = Ending;
    threads
        .expect("threads")
        .block_on(TOPOLOGY.scope(topology, story));
}

/// Of a story that is told.
struct Ending;

impl Drop for Ending {
    #[expect(
        clippy::print_stderr,
        reason = "whoever reads why a story failed reads it there"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the log of this process ends so:\n{}", last_of_the_log(LINES));
        }
    }
}

const LINES: usize = 40;
