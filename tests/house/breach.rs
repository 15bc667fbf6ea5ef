// SPDX-License-Identifier: Apache-2.0
//! A broken rule of the house: where, which rule, and how to mend it.

use std::fmt;

/// One place where one rule is broken.
#[derive(Debug)]
pub(crate) struct Breach {
    pub(crate) place: String,
    pub(crate) rule: &'static str,
    pub(crate) mend: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\n    rule: {}\n    mend: {}",
            self.place, self.rule, self.mend
        )
    }
}

/// Fails the test with every breach at once, so that one run shows all the work.
pub(crate) fn assert_none(breaches: &[Breach]) {
    let list: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(
        list.is_empty(),
        "{} broken rule(s) of the house:\n{}",
        list.len(),
        list.join("\n")
    );
}
