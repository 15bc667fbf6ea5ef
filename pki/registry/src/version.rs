// SPDX-License-Identifier: Apache-2.0
//! In which state a thing is: what somebody read of it, and whether it is still so when they change it.

use std::fmt;

use tamga_x509::time::Timestamp;

use crate::account::{Account, ApiToken, ClientCertificate, GivenRole};
use crate::anchor::TrustAnchor;
use crate::enrollment::{Group, IndividualEnrollment};
use crate::organization::Organization;

/// One state of one thing. Two states of a thing have two versions, and so have two things, whatever they are called:
/// one that was removed and made anew is another thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// Of a thing, by its id and by what is raised with each change of it.
    pub fn new(thing: impl fmt::Display, state: impl fmt::Display) -> Self {
        Self(format!("{thing}.{state}"))
    }

    /// As text of letters, digits, `_` and `.`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A thing that can be read, and changed.
pub trait Versioned {
    /// Its version. Whatever is shown of it changes with its version only.
    fn version(&self) -> Version;
}

impl Versioned for Organization {
    fn version(&self) -> Version {
        Version::new(self.id, self.generation)
    }
}

impl Versioned for Group {
    fn version(&self) -> Version {
        Version::new(self.id, self.terms.generation)
    }
}

impl Versioned for IndividualEnrollment {
    fn version(&self) -> Version {
        Version::new(self.id, self.terms.generation)
    }
}

impl Versioned for TrustAnchor {
    fn version(&self) -> Version {
        Version::new(self.id, self.generation)
    }
}

impl Versioned for Account {
    fn version(&self) -> Version {
        Version::new(self.id, self.generation)
    }
}

/// It is given and taken away, and never changes.
impl Versioned for GivenRole {
    fn version(&self) -> Version {
        Version::new(self.id, UNCHANGING)
    }
}

/// It changes with its use, which is shown to the minute, and when it is revoked.
impl Versioned for ApiToken {
    fn version(&self) -> Version {
        let used = self.last_used_at.map_or(0, Timestamp::as_micros);
        let revoked = self.revoked_at.map_or(0, Timestamp::as_micros);
        Version::new(self.id, format_args!("{used}.{revoked}"))
    }
}

/// It is pinned and unpinned, and never changes; pinned anew it has another instant.
impl Versioned for ClientCertificate {
    fn version(&self) -> Version {
        Version::new(self.fingerprint, self.created_at.as_micros())
    }
}

const UNCHANGING: i64 = 1;

/// What somebody expects of the thing they read or change, by the versions they know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expectation {
    /// It is one of these.
    pub one_of: Option<Versions>,
    /// It is none of these.
    pub none_of: Option<Versions>,
}

/// Versions that somebody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions {
    /// Whatever there is.
    Any,
    /// These, as text.
    These(Vec<String>),
}

impl Versions {
    fn have(&self, version: Option<&Version>) -> bool {
        match (self, version) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::These(known), Some(version)) => known.iter().any(|known| known == version.as_str()),
        }
    }
}

impl Expectation {
    /// Nothing is expected.
    pub fn is_none(&self) -> bool {
        self.one_of.is_none() && self.none_of.is_none()
    }

    /// Whether a thing of this version, or nothing at all, is as expected.
    pub fn is_met_by(&self, version: Option<&Version>) -> bool {
        self.knows_no_other(version) && !self.knows(version)
    }

    /// Whether it is one of those that are expected, as far as any are named.
    pub fn knows_no_other(&self, version: Option<&Version>) -> bool {
        self.one_of.as_ref().is_none_or(|these| these.have(version))
    }

    /// Whether it is one of those that are not wanted again.
    pub fn knows(&self, version: Option<&Version>) -> bool {
        self.none_of.as_ref().is_some_and(|these| these.have(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn these(known: &[&str]) -> Option<Versions> {
        Some(Versions::These(
            known.iter().map(|&known| known.to_owned()).collect(),
        ))
    }

    #[test]
    fn what_is_expected_is_met_by_what_is_named_and_by_nothing_else() {
        let version = Version::new("grp_a", 3);
        let (there, nothing) = (Some(&version), None);
        let expected = |one_of, none_of| Expectation { one_of, none_of };
        for (expectation, by_it, by_nothing) in [
            (expected(None, None), true, true),
            (expected(Some(Versions::Any), None), true, false),
            (expected(these(&["grp_a.3"]), None), true, false),
            (expected(these(&["grp_a.2", "grp_a.3"]), None), true, false),
            (
                expected(these(&["grp_a.2", "grp_b.3", "grp_a.33"]), None),
                false,
                false,
            ),
            (expected(these(&[]), None), false, false),
            (expected(None, Some(Versions::Any)), false, true),
            (expected(None, these(&["grp_a.3"])), false, true),
            (expected(None, these(&["grp_a.2"])), true, true),
            (expected(these(&["grp_a.3"]), these(&["grp_a.3"])), false, false),
        ] {
            assert_eq!(expectation.is_met_by(there), by_it, "{expectation:?}");
            assert_eq!(expectation.is_met_by(nothing), by_nothing, "{expectation:?}");
        }
    }
}
