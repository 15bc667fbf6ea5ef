// SPDX-License-Identifier: Apache-2.0
//! Does what a verb says, and writes what came of it.

use clap::{ArgMatches, FromArgMatches};
use serde_json::{Value, json};

use super::request::call;
use super::secret::Kept;
use super::{Answer, Given, Noun, Verb};
use crate::command::arguments::AdminArguments;
use crate::command::show::{Output, say, sheet, table, tell};
use crate::exit::{End, Failure};

/// The row that was chosen, and its arguments.
pub(crate) fn chosen<'a>(
    nouns: &[&'static Noun],
    matches: &'a ArgMatches,
) -> Option<(&'static Verb, &'a ArgMatches)> {
    let (noun, matches) = matches.subcommand()?;
    // A noun whose only verb has no name is a command by itself.
    let (name, matches) = matches.subcommand().unwrap_or(("", matches));
    let nouns = nouns.iter().filter(|one| one.name == noun);
    let verb = nouns.flat_map(|noun| noun.verbs).find(|verb| verb.name == name)?;
    Some((verb, matches))
}

/// Does it.
pub(crate) async fn perform(verb: &'static Verb, matches: &ArgMatches) -> Result<(), Failure> {
    let admin = AdminArguments::from_arg_matches(matches);
    let admin = admin
        .map_err(|fault| Failure::new(End::Usage, fault))?
        .admin()
        .await?;
    let given = Given {
        verb,
        matches,
        admin: &admin,
    };
    let call = call(verb, matches, admin.organization().as_str())?;
    let plane = admin.plane();
    let kept = Kept::reserved(verb.secret, matches)?;
    let answer = match verb.answer {
        Answer::Pages(_) | Answer::Tree(_) => {
            let items = plane.pages(call).await;
            items.map(|items| (Value::Array(items), None))
        }
        Answer::Done(_) | Answer::Item(_) | Answer::Parts(..) | Answer::Whole(_) | Answer::Words(_) => {
            plane.tagged(call).await
        }
    };
    let (mut answer, tag) = match answer {
        Ok(answered) => answered,
        Err(failure) => {
            kept.released();
            return Err(failure);
        }
    };
    let secured = kept.keep(&mut answer, admin.output());
    // What was made is named also where what it showed is lost: whoever mends that needs its name.
    write(&answer, &given);
    if let Some(tag) = tag.filter(|_| matches!(verb.answer, Answer::Item(_) | Answer::Parts(..))) {
        // It is no part of the answer, and changes that shall not overlook another's need it.
        tell(&format!("etag {tag}"));
    }
    secured
}

fn write(answer: &Value, given: &Given<'_>) {
    let output = given.admin.output();
    match given.verb.answer {
        Answer::Done(sentence) => done(output, &given.sentence(sentence)),
        Answer::Item(columns) => item(output, answer, columns),
        Answer::Parts(columns, lists) => {
            if output.told(answer) {
                return;
            }
            sheet(answer, columns);
            for (member, columns) in lists {
                let items = answer[member].as_array().map_or(&[][..], Vec::as_slice);
                if !items.is_empty() {
                    say("");
                    table(items, columns);
                }
            }
        }
        Answer::Pages(columns) => items(output, answer, columns),
        Answer::Whole(columns) => items(output, &answer["items"], columns),
        Answer::Words(words) | Answer::Tree(words) => {
            if !output.told(answer) {
                say(&words(answer, given));
            }
        }
    }
}

/// Writes a list.
fn items(output: Output, list: &Value, columns: &super::Columns) {
    if !output.told(list) {
        table(list.as_array().map_or(&[][..], Vec::as_slice), columns);
    }
}

/// Writes one item.
fn item(output: Output, item: &Value, columns: &super::Columns) {
    if !output.told(item) {
        sheet(item, columns);
    }
}

/// Says that something was done; scripts read the exit code.
fn done(output: Output, sentence: &str) {
    if !output.told(&json!({})) {
        say(sentence);
    }
}
