// SPDX-License-Identifier: Apache-2.0
//! Grants: what an organization lets one below it use of its own.

use std::fmt;
use std::str::FromStr;

use tamga_x509::time::Timestamp;

use crate::device::RegistrationId;
use crate::organization::OrganizationSlug;
use crate::page::{By, Listed, Mark};
use crate::words;

words! {
    /// What is granted.
    GrantKind {
        /// An issuer.
        Issuer = "issuer",
        /// A profile.
        Profile = "profile",
        /// A trust anchor.
        Anchor = "anchor",
    }
}

/// What a grant is known by: what is granted to whom. There is no second one of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantName {
    /// What kind of thing.
    pub kind: GrantKind,
    /// To whom.
    pub to: OrganizationSlug,
    /// The thing, by its name within its owner.
    pub thing: RegistrationId,
}

/// `issuer:plant-2:devices`. No kind and no slug holds a colon; a name may.
impl fmt::Display for GrantName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.kind, self.to, self.thing.canonical())
    }
}

impl FromStr for GrantName {
    type Err = BadGrantName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or(BadGrantName);
        Ok(Self {
            kind: next()?.parse().map_err(|_| BadGrantName)?,
            to: next()?.parse().map_err(|_| BadGrantName)?,
            thing: next()?.parse().map_err(|_| BadGrantName)?,
        })
    }
}

/// Text that names no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a grant is named `<issuer, profile or anchor>:<organization>:<name>`")]
pub struct BadGrantName;

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What is granted to whom.
    pub name: GrantName,
    /// Since when.
    pub created_at: Timestamp,
}

/// Grants are listed by their names only.
impl Listed for Grant {
    fn mark(&self, _: By) -> Mark {
        Mark::Name(self.name.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_named_by_what_is_granted_to_whom() {
        let name: GrantName = "anchor:plant-2:Vendor:Root".parse().unwrap();
        assert_eq!(name.kind, GrantKind::Anchor);
        assert_eq!(
            (name.to.as_str(), name.thing.presented()),
            ("plant-2", "Vendor:Root")
        );
        assert_eq!(name.to_string(), "anchor:plant-2:vendor:root");
        for wrong in [
            "",
            "anchor",
            "anchor:plant-2",
            "anchor:plant-2:",
            "group:plant-2:x",
            "issuer::x",
            "issuer:A B:x",
        ] {
            assert_eq!(wrong.parse::<GrantName>(), Err(BadGrantName), "{wrong}");
        }
    }
}
