// SPDX-License-Identifier: Apache-2.0
//! `tamga completions`: what a shell needs to complete command lines.

use std::io::Write;

use clap::Args;
use clap_complete::{Shell, generate};

use crate::exit::Failure;

/// Write a completion script for a shell to standard output.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut script = Vec::new();
        generate(self.shell, &mut super::line(), "tamga", &mut script);
        // Whoever reads it may have gone: then there is nothing left to say.
        let _ = std::io::stdout().write_all(&script);
        Ok(())
    }
}

const EXAMPLES: &str = "\
Examples:
  tamga completions bash > ~/.local/share/bash-completion/completions/tamga
  tamga completions zsh > ~/.zfunc/_tamga
  tamga completions fish > ~/.config/fish/completions/tamga.fish";
