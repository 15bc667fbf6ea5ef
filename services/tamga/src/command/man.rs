// SPDX-License-Identifier: Apache-2.0
//! `tamga man`: a manual page for every command.

use std::path::PathBuf;

use clap::Args;

use super::show::say;
use crate::exit::{End, Failure};

/// Write manual pages, one a command, into a directory.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// The directory; it is made where it is not there
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

impl Man {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let directory = &self.directory;
        let written = std::fs::create_dir_all(directory)
            .and_then(|()| clap_mangen::generate_to(super::line(), directory));
        written.map_err(|fault| {
            let sentence = format!("cannot write manual pages into {}: {fault}", directory.display());
            Failure::new(End::Fault, sentence)
        })?;
        say(&format!(
            "the manual is in {}: man {0}/tamga.1",
            directory.display()
        ));
        Ok(())
    }
}

const EXAMPLES: &str = "\
Example:
  tamga man ~/.local/share/man/man1";
