// SPDX-License-Identifier: Apache-2.0
//! Single steps of an enrollment and of a publication, each alone on one core.

mod list;
mod steps;

use std::path::PathBuf;

use anyhow::Result;

use crate::report::Figure;

/// The pure steps: reading a request, drafting with lints, building a list of this many entries.
pub(crate) fn measure(entries: usize, seconds: f64) -> Result<Vec<Figure>> {
    let mut figures = steps::measure(seconds)?;
    figures.push(list::build(entries)?);
    Ok(figures)
}

/// One run of the duty `publish` over a database with this many revoked certificates.
pub(crate) async fn publish(entries: usize, data: PathBuf) -> Result<Vec<Figure>> {
    Ok(vec![list::publish(entries, &data).await?])
}

/// Times each step is measured.
const RUNS: usize = 5;
