// SPDX-License-Identifier: Apache-2.0
//! A verb of the admin plane as a row of a table: which operation it calls, what it takes, how its answer is read.
//!
//! A noun is a file with such rows; [`line`] makes the command line of them, [`perform`] does what was asked. A test
//! (`contract.rs`) compares each row with `openapi/admin.json`: method, path, members, parameters.

pub(super) mod line;
pub(super) mod perform;
mod request;
mod secret;
mod value;

use serde_json::Value;

use super::arguments::Admin;
use super::show::Columns;
pub(super) use value::Kind;

/// A noun and its verbs.
#[derive(Debug)]
pub(super) struct Noun {
    /// What is typed.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) about: &'static str,
    /// What can be done with it.
    pub(super) verbs: &'static [Verb],
}

/// A verb.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verb {
    /// What is typed.
    pub(super) name: &'static str,
    /// The operation of the document.
    pub(super) operation: &'static str,
    /// Its method.
    pub(super) method: &'static str,
    /// Its path: below the organization, or from the top where it begins with a slash.
    pub(super) path: &'static str,
    /// What it does.
    pub(super) about: &'static str,
    /// Command lines, one at least; what follows them stands in `note`.
    pub(super) examples: &'static [&'static str],
    /// What else is good to know.
    pub(super) note: &'static str,
    /// What it takes.
    pub(super) takes: &'static [Take],
    /// How its answer is read.
    pub(super) answer: Answer,
    /// What of the answer is shown once.
    pub(super) secret: Option<Secret>,
}

/// How an answer is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// There is none: a sentence tells what was done, `{name}` standing for the argument of that name.
    Done(&'static str),
    /// One thing.
    Item(&'static Columns),
    /// One thing, and lists within it.
    Parts(&'static Columns, &'static [(&'static str, &'static Columns)]),
    /// A list in pages; all of them are read.
    Pages(&'static Columns),
    /// A list that is told at once.
    Whole(&'static Columns),
    /// A list in pages, all of which are read, told in words of its own.
    Tree(fn(&Value, &Given<'_>) -> String),
    /// In words of its own.
    Words(fn(&Value, &Given<'_>) -> String),
}

/// What was given on the command line, for whoever tells of it.
pub(super) struct Given<'a> {
    verb: &'a Verb,
    matches: &'a clap::ArgMatches,
    /// Where the call went.
    pub(super) admin: &'a Admin,
}

impl Given<'_> {
    /// The text of an argument; empty where it was not given.
    pub(super) fn text(&self, name: &str) -> String {
        let take = self.verb.takes.iter().find(|take| take.name == name);
        let text = take.and_then(|take| self.matches.get_one::<String>(take.name));
        text.cloned().unwrap_or_default()
    }

    /// A sentence with the arguments in it.
    pub(super) fn sentence(&self, sentence: &str) -> String {
        let mut text = sentence.replace("{organization}", self.admin.organization().as_str());
        for take in self.verb.takes {
            text = text.replace(&format!("{{{}}}", take.name), &self.text(take.name));
        }
        text
    }
}

/// Something a verb takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Take {
    /// What is typed: the option, or the word that stands for it in the usage.
    pub(super) name: &'static str,
    /// Where it goes.
    pub(super) place: Place,
    /// What may be given.
    pub(super) kind: Kind,
    /// What it is.
    pub(super) help: &'static str,
    /// Typed without the name of an option.
    pub(super) word: bool,
    /// Needed.
    pub(super) needed: bool,
    /// Given as often as wanted.
    pub(super) many: bool,
    /// What is given otherwise.
    pub(super) default: Option<&'static str>,
    /// It makes sense with this alone.
    pub(super) needs: Option<&'static str>,
    /// It makes no sense beside these.
    pub(super) excludes: &'static [&'static str],
    /// Members that are said along.
    pub(super) says: &'static [(&'static str, &'static str)],
}

/// Where something goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// A segment of the path.
    Path(&'static str),
    /// A parameter of the query.
    Query(&'static str),
    /// A member of the body, as a JSON pointer; the empty one is the body itself.
    Body(&'static str),
    /// A header.
    Header(&'static str),
    /// The body, octet for octet, under this media type.
    Octets(&'static str),
}

/// What is shown once, and where it may be kept instead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Secret {
    /// The option that names a new file for it.
    pub(super) option: &'static str,
    /// The secret members, as JSON pointers.
    pub(super) members: &'static [&'static str],
    /// What the file holds.
    pub(super) form: SecretForm,
    /// How there are others, where these could not be kept.
    pub(super) otherwise: &'static str,
}

/// What a file of secrets holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretForm {
    /// A JSON object: the name of the thing, and each secret under the last word of its place.
    Named,
    /// The secret alone, on a line.
    Bare,
}

/// The operation of a verb that changes something.
pub(super) const fn verb(
    name: &'static str,
    operation: &'static str,
    (method, path): (&'static str, &'static str),
    answer: Answer,
) -> Verb {
    Verb {
        name,
        operation,
        method,
        path,
        about: "",
        examples: &[],
        note: "",
        takes: &[],
        answer,
        secret: None,
    }
}

/// A verb that lists.
pub(super) const fn list(operation: &'static str, path: &'static str, columns: &'static Columns) -> Verb {
    verb("list", operation, (GET, path), Answer::Pages(columns))
}

/// A verb that shows.
pub(super) const fn show(operation: &'static str, path: &'static str, columns: &'static Columns) -> Verb {
    verb("show", operation, (GET, path), Answer::Item(columns))
}

impl Verb {
    /// What it does.
    pub(super) const fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    /// Its examples.
    pub(super) const fn examples(mut self, examples: &'static [&'static str]) -> Self {
        self.examples = examples;
        self
    }

    /// What else is good to know.
    pub(super) const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    /// What it takes.
    pub(super) const fn takes(mut self, takes: &'static [Take]) -> Self {
        self.takes = takes;
        self
    }

    /// What of the answer is shown once.
    pub(super) const fn secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Its path in the document.
    pub(super) fn full_path(&self) -> String {
        match self.path.starts_with('/') {
            true => self.path.to_owned(),
            false => format!("/v1/organizations/{{organization}}/{}", self.path),
        }
    }
}

/// A name in the path, typed as a word.
pub(super) const fn named(segment: &'static str, kind: Kind, help: &'static str) -> Take {
    take(segment, Place::Path(segment), kind, help).as_word()
}

/// A member of the body, typed as a word.
pub(super) const fn word(name: &'static str, pointer: &'static str, kind: Kind, help: &'static str) -> Take {
    take(name, Place::Body(pointer), kind, help).as_word()
}

/// A member of the body, typed as an option.
pub(super) const fn member(
    name: &'static str,
    pointer: &'static str,
    kind: Kind,
    help: &'static str,
) -> Take {
    take(name, Place::Body(pointer), kind, help)
}

/// A parameter of the query, typed as an option.
pub(super) const fn filter(name: &'static str, query: &'static str, kind: Kind, help: &'static str) -> Take {
    take(name, Place::Query(query), kind, help)
}

/// Anything.
pub(super) const fn take(name: &'static str, place: Place, kind: Kind, help: &'static str) -> Take {
    Take {
        name,
        place,
        kind,
        help,
        word: false,
        needed: false,
        many: false,
        default: None,
        needs: None,
        excludes: &[],
        says: &[],
    }
}

impl Take {
    /// Typed without the name of an option, and needed.
    pub(super) const fn as_word(mut self) -> Self {
        self.word = true;
        self.needed = true;
        self
    }

    /// Needed.
    pub(super) const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }

    /// Given as often as wanted.
    pub(super) const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    /// What is given otherwise.
    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// It makes sense with another alone.
    pub(super) const fn needs(mut self, other: &'static str) -> Self {
        self.needs = Some(other);
        self
    }

    /// It makes no sense beside others.
    pub(super) const fn excludes(mut self, others: &'static [&'static str]) -> Self {
        self.excludes = others;
        self
    }

    /// Members that are said along.
    pub(super) const fn says(mut self, says: &'static [(&'static str, &'static str)]) -> Self {
        self.says = says;
        self
    }
}

/// The order of a list: every paged list has one.
pub(super) const fn sorted(orders: &'static [&'static str]) -> Take {
    filter("sort", "sort", Kind::Choice(orders), "The order")
}

/// Only while it is as it was seen.
pub(super) const IF_MATCH: Take = take(
    "if-match",
    Place::Header("If-Match"),
    Kind::Text,
    "Only while it is as it was seen: the etag that `show` tells",
);

pub(super) const GET: &str = "GET";
pub(super) const POST: &str = "POST";
pub(super) const PUT: &str = "PUT";
pub(super) const DELETE: &str = "DELETE";
