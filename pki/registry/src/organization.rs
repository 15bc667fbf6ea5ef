// SPDX-License-Identifier: Apache-2.0
//! Organizations: tenants, their slugs that go into certificates, and their DPS id scopes.

use std::fmt;
use std::str::FromStr;

use tamga_x509::chance::{Chance, ChanceFault, octets};
use tamga_x509::time::Timestamp;

use crate::id::OrganizationId;
use crate::page::{By, Listed, Mark};
use crate::words;

/// A tenant.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Written into certificates: immutable, unique, never reused.
    pub slug: OrganizationSlug,
    /// For people.
    pub display_name: String,
    /// The organization above it in the tree.
    pub parent: Option<OrganizationId>,
    /// Whether it may issue: not while it is suspended, or one above it.
    pub state: OrganizationState,
    /// Since when it is suspended by itself.
    pub suspended_at: Option<Timestamp>,
    /// Raised by every change of state.
    pub generation: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Listed for Organization {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::Name => Mark::Name(self.slug.to_string()),
            By::Time | By::End => Mark::Time(self.created_at, *self.id.octets()),
        }
    }
}

words! {
    /// Whether an organization may issue.
    OrganizationState {
        /// It may.
        Active = "active",
        /// Nothing is issued; revocation and reading go on.
        Suspended = "suspended",
    }
}

/// `[a-z0-9-]{1,63}`; the O of every certificate and a part of its SPIFFE ID.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrganizationSlug(String);

impl OrganizationSlug {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrganizationSlug {
    type Err = BadOrganizationSlug;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=63).contains(&text.len());
        let letters = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let edges = !text.starts_with('-') && !text.ends_with('-');
        if fits && letters && edges && !RESERVED_SLUGS.contains(&text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadOrganizationSlug)
        }
    }
}

impl fmt::Display for OrganizationSlug {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Text that can be no organization slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an organization's slug has 1 to 63 characters a-z, 0-9 and -, does not begin or end with -, and is not one of root, admin, system"
)]
pub struct BadOrganizationSlug;

/// The first path segment of the DPS device API: `0tm` and eight of `0-9A-Z` without I, L, O, U.
///
/// Compared case-insensitively: kept in upper case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdScope(String);

impl IdScope {
    /// A fresh scope. Memory's unique constraint decides whether it is free.
    pub fn fresh(chance: &dyn Chance) -> Result<Self, ChanceFault> {
        let drawn = octets::<8>(chance)?;
        // 32 letters: five bits of each octet, without bias.
        let letters = drawn
            .iter()
            .filter_map(|octet| SCOPE_LETTERS.get(usize::from(octet & 31)));
        Ok(Self(
            SCOPE_PREFIX
                .bytes()
                .chain(letters.copied())
                .map(char::from)
                .collect(),
        ))
    }

    /// The canonical text, in upper case.
    pub fn canonical(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdScope {
    type Err = BadIdScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.to_ascii_uppercase();
        let letters = upper.strip_prefix(SCOPE_PREFIX).ok_or(BadIdScope)?;
        if letters.len() == 8 && letters.bytes().all(|letter| SCOPE_LETTERS.contains(&letter)) {
            Ok(Self(upper))
        } else {
            Err(BadIdScope)
        }
    }
}

/// As people write it: `0tm` in lower case.
impl fmt::Display for IdScope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "0tm{}", self.0.strip_prefix(SCOPE_PREFIX).unwrap_or(&self.0))
    }
}

/// Text that can be no id scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id scope is 0tm followed by eight characters 0-9 A-Z without I, L, O and U")]
pub struct BadIdScope;

const SCOPE_PREFIX: &str = "0TM";
const SCOPE_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RESERVED_SLUGS: [&str; 3] = ["root", "admin", "system"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_compared_without_regard_to_case_and_shown_one_way() {
        let scope: IdScope = "0TMab12cd34".parse().unwrap();
        assert_eq!(scope, "0tmAB12CD34".parse().unwrap());
        assert_eq!(scope.to_string(), "0tmAB12CD34");
        for wrong in [
            "",
            "0tm",
            "0tmAB12CD3",
            "0tmAB12CD345",
            "0neAB12CD34",
            "0tmAB12CD3I",
            "0tmAB12CD3é",
            "registrations",
        ] {
            assert!(wrong.parse::<IdScope>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_slug_is_a_label() {
        for right in ["a", "default", "acme-pumps-2", &"x".repeat(63)] {
            assert!(right.parse::<OrganizationSlug>().is_ok(), "{right}");
        }
        for wrong in ["", "-a", "a-", "A", "a_b", "a.b", "root", "ä", &"x".repeat(64)] {
            assert!(wrong.parse::<OrganizationSlug>().is_err(), "{wrong}");
        }
    }
}
