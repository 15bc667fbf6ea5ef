// SPDX-License-Identifier: Apache-2.0
//! The laws memory checks of itself: queries that name whoever breaks them. One text for every engine.

use tamga_registry::inspection::Assertion;

mod access;
mod issuance;
mod line;
mod record;
mod revocation;
mod station;
mod tenancy;

/// A law. Its query names each offender once or more as `object`; told are the lowest keys, each once.
macro_rules! law {
    ($invariant:literal, $name:literal, $subject:ident, $holds:expr, $query:expr $(,)?) => {
        ::tamga_registry::inspection::Assertion {
            law: ::tamga_registry::inspection::Law {
                name: $name,
                invariant: $invariant,
                holds: $holds,
            },
            subject: ::tamga_registry::inspection::Subject::$subject,
            // The outer condition names $1 for queries that do not ask for the time.
            query: concat!(
                "SELECT DISTINCT f.object FROM (",
                $query,
                ") f WHERE CAST($1 AS BIGINT) IS NOT NULL ORDER BY f.object LIMIT CAST($2 AS BIGINT)"
            ),
        }
    };
}
use law;

/// Certificate `c` is recorded, not revoked, and has not expired at $1.
macro_rules! good {
    () => {
        "c.state IN ('issued', 'superseded') AND c.not_after > $1"
    };
}
use good;

/// All of them.
pub fn assertions() -> Vec<&'static Assertion> {
    [
        access::LAWS,
        issuance::LAWS,
        line::LAWS,
        record::LAWS,
        revocation::LAWS,
        station::LAWS,
        tenancy::LAWS,
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_law_has_a_name_of_its_own_and_the_number_of_an_invariant() {
        let laws = assertions();
        let names: BTreeSet<_> = laws.iter().map(|one| one.law.name).collect();
        assert_eq!(names.len(), laws.len());
        for one in laws {
            let number = one.law.invariant.strip_prefix("I-").unwrap();
            assert!((1..=40).contains(&number.parse::<u8>().unwrap()), "{number}");
            assert!(one.law.holds.ends_with('.'), "{} is a sentence", one.law.name);
        }
    }

    #[test]
    fn no_query_speaks_a_dialect() {
        for one in assertions() {
            let words = one.query.to_ascii_lowercase();
            for word in [
                "hex(",
                "quote(",
                "unhex(",
                "::",
                "is not distinct",
                "pragma",
                "ifnull",
                "rowid",
                "json",
            ] {
                assert!(!words.contains(word), "{} says {word}", one.law.name);
            }
            // `x IS NOT y` is SQLite's own; everybody else has it only for NULL.
            for (at, _) in words.match_indices("is not ") {
                assert!(words[at..].starts_with("is not null"), "{}", one.law.name);
            }
        }
    }
}
