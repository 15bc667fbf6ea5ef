// SPDX-License-Identifier: Apache-2.0
//! What is left of a settings file while its faulty values are taken out one by one.

use std::collections::HashMap;

use serde_path_to_error::Path;

use super::place::{self, Step};

pub(super) struct Remainder {
    table: toml::Table,
    /// The places taken out, as the file counts them.
    taken: Vec<Vec<Step>>,
    /// How many elements have been taken out of each list. Lists are read in order, so all of them stood
    /// before whatever is at fault next.
    gone: HashMap<String, usize>,
}

impl Remainder {
    pub(super) fn new(table: toml::Table) -> Self {
        Self {
            table,
            taken: Vec::new(),
            gone: HashMap::new(),
        }
    }

    pub(super) fn value(&self) -> toml::Value {
        toml::Value::Table(self.table.clone())
    }

    /// Where a fault is: in what is left, and in the file.
    pub(super) fn locate(&self, path: &Path) -> (Vec<Step>, Vec<Step>) {
        let found = place::of(path);
        let in_file = found.iter().fold(Vec::new(), |mut place, step| {
            let step = match step {
                Step::Key(key) => Step::Key(key.clone()),
                Step::Index(index) => {
                    let gone = self.gone.get(&place::show(&place)).copied().unwrap_or_default();
                    Step::Index(index.saturating_add(gone))
                }
            };
            place.push(step);
            place
        });
        (found, in_file)
    }

    /// Whether the complaint is about a field that is missing because it was taken out: the operator has been
    /// told already.
    pub(super) fn misses_what_was_taken(&self, place: &[Step], complaint: &str) -> bool {
        let field = complaint
            .strip_prefix("missing field `")
            .and_then(|rest| rest.strip_suffix('`'));
        field.is_some_and(|field| {
            self.taken.iter().any(|taken| {
                taken
                    .split_last()
                    .is_some_and(|(last, before)| before == place && *last == Step::Key(field.to_owned()))
            })
        })
    }

    /// Takes out what is `found` in what is left, which stands at `place` in the file; false when there is
    /// nothing to take out.
    pub(super) fn take_out(&mut self, found: &[Step], place: Vec<Step>) -> bool {
        let Some((last, before)) = found.split_last() else {
            return false;
        };
        let Some(holder) = descend(&mut self.table, before) else {
            return false;
        };
        let removed = match (holder, last) {
            (Holder::Table(table), Step::Key(key)) => table.remove(key).is_some(),
            (Holder::List(list), Step::Index(index)) if *index < list.len() => {
                list.remove(*index);
                let list = place
                    .split_last()
                    .map(|(_, before)| place::show(before))
                    .unwrap_or_default();
                let gone = self.gone.entry(list).or_default();
                *gone = gone.saturating_add(1);
                true
            }
            (Holder::Table(_) | Holder::List(_), Step::Key(_) | Step::Index(_)) => false,
        };
        self.taken.push(place);
        removed
    }
}

enum Holder<'a> {
    Table(&'a mut toml::Table),
    List(&'a mut toml::value::Array),
}

fn descend<'a>(table: &'a mut toml::Table, steps: &[Step]) -> Option<Holder<'a>> {
    steps.iter().try_fold(Holder::Table(table), |holder, step| {
        let value = match (holder, step) {
            (Holder::Table(table), Step::Key(key)) => table.get_mut(key)?,
            (Holder::List(list), Step::Index(index)) => list.get_mut(*index)?,
            (Holder::Table(_), Step::Index(_)) | (Holder::List(_), Step::Key(_)) => return None,
        };
        match value {
            toml::Value::Table(table) => Some(Holder::Table(table)),
            toml::Value::Array(list) => Some(Holder::List(list)),
            toml::Value::String(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_) => None,
        }
    })
}
