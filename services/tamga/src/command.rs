// SPDX-License-Identifier: Apache-2.0
//! The command line: `tamga <noun> <verb>`. Exit codes are those of [`crate::exit::End`].
//!
//! Verbs that are calls of the admin plane are rows of tables, one file a noun (`noun/`); what a row means is in `verb.rs`.
//! Everything else is a file of its own.

mod arguments;
mod bulk;
mod certificate;
mod completions;
mod config;
mod context;
#[cfg(test)]
mod contract;
mod dev;
mod device;
mod doctor;
mod import;
#[cfg(test)]
mod invariants;
mod man;
mod migrate;
mod noun;
#[cfg(test)]
mod reference;
mod setup;
mod show;
mod simulate;
mod verb;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

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
    /// Individual enrollments: one device, one key or certificate
    #[command(subcommand)]
    Enrollment(import::Enrollment),
    /// Certificates: look at them, revoke one, furnish many units on a line
    #[command(subcommand)]
    Certificate(certificate::Certificate),
    /// Contexts: roads to admin planes under names
    #[command(subcommand)]
    Context(context::Context),
    /// Look at everything an installation stands on, and say what mends it
    Doctor(doctor::Doctor),
    /// Judge everything that was ever issued, also while the service runs
    Verify(verify::Verify),
    /// Found an installation over Postgres, for processes of their own
    Setup(setup::Setup),
    /// Bring the schema of an installation's Postgres up to date
    Migrate(migrate::Migrate),
    /// Settings files
    #[command(subcommand)]
    Config(config::Config),
    /// Write a completion script for a shell
    Completions(completions::Completions),
    /// Write manual pages
    Man(man::Man),
}

/// The whole command line: what is written by hand, and the rows of the nouns.
fn line() -> clap::Command {
    noun::NOUNS
        .iter()
        .fold(Command::command(), |line, noun| verb::line::with_noun(line, noun))
}

/// Runs a command line and returns how it ended.
pub fn run(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match self::line().try_get_matches_from(line) {
        Ok(matches) => matches,
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
    match perform(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&format!("tamga: {failure}"));
            failure.exit_code()
        }
    }
}

fn perform(matches: &ArgMatches) -> Result<(), Failure> {
    if let Some((verb, matches)) = verb::perform::chosen(noun::NOUNS, matches) {
        let threads = threads(tokio::runtime::Builder::new_current_thread())?;
        return threads.block_on(verb::perform::perform(verb, matches));
    }
    let command = Command::from_arg_matches(matches).map_err(|fault| Failure::new(End::Usage, fault))?;
    let threads = threads(match command.noun {
        Noun::Dev(_) | Noun::Setup(_) | Noun::Migrate(_) => tokio::runtime::Builder::new_multi_thread(),
        Noun::Device(_)
        | Noun::Enrollment(_)
        | Noun::Certificate(_)
        | Noun::Context(_)
        | Noun::Doctor(_)
        | Noun::Verify(_)
        | Noun::Config(_)
        | Noun::Completions(_)
        | Noun::Man(_) => tokio::runtime::Builder::new_current_thread(),
    })?;
    threads.block_on(async {
        match command.noun {
            Noun::Dev(dev) => dev.run().await,
            Noun::Device(device) => device.run().await,
            Noun::Enrollment(enrollment) => enrollment.run().await,
            Noun::Certificate(certificate) => certificate.run().await,
            Noun::Doctor(doctor) => doctor.run().await,
            Noun::Context(context) => context.run().await,
            Noun::Verify(verify) => verify.run().await,
            Noun::Setup(setup) => setup.run().await,
            Noun::Migrate(migrate) => migrate.run().await,
            Noun::Config(config) => config.run(),
            Noun::Completions(completions) => completions.run(),
            Noun::Man(man) => man.run(),
        }
    })
}

fn threads(mut builder: tokio::runtime::Builder) -> Result<tokio::runtime::Runtime, Failure> {
    builder
        .enable_all()
        .build()
        .map_err(|fault| Failure::fault(&fault))
}

/// The version of the package and the commit it was built from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("TAMGA_COMMIT"), ")");

const EXAMPLES: &str = "\
Examples:
  tamga dev                                        serve, with one simulated device
  tamga device simulate --registration-id pump-2   enroll another one
  tamga device revoke pump-2 --reason key_compromise
  tamga group create line-7 --keys-file line-7.json
  tamga context add plant --url https://tamga.example:8444 --ca-file anchor.pem --token-file plant.token
  tamga account list --context plant --output yaml
  tamga verify                                     judge everything that was ever issued
  tamga setup --settings setup.toml                found an installation over Postgres
  tamga config check --process signer signer.toml

Exit codes: 0 done, 1 fault or findings, 2 usage or settings, 3 refused, 4 nobody answers, 5 data directory or port in use";

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command that does something, under its full name.
    fn leaves(command: &clap::Command) -> Vec<&clap::Command> {
        let below: Vec<_> = command.get_subcommands().collect();
        match below.is_empty() {
            true => vec![command],
            false => below.into_iter().flat_map(leaves).collect(),
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        line().debug_assert();
    }

    #[test]
    fn every_verb_shows_an_example() {
        for verb in leaves(&line()) {
            let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{}", verb.get_name());
            let named = help.contains(&format!("tamga {}", verb.get_name()))
                || help.contains(&format!(" {}", verb.get_name()));
            assert!(named, "the example of {} is one of another", verb.get_name());
        }
    }

    #[test]
    fn every_verb_says_what_it_does() {
        let mut said = std::collections::BTreeSet::new();
        for verb in leaves(&line()) {
            let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(said.insert(about.clone()), "two commands say {about:?}");
        }
    }

    #[test]
    fn every_example_of_a_row_is_a_command_line_that_is_taken() {
        for example in noun::NOUNS
            .iter()
            .flat_map(|noun| noun.verbs)
            .flat_map(|verb| verb.examples)
        {
            let line = example.rsplit(" && ").next().unwrap_or(example);
            let (mut words, mut quoted) = (vec![String::new()], false);
            for letter in line.chars() {
                match (letter, words.last_mut()) {
                    ('\'', _) => quoted = !quoted,
                    (' ', _) if !quoted => words.push(String::new()),
                    // An id that is left out stands for any.
                    ('…', Some(word)) => word.push_str(&"a".repeat(26)),
                    (_, Some(word)) => word.push(letter),
                    (_, None) => {}
                }
            }
            let taken = self::line().try_get_matches_from(&words);
            assert!(
                taken.is_ok(),
                "{example}: {}",
                taken.err().map(|fault| fault.to_string()).unwrap_or_default()
            );
        }
    }

    #[test]
    fn every_command_but_those_that_serve_or_write_scripts_has_an_output() {
        for verb in leaves(&line()) {
            let exempt = ["dev", "completions", "man"].contains(&verb.get_name());
            let has = verb.get_arguments().any(|argument| argument.get_id() == "output");
            assert!(has != exempt, "{}", verb.get_name());
        }
    }

    #[test]
    fn no_argument_takes_a_secret() {
        let wrong = ["key", "secret", "password", "pin"];
        for verb in leaves(&line()) {
            for argument in verb.get_arguments() {
                let name = argument.get_id().as_str();
                // `token revoke` and its like take the token's id, which is none.
                let takes_id =
                    verb.get_name() != "create" && name == "token" && argument.get_long().is_none();
                let bad = wrong.contains(&name) || (name == "token" && !takes_id);
                assert!(!bad, "{} {name}: give it by file", verb.get_name());
            }
        }
    }
}
