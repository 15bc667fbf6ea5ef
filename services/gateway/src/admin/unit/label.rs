// SPDX-License-Identifier: Apache-2.0
//! What is printed beside a unit: fields of the caller's own, returned with what is known of the unit filled in.

use std::collections::BTreeMap;

use super::view::Known;
use crate::admin::field::invalid;
use crate::admin::problem::Rejection;

/// Fields whose values may hold `{registrationId}` and the like; nothing else in braces.
#[derive(Debug, Default)]
pub(super) struct Label(BTreeMap<String, String>);

impl Label {
    /// Reads fields. They are few and short, and hold no name that nothing is known by.
    pub(super) fn new(fields: BTreeMap<String, String>) -> Result<Self, Rejection> {
        let refused = |reason: String| Err(invalid("label", reason));
        if fields.len() > MOST_FIELDS {
            return refused(format!("it has more than {MOST_FIELDS} fields: give fewer"));
        }
        for (name, value) in &fields {
            if name.chars().count() > LONGEST_NAME || value.chars().count() > LONGEST_VALUE {
                return refused(format!(
                    "a field has at most {LONGEST_NAME} characters of name and {LONGEST_VALUE} of value"
                ));
            }
            if let Some(unknown) = words(value).find(|word| !Known::NAMES.contains(word)) {
                let names = Known::NAMES.map(|name| format!("{{{name}}}")).join(", ");
                return refused(format!("nothing is known as {{{unknown}}}: use {names}"));
            }
        }
        Ok(Self(fields))
    }

    /// The fields as they are printed.
    pub(super) fn filled(&self, known: &Known) -> BTreeMap<String, String> {
        let filled = |value: &String| {
            Known::NAMES.into_iter().fold(value.clone(), |text, name| {
                text.replace(&format!("{{{name}}}"), known.of(name))
            })
        };
        self.0
            .iter()
            .map(|(name, value)| (name.clone(), filled(value)))
            .collect()
    }
}

/// What stands in braces and could be a name.
fn words(value: &str) -> impl Iterator<Item = &str> {
    value
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(word, _)| word)
        .filter(|word| !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_alphanumeric()))
}

const MOST_FIELDS: usize = 16;
const LONGEST_NAME: usize = 64;
const LONGEST_VALUE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("line".to_owned(), value.to_owned())])
    }

    #[test]
    fn known_names_are_filled_in_and_others_refused() {
        let known = Known::of_story();
        let label = Label::new(fields("SN {registrationId} / {serial} {}")).unwrap();
        assert_eq!(label.filled(&known), fields("SN pump-1 / 4001 {}"));
        for wrong in ["{colour}", "{registrationId}{x1}"] {
            assert!(Label::new(fields(wrong)).is_err(), "{wrong}");
        }
        assert!(Label::new(fields(&"x".repeat(513))).is_err());
        let many = (0..17).map(|at| (at.to_string(), String::new())).collect();
        assert!(Label::new(many).is_err());
    }
}
