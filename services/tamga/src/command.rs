// SPDX-License-Identifier: Apache-2.0
//! The command line: `tamga <noun> <verb>`, one file a noun. Exit codes are those of [`crate::exit::End`].

mod anchor;
mod arguments;
mod certificate;
mod certificate_file;
mod config;
mod dev;
mod device;
mod enrollment;
mod group;
#[cfg(test)]
mod invariants;
mod migrate;
#[cfg(test)]
mod reference;
mod revocation;
mod setup;
mod show;
mod simulate;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{End, Failure};
use show::tell;

/// Tamga: device provisioning and certificate authority.
#[derive(Debug, Parser)]
#[command(name = "tamga", version = VERSION, about, arg_required_else_help = true, after_help = EXAMPLES)]
struct Command {
    #[command(subcommand)]
    noun: Noun,
}

#[derive(Debug, Subcommand)]
enum Noun {
    /// Serve the whole house in one process, on embedded defaults
    Dev(dev::Dev),
    /// Play a device, look at one, revoke one
    #[command(subcommand)]
    Device(device::Device),
    /// Enrollment groups: many devices under one key, or below one anchor
    #[command(subcommand)]
    Group(group::Group),
    /// Individual enrollments: one device, one key or certificate
    #[command(subcommand)]
    Enrollment(enrollment::Enrollment),
    /// Trust anchors: authorities of others whose word about devices is taken
    #[command(subcommand)]
    Anchor(anchor::Anchor),
    /// Certificates
    #[command(subcommand)]
    Certificate(certificate::Certificate),
    /// Judge everything that was ever issued, also while the service runs
    Verify(verify::Verify),
    /// Found an installation over Postgres, for processes of their own
    Setup(setup::Setup),
    /// Bring the schema of an installation's Postgres up to date
    Migrate(migrate::Migrate),
    /// Settings files
    #[command(subcommand)]
    Config(config::Config),
}

/// Runs a command line and returns how it ended.
pub fn run(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match Command::try_parse_from(line) {
        Ok(command) => command,
        Err(refusal) => {
            // Help and version are answers, not refusals; nothing is left to do when their reader has gone.
            let _ = refusal.print();
            return ExitCode::from(if refusal.use_stderr() {
                End::Usage.code()
            } else {
                0
            });
        }
    };
    match perform(command.noun) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&format!("tamga: {failure}"));
            failure.exit_code()
        }
    }
}

fn perform(noun: Noun) -> Result<(), Failure> {
    let mut threads = match matches!(noun, Noun::Dev(_) | Noun::Setup(_) | Noun::Migrate(_)) {
        true => tokio::runtime::Builder::new_multi_thread(),
        false => tokio::runtime::Builder::new_current_thread(),
    };
    let threads = threads.enable_all().build();
    threads.map_err(|fault| Failure::fault(&fault))?.block_on(async {
        match noun {
            Noun::Dev(dev) => dev.run().await,
            Noun::Device(device) => device.run().await,
            Noun::Group(group) => group.run().await,
            Noun::Enrollment(enrollment) => enrollment.run().await,
            Noun::Anchor(anchor) => anchor.run().await,
            Noun::Certificate(certificate) => certificate.run().await,
            Noun::Verify(verify) => verify.run().await,
            Noun::Setup(setup) => setup.run().await,
            Noun::Migrate(migrate) => migrate.run().await,
            Noun::Config(config) => config.run(),
        }
    })
}

/// The version of the package and the commit it was built from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("TAMGA_COMMIT"), ")");

const EXAMPLES: &str = "\
Examples:
  tamga dev                                        serve, with one simulated device
  tamga device simulate --registration-id pump-2   enroll another one
  tamga device revoke pump-2 --reason key_compromise
  tamga group create line-7 --keys-file line-7.json
  tamga verify                                     judge everything that was ever issued
  tamga setup --settings setup.toml                found an installation over Postgres
  tamga config check --process signer signer.toml

Exit codes: 0 done, 1 fault or findings, 2 usage or settings, 3 refused, 4 nobody answers, 5 data directory or port in use";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Command::command().debug_assert();
    }

    #[test]
    fn every_verb_shows_an_example() {
        for noun in Command::command().get_subcommands() {
            let verbs: Vec<_> = noun.get_subcommands().collect();
            let leaves = if verbs.is_empty() { vec![noun] } else { verbs };
            for verb in leaves {
                let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(
                    help.contains("Example"),
                    "{} {}",
                    noun.get_name(),
                    verb.get_name()
                );
            }
        }
    }

    #[test]
    fn no_argument_takes_a_secret() {
        for noun in Command::command().get_subcommands() {
            for verb in noun.get_subcommands().chain([noun]) {
                for argument in verb.get_arguments() {
                    let name = argument.get_id().as_str();
                    let wrong = ["key", "secret", "password", "token", "pin"];
                    assert!(
                        !wrong.contains(&name),
                        "{} {name}: give it by file",
                        verb.get_name()
                    );
                }
            }
        }
    }
}
