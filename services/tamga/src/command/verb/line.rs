// SPDX-License-Identifier: Apache-2.0
//! The command line of a noun, made of its rows.

use clap::builder::{PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, Args, Command};

use super::{Kind, Noun, Place, Take, Verb};
use crate::command::arguments::AdminArguments;

/// Adds the verbs of a noun to a command: to one that has verbs of other kinds already, or to a new one.
pub(crate) fn with_noun(root: Command, noun: &'static Noun) -> Command {
    let verbs = |command: Command| command.subcommands(noun.verbs.iter().map(command_of));
    if let [verb] = noun.verbs
        && verb.name.is_empty()
    {
        return root.subcommand(command_of(verb).name(noun.name));
    }
    if root.find_subcommand(noun.name).is_some() {
        return root.mut_subcommand(noun.name, verbs);
    }
    let command = Command::new(noun.name)
        .about(noun.about)
        .subcommand_required(true)
        .arg_required_else_help(true);
    root.subcommand(verbs(command))
}

fn command_of(verb: &'static Verb) -> Command {
    let mut command = Command::new(verb.name).after_help(after(verb));
    for take in verb.takes {
        command = command.arg(argument(take));
    }
    if let Some(secret) = verb.secret {
        let file = Arg::new(secret.option)
            .long(secret.option)
            .value_name("FILE")
            .help("Write what is shown once to this new file (mode 0600) instead of showing it");
        command = command.arg(file);
    }
    // What it does is said last: arguments that are taken over bring a sentence of their own.
    AdminArguments::augment_args(command).about(verb.about)
}

fn argument(take: &'static Take) -> Arg {
    let kind = take.kind;
    let mut argument = Arg::new(take.name).help(take.help);
    argument = match take.word {
        true => argument,
        false => argument.long(take.name),
    };
    let shown = if take.word || matches!(kind, Kind::Choice(_)) {
        shouted(take.name)
    } else {
        kind.stands_for().to_owned()
    };
    let parser: ValueParser = if let Kind::Choice(words) = kind {
        PossibleValuesParser::new(words).into()
    } else {
        (move |text: &str| kind.judge(text)).into()
    };
    argument = argument
        .value_name(shown)
        .required(take.needed)
        // An order may begin with a hyphen.
        .allow_hyphen_values(matches!(kind, Kind::Choice(_)))
        .value_parser(parser)
        .conflicts_with_all(take.excludes);
    if take.many {
        argument = argument.action(ArgAction::Append);
    }
    if let Some(default) = take.default {
        argument = argument.default_value(default);
    }
    match take.needs {
        Some(other) => argument.requires(other),
        None => argument,
    }
}

/// `registrationId` and `registration-id` as `REGISTRATION_ID`.
fn shouted(name: &str) -> String {
    let mut shouted = String::new();
    for letter in name.chars() {
        match letter {
            '-' => shouted.push('_'),
            _ if letter.is_ascii_uppercase() => shouted.extend(['_', letter]),
            _ => shouted.push(letter.to_ascii_uppercase()),
        }
    }
    shouted
}

fn after(verb: &Verb) -> String {
    let head = if verb.examples.len() == 1 {
        "Example:"
    } else {
        "Examples:"
    };
    let mut text = head.to_owned();
    for example in verb.examples {
        text.push_str("\n  ");
        text.push_str(example);
    }
    if !verb.note.is_empty() {
        text.push_str("\n\n");
        text.push_str(verb.note);
    }
    text.push_str("\n\nOperation of openapi/admin.json: ");
    text.push_str(verb.operation);
    text
}

/// The octets of the body, if a verb sends a file as it is.
pub(super) fn octets_of(verb: &Verb) -> Option<(&'static Take, &'static str)> {
    verb.takes.iter().find_map(|take| match take.place {
        Place::Octets(media) => Some((take, media)),
        Place::Path(_) | Place::Query(_) | Place::Body(_) | Place::Header(_) => None,
    })
}
