// SPDX-License-Identifier: Apache-2.0
//! People and programs that work at the admin plane, the roles they are given, and what they prove themselves with.

use std::fmt;
use std::str::FromStr;

use tamga_x509::certificate::Fingerprint;
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use crate::id::{AccountId, AssignmentId, CertificateId, OrganizationId, StationId, TokenId};
use crate::page::{By, Listed, Mark};
use crate::role::{Assignment, Principal, Role};
use crate::station::Period;
use crate::words;

/// A person or a program, known by name in an organization. It never moves to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Its name, unique within the organization without regard to case.
    pub name: AccountName,
    /// Whether somebody sits behind it.
    pub kind: AccountKind,
    /// Whether it may come in.
    pub state: AccountState,
    /// Raised by every change of it.
    pub generation: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Listed for Account {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::Name => Mark::Name(self.name.canonical().to_owned()),
            By::Time | By::End => Mark::Time(self.created_at, *self.id.octets()),
        }
    }
}

words! {
    /// Whether somebody sits behind an account.
    AccountKind {
        /// A person.
        Person = "person",
        /// A program.
        Program = "program",
    }
}

words! {
    /// Whether an account may come in.
    AccountState {
        /// It may.
        Enabled = "enabled",
        /// Whatever it proves itself with is refused.
        Disabled = "disabled",
    }
}

/// What an account is called: at most 64 ASCII letters, digits and `-` `.` `_` `@` `+`, a letter or digit first and last.
/// Compared without regard to case: kept canonical and as presented.
#[derive(Debug, Clone)]
pub struct AccountName {
    canonical: String,
    presented: String,
}

impl AccountName {
    /// In lower case: what is compared and indexed.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// As it was first written: what is shown.
    pub fn presented(&self) -> &str {
        &self.presented
    }
}

impl PartialEq for AccountName {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for AccountName {}

impl FromStr for AccountName {
    type Err = BadAccountName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letters = |b: u8| b.is_ascii_alphanumeric() || b"-._@+".contains(&b);
        let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
        let edges = edge(text.bytes().next()) && edge(text.bytes().next_back());
        let canonical = text.to_ascii_lowercase();
        let reserved = RESERVED_NAMES.contains(&canonical.as_str());
        if text.len() > LONGEST_NAME || !edges || !text.bytes().all(letters) || reserved {
            return Err(BadAccountName);
        }
        Ok(Self {
            canonical,
            presented: text.to_owned(),
        })
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.presented)
    }
}

/// Text that can be no account's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an account's name has 1 to 64 characters a-z, A-Z, 0-9 and - . _ @ +, begins and ends with a letter or digit, and is not one of root, admin, system, default"
)]
pub struct BadAccountName;

/// A role somebody was given somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenRole {
    /// Its id.
    pub id: AssignmentId,
    /// Where it holds, with everything below.
    pub organization: OrganizationId,
    /// Who has it.
    pub grantee: Grantee,
    /// Which.
    pub role: Role,
    /// When it was given.
    pub created_at: Timestamp,
}

impl GivenRole {
    /// What it comes to for who has it.
    pub fn assignment(&self) -> Assignment {
        Assignment {
            role: self.role,
            organization: Some(self.organization),
        }
    }
}

impl Listed for GivenRole {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::Name => Mark::Name(self.id.to_string()),
            By::Time | By::End => Mark::Time(self.created_at, *self.id.octets()),
        }
    }
}

/// Whom a role can be given to: `account:acc_…` or `local:<uid>`, as the journal writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grantee {
    /// An account.
    Account(AccountId),
    /// An operating-system user on the admin Unix socket.
    LocalUser {
        /// The user's id.
        uid: u32,
    },
}

impl Grantee {
    /// As who it acts.
    pub fn principal(self) -> Principal {
        match self {
            Self::Account(account) => Principal::Account(account),
            Self::LocalUser { uid } => Principal::LocalUser { uid },
        }
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.principal().fmt(out)
    }
}

impl FromStr for Grantee {
    type Err = BadGrantee;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(uid) = text.strip_prefix("local:") {
            let uid: u32 = uid.parse().map_err(|_| BadGrantee)?;
            let grantee = Self::LocalUser { uid };
            // One spelling: no sign, no leading zero.
            return (grantee.to_string() == text).then_some(grantee).ok_or(BadGrantee);
        }
        let id = text.strip_prefix("account:").ok_or(BadGrantee)?;
        id.parse().map(Self::Account).map_err(|_| BadGrantee)
    }
}

/// Text that names nobody a role can be given to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "write account:acc_… with the id of an account, or local:<uid> with the number of an operating-system user"
)]
pub struct BadGrantee;

/// Whom a credential proves: `account:acc_…` or `station:sta_…`, as the journal writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// An account.
    Account(AccountId),
    /// A station of a factory.
    Station(StationId),
}

impl Holder {
    /// As who it acts.
    pub fn principal(self) -> Principal {
        match self {
            Self::Account(account) => Principal::Account(account),
            Self::Station(station) => Principal::Station(station),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.principal().fmt(out)
    }
}

impl FromStr for Holder {
    type Err = BadHolder;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.split_once(':').ok_or(BadHolder)?;
        let holder = match kind {
            "account" => id.parse().map(Self::Account),
            "station" => id.parse().map(Self::Station),
            _ => return Err(BadHolder),
        };
        holder.map_err(|_| BadHolder)
    }
}

/// Text that names nobody who can hold a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write account:acc_… with the id of an account, or station:sta_… with the id of a station")]
pub struct BadHolder;

/// An API token, without its secret.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// Its id, a part of the token.
    pub id: TokenId,
    /// Where it holds, with everything below.
    pub organization: OrganizationId,
    /// Whom it proves.
    pub holder: Holder,
    /// What it is for, in its maker's words.
    pub label: String,
    /// The most it may do: what this role holds, and its holder holds.
    pub role: Role,
    /// SHA-256 of its secret.
    pub secret_hash: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// Its last instant.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// Whether it still proves anybody.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now <= self.expires_at
    }
}

impl Listed for ApiToken {
    fn mark(&self, by: By) -> Mark {
        match by {
            By::Name => Mark::Name(self.id.to_string()),
            By::Time | By::End => Mark::Time(self.created_at, *self.id.octets()),
        }
    }
}

/// A client certificate that proves somebody, pinned by its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate.
    pub fingerprint: Fingerprint,
    /// The organization of its holder.
    pub organization: OrganizationId,
    /// Whom it proves.
    pub holder: Holder,
    /// Its key.
    pub spki: SpkiHash,
    /// Its first second.
    pub not_before: Timestamp,
    /// Its last second.
    pub not_after: Timestamp,
    /// Where we issued it ourselves: then its status counts.
    pub issued: Option<CertificateId>,
    /// When it was pinned.
    pub created_at: Timestamp,
}

impl Listed for ClientCertificate {
    fn mark(&self, _: By) -> Mark {
        Mark::Name(self.fingerprint.to_string())
    }
}

/// How somebody who proved themselves stands at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether they may come in: they are not disabled, and their organization is not suspended, or is the top one, which
    /// they administer.
    pub good: bool,
    /// What they may do, and where.
    pub assignments: Vec<Assignment>,
    /// When they may come in.
    pub period: Period,
}

const LONGEST_NAME: usize = 64;
const RESERVED_NAMES: [&str; 4] = ["root", "admin", "system", "default"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_compared_without_regard_to_case_and_has_no_second_spelling() {
        let name: AccountName = "Jane.Doe@example.com".parse().unwrap();
        assert_eq!(name, "jane.doe@EXAMPLE.com".parse().unwrap());
        assert_eq!(name.to_string(), "Jane.Doe@example.com");
        for wrong in [
            "",
            " ",
            " jane",
            "jane ",
            "ja ne",
            ".",
            "..",
            "-a",
            "a.",
            "jané",
            "jane\u{301}",
            "ｊane",
            "a/b",
            "a%b",
            "Root",
            "ADMIN",
            "system",
            "Default",
            &"x".repeat(65),
        ] {
            assert!(wrong.parse::<AccountName>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn whom_a_role_is_given_to_is_written_one_way() {
        let account = Grantee::Account(AccountId::from_octets([7; 16]));
        assert_eq!(account.to_string().parse(), Ok(account));
        assert_eq!("local:1000".parse(), Ok(Grantee::LocalUser { uid: 1000 }));
        for wrong in [
            "local:",
            "local:-1",
            "local:+1",
            "local:01",
            "local:4294967296",
            "account:",
            "account:*",
            "station:sta_x",
            "duty:publish",
            "*",
            "Local:1",
        ] {
            assert!(wrong.parse::<Grantee>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_holder_is_an_account_or_a_station() {
        for holder in [
            Holder::Account(AccountId::from_octets([7; 16])),
            Holder::Station(StationId::from_octets([8; 16])),
        ] {
            assert_eq!(holder.to_string().parse(), Ok(holder));
        }
        assert!("local:1000".parse::<Holder>().is_err());
        assert!(
            "account:sta_aaaaaaaaaaaaaaaaaaaaaaaaaa"
                .parse::<Holder>()
                .is_err()
        );
    }
}
