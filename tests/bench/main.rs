// SPDX-License-Identifier: Apache-2.0
//! Measures the house against two yardsticks, in the same run on the same stack: `make bench`.
//!
//! One program in several roles, each a process of its own so that it can have a core of its own: the servers
//! ([`yardstick`], [`product`], [`split`]), the generator ([`load`]), single steps ([`micro`]), and the [`course`] that plays
//! them in turn and writes the [`report`]. What each figure means stands in `docs/reference/bench.md`.

mod course;
mod database;
mod devices;
mod factory;
mod figures;
mod load;
mod machine;
mod micro;
mod options;
mod order;
mod postgres;
mod product;
mod report;
mod role;
mod split;
mod stage;
mod yardstick;

use std::future::Future;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use tokio::runtime::Builder;

use options::{Command, Options, Server};

fn main() -> Result<()> {
    let options = Options::parse();
    match options.command {
        None => course::play(&options.course),
        Some(Command::Serve {
            server,
            data,
            database,
        }) => many_threads(serve(server, data, database)),
        Some(Command::Found { data, database }) => {
            role::announce(&many_threads(
                async move { product::found(&data, &database).await },
            )?)
        }
        Some(Command::Load { order }) => {
            let observed = one_thread(load::play(serde_json::from_str(&order)?))?;
            role::announce(&observed)
        }
        Some(Command::Micro { entries, seconds }) => role::announce(&micro::measure(entries, seconds)?),
        Some(Command::Publish { entries, data }) => {
            role::announce(&many_threads(micro::publish(entries, data))?)
        }
        Some(Command::Fill { data, count }) => {
            many_threads(async move { product::fill(&data, count).await })?;
            role::announce(&count)
        }
    }
}

async fn serve(server: Server, data: PathBuf, database: Option<String>) -> Result<()> {
    let url = || database.clone().context("it needs a database on a server");
    match server {
        Server::Bare => yardstick::serve_bare(&data, database).await,
        Server::Lawful => yardstick::serve_lawful(&data, database).await,
        Server::House => product::serve(&data, database.as_deref()).await,
        Server::Factory => product::serve_factory(&data, database.as_deref()).await,
        Server::Gateway => split::gateway(&data, url()?).await,
        Server::Signer => split::signer(&data, url()?).await,
    }
}

/// As the product runs: as many threads as there are cores for this process.
fn many_threads<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

fn one_thread<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    Builder::new_current_thread().enable_all().build()?.block_on(work)
}
