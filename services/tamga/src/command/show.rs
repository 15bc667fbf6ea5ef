// SPDX-License-Identifier: Apache-2.0
//! What people and scripts read: tables, JSON or YAML on standard output, warnings and faults on standard error.

use std::io::{IsTerminal, Write, stderr, stdout};

use clap::ValueEnum;
use serde_json::Value;

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    #[default]
    Table,
    /// For scripts; of the admin plane, its own answer.
    Json,
    /// The same, for people who keep it.
    Yaml,
}

impl Output {
    /// The text of a value, where scripts are to read it; none where it is to be told in a table.
    pub(crate) fn text(self, value: &Value) -> Option<String> {
        match self {
            Self::Table => None,
            // A value that was read as JSON can be written as JSON, and as YAML, which has all that JSON has.
            Self::Json => Some(serde_json::to_string_pretty(value).unwrap_or_default()),
            Self::Yaml => {
                let text = serde_saphyr::to_string(value).unwrap_or_default();
                Some(text.trim_end_matches('\n').to_owned())
            }
        }
    }

    /// Writes a value where scripts are to read it, and says whether it did.
    pub(crate) fn told(self, value: &Value) -> bool {
        let text = self.text(value);
        if let Some(text) = &text {
            say(text);
        }
        text.is_some()
    }
}

/// Writes to standard output. Whoever reads it may have gone: then there is nothing left to say.
pub(crate) fn say(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

/// Writes to standard error.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// Writes a line to standard error that the next one takes the place of. Only people want that: on a terminal.
pub(crate) fn tell_passing(text: &str) {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\u{1b}[K{text}").and_then(|()| stderr().flush());
    }
}

/// Writes a warning to standard error.
pub(crate) fn warn(text: &str) {
    match coloured(stderr().is_terminal()) {
        true => tell(&format!("\u{1b}[33m{text}\u{1b}[0m")),
        false => tell(text),
    }
}

/// Columns: a heading, and where its cells are in an item.
pub(crate) type Columns = [(&'static str, &'static str)];

/// Writes items, one a line under headings.
pub(crate) fn table(items: &[Value], columns: &Columns) {
    let mut rows = vec![
        columns
            .iter()
            .map(|(heading, _)| (*heading).to_owned())
            .collect::<Vec<_>>(),
    ];
    rows.extend(
        items
            .iter()
            .map(|item| columns.iter().map(|(_, place)| cell(item, place)).collect()),
    );
    let width = |at: usize| {
        rows.iter()
            .filter_map(|row| row.get(at))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let colours = coloured(stdout().is_terminal());
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let padded = format!("{cell:width$}");
            match colours.then(|| colour(cell)).flatten() {
                Some(code) if number > 0 => format!("\u{1b}[{code}m{padded}\u{1b}[0m"),
                _ => padded,
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ").trim_end().to_owned();
        match number == 0 && colours {
            true => say(&format!("\u{1b}[1m{line}\u{1b}[0m")),
            false => say(&line),
        }
    }
}

/// Writes one item, a member a line.
pub(crate) fn sheet(item: &Value, members: &Columns) {
    let width = members
        .iter()
        .map(|(heading, _)| heading.len())
        .max()
        .unwrap_or(0);
    for (heading, place) in members {
        let cell = cell(item, place);
        if !cell.is_empty() {
            say(&format!("{heading:width$}  {cell}"));
        }
    }
}

/// A member as people read it; the place is a JSON pointer. Control characters are not let through to a terminal.
pub(crate) fn cell(item: &Value, place: &str) -> String {
    let text = match item.pointer(place) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    text.chars()
        .flat_map(|letter| {
            if letter.is_control() {
                letter.escape_default().collect::<Vec<_>>()
            } else {
                vec![letter]
            }
        })
        .collect()
}

/// The colour of a state's word: whatever is shut is seen at a glance.
fn colour(cell: &str) -> Option<&'static str> {
    match cell {
        "disabled" | "suspended" | "superseded" | "warning" | "pending" => Some("33"),
        "revoked" | "failed" | "refused" | "scrapped" => Some("31"),
        "enabled" | "active" | "current" | "ok" | "approved" => Some("32"),
        _ => None,
    }
}

/// Colours only on a terminal, and not where they are unwelcome (no-color.org).
fn coloured(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_shows_what_is_there_and_draws_nothing() {
        let item = serde_json::json!({ "a": { "b": "x\u{1b}[2J\n" }, "n": 7, "none": null });
        assert_eq!(cell(&item, "/a/b"), "x\\u{1b}[2J\\n");
        assert_eq!(
            (cell(&item, "/n"), cell(&item, "/none"), cell(&item, "/z")),
            ("7".into(), "".into(), "".into())
        );
    }

    #[test]
    fn yaml_says_what_json_says() {
        let value =
            serde_json::json!({ "b": ["x", "no", null, 7], "a": { "c": "0tm1: # y", "e": [], "f": {} } });
        let text = Output::Yaml.text(&value).unwrap();
        for line in ["- \"no\"", "- null", "- 7", "  e: []", "  f: {}"] {
            assert!(text.lines().any(|printed| printed == line), "`{line}` in\n{text}");
        }
        assert_eq!(Output::Table.text(&value), None);
    }
}
