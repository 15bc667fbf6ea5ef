// SPDX-License-Identifier: Apache-2.0
//! Where in a settings file a key stands.

use serde_path_to_error::{Path, Segment};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One step from a table or list to what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// The way to a value, as far as it is known.
pub(super) fn of(path: &Path) -> Vec<Step> {
    path.iter()
        .map_while(|segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            // The variant of an enum is the value itself, not a step further in.
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// The way as the operator would write it: `listener[0].limits.idle`.
pub(super) fn show(place: &[Step]) -> String {
    place.iter().fold(String::new(), |shown, step| match step {
        Step::Key(key) if shown.is_empty() => key.clone(),
        Step::Key(key) => format!("{shown}.{key}"),
        Step::Index(index) => format!("{shown}[{index}]"),
    })
}

/// The line of the deepest known step, counted from 1.
pub(super) fn line(text: &str, document: &DeTable<'_>, place: &[Step]) -> usize {
    let Some((Step::Key(first), rest)) = place.split_first() else {
        return 1;
    };
    let Some((key, mut value)) = entry(document, first) else {
        return 1;
    };
    let mut offset = key;
    for step in rest {
        let next = match step {
            Step::Key(name) => value.get_ref().as_table().and_then(|table| entry(table, name)),
            Step::Index(index) => value
                .get_ref()
                .as_array()
                .and_then(|list| list.get(*index))
                .map(|element| (element.span().start, element)),
        };
        let Some((start, inner)) = next else { break };
        (offset, value) = (start, inner);
    }
    line_at(text, offset)
}

/// The line that holds the byte at `offset`, counted from 1.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    before.saturating_add(1)
}

fn entry<'t, 'i>(table: &'t DeTable<'i>, name: &str) -> Option<(usize, &'t Spanned<DeValue<'i>>)> {
    table
        .iter()
        .find(|(key, _)| key.get_ref().as_ref() == name)
        .map(|(key, value)| (key.span().start, value))
}
