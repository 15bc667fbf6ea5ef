// SPDX-License-Identifier: Apache-2.0
//! Who may do what: principals, permissions as `noun:verb`, and the built-in roles that are sets of them.

use std::fmt;

use crate::id::{AccountId, DeviceId, OrganizationId, StationId};
use crate::words;

/// One line a permission: its word, the act it permits as the journal names acts, and the roles that hold it. Whoever is
/// not named here does not hold it.
macro_rules! permissions {
    ($($(#[$doc:meta])* $permission:ident = $word:literal, $act:literal, [$($role:ident),+];)+) => {
        words! {
            /// One permission. Every act names the one it needs.
            Permission { $($(#[$doc])* $permission = $word,)+ }
        }

        impl Permission {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$permission,)+];

            /// The act it permits, as the journal names acts: `noun.verb`.
            pub fn act(self) -> &'static str {
                match self { $(Self::$permission => $act,)+ }
            }

            /// The roles that hold it.
            pub fn holders(self) -> &'static [Role] {
                match self { $(Self::$permission => &[$(Role::$role),+],)+ }
            }
        }
    };
}

permissions! {
    /// Make an organization below another.
    OrganizationCreate = "organization:create", "organization.create", [Administrator];
    /// See organizations and their id scopes.
    OrganizationRead = "organization:read", "organization.read", [Administrator, Operator, Auditor];
    /// Rename an organization, and give it another id scope.
    OrganizationUpdate = "organization:update", "organization.update", [Administrator];
    /// Suspend and resume an organization with everything below it.
    OrganizationSuspend = "organization:suspend", "organization.suspend", [Administrator];
    /// Make an account.
    AccountCreate = "account:create", "account.create", [Administrator];
    /// See accounts.
    AccountRead = "account:read", "account.read", [Administrator, Auditor];
    /// Enable or disable an account.
    AccountUpdate = "account:update", "account.update", [Administrator];
    /// Remove an account.
    AccountDelete = "account:delete", "account.delete", [Administrator];
    /// Give a role to somebody.
    AssignmentCreate = "assignment:create", "assignment.create", [Administrator];
    /// See who has which role.
    AssignmentRead = "assignment:read", "assignment.read", [Administrator, Auditor];
    /// Take a role away.
    AssignmentDelete = "assignment:delete", "assignment.delete", [Administrator];
    /// Make credentials: an API token, or a pinned client certificate.
    TokenCreate = "token:create", "token.create", [Administrator];
    /// See credentials, without their secrets.
    TokenRead = "token:read", "token.read", [Administrator, Auditor];
    /// Revoke credentials.
    TokenDelete = "token:delete", "token.delete", [Administrator];
    /// Make a profile.
    ProfileCreate = "profile:create", "profile.create", [Administrator];
    /// See profiles and their revisions.
    ProfileRead = "profile:read", "profile.read", [Administrator, Operator, Auditor];
    /// Give a profile another revision.
    ProfileUpdate = "profile:update", "profile.update", [Administrator];
    /// Make an issuer.
    IssuerCreate = "issuer:create", "issuer.create", [Administrator];
    /// See issuers.
    IssuerRead = "issuer:read", "issuer.read", [Administrator, Operator, Auditor];
    /// Change an issuer: retire it, publish its lists.
    IssuerUpdate = "issuer:update", "issuer.update", [Administrator];
    /// Let an organization below use an issuer, a profile or an anchor.
    GrantCreate = "grant:create", "grant.create", [Administrator];
    /// See what may be used by whom.
    GrantRead = "grant:read", "grant.read", [Administrator, Operator, Auditor];
    /// Take such a use back.
    GrantDelete = "grant:delete", "grant.delete", [Administrator];
    /// Make an enrollment group.
    GroupCreate = "group:create", "group.create", [Administrator, Operator];
    /// See enrollment groups.
    GroupRead = "group:read", "group.read", [Administrator, Operator, Auditor];
    /// Change an enrollment group: enable, disable, and its terms.
    GroupUpdate = "group:update", "group.update", [Administrator, Operator];
    /// Remove an enrollment group.
    GroupDelete = "group:delete", "group.delete", [Administrator, Operator];
    /// Make an individual enrollment.
    EnrollmentCreate = "enrollment:create", "enrollment.create", [Administrator, Operator];
    /// See individual enrollments.
    EnrollmentRead = "enrollment:read", "enrollment.read", [Administrator, Operator, Auditor];
    /// Change an individual enrollment: enable, disable, and its terms.
    EnrollmentUpdate = "enrollment:update", "enrollment.update", [Administrator, Operator];
    /// Remove an individual enrollment.
    EnrollmentDelete = "enrollment:delete", "enrollment.delete", [Administrator, Operator];
    /// Add a trust anchor.
    AnchorCreate = "anchor:create", "anchor.create", [Administrator, Operator];
    /// See trust anchors.
    AnchorRead = "anchor:read", "anchor.read", [Administrator, Operator, Auditor];
    /// Change a trust anchor: its state, its status policy, its intermediates and lists.
    AnchorUpdate = "anchor:update", "anchor.update", [Administrator, Operator];
    /// Remove a trust anchor.
    AnchorDelete = "anchor:delete", "anchor.delete", [Administrator, Operator];
    /// See devices and their certificates.
    DeviceRead = "device:read", "device.read", [Administrator, Operator, Auditor, Factory];
    /// Enable or disable a device.
    DeviceUpdate = "device:update", "device.update", [Administrator, Operator];
    /// Revoke a device.
    DeviceRevoke = "device:revoke", "device.revoke", [Administrator, Operator];
    /// Let a revoked device enroll again.
    DeviceRestore = "device:restore", "device.restore", [Administrator, Operator];
    /// Bind a device to another credential.
    DeviceRekey = "device:rekey", "device.rekey", [Administrator, Operator];
    /// Let a device go to another organization.
    DeviceRelease = "device:release", "device.release", [Administrator, Operator];
    /// Take a device that another organization let go.
    DeviceClaim = "device:claim", "device.claim", [Administrator, Operator];
    /// Remove a device; a tombstone stays.
    DeviceDelete = "device:delete", "device.delete", [Administrator, Operator];
    /// See certificates.
    CertificateRead = "certificate:read", "certificate.read", [Administrator, Operator, Auditor];
    /// Revoke a certificate.
    CertificateRevoke = "certificate:revoke", "certificate.revoke", [Administrator, Operator];
    /// Have certificates issued for units on a line.
    CertificateIssue = "certificate:issue", "certificate.issue", [Administrator, Operator, Factory];
    /// See orders.
    OrderRead = "order:read", "order.read", [Administrator, Operator, Auditor];
    /// Make a station.
    StationCreate = "station:create", "station.create", [Administrator];
    /// See stations.
    StationRead = "station:read", "station.read", [Administrator, Operator, Auditor];
    /// Change a station: enable, disable, and its terms.
    StationUpdate = "station:update", "station.update", [Administrator];
    /// Remove a station.
    StationDelete = "station:delete", "station.delete", [Administrator];
    /// Scrap a unit.
    UnitScrap = "unit:scrap", "unit.scrap", [Administrator, Operator, Factory];
    /// Give a unit on the line another certificate.
    UnitRework = "unit:rework", "unit.rework", [Administrator, Operator, Factory];
    /// See what waits for an approval.
    ApprovalRead = "approval:read", "approval.read", [Administrator, Operator, Auditor];
    /// Approve or refuse what somebody else asked for.
    ApprovalDecide = "approval:decide", "approval.decide", [Administrator, Operator];
    /// Search the journal.
    JournalRead = "journal:read", "journal.read", [Administrator, Operator, Auditor];
    /// Register and enroll. Held by devices only, each for itself.
    DeviceEnroll = "device:enroll", "device.enroll", [Device];
    /// Finish, publish and keep up what the house owes. Held by its own duties only.
    DutyPerform = "duty:perform", "duty.perform", [House];
    /// Set up the installation. Held by its first start only.
    InstallationCreate = "installation:create", "installation.create", [House];
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A device that proved itself, or claims to be one.
    Device {
        /// What it calls itself.
        registration_id: String,
        /// Its id, once it has one.
        device: Option<DeviceId>,
    },
    /// An operating-system user on the admin Unix socket.
    LocalUser {
        /// The user's id.
        uid: u32,
    },
    /// A person or a program known by name.
    Account(AccountId),
    /// A station of a factory.
    Station(StationId),
    /// One of the house's own duties.
    Duty {
        /// Its name.
        name: &'static str,
    },
}

/// As it is written into the journal.
impl fmt::Display for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device {
                registration_id,
                device: None,
            } => write!(out, "device:{registration_id}"),
            Self::Device {
                device: Some(device), ..
            } => write!(out, "device:{device}"),
            Self::LocalUser { uid } => write!(out, "local:{uid}"),
            Self::Account(account) => write!(out, "account:{account}"),
            Self::Station(station) => write!(out, "station:{station}"),
            Self::Duty { name } => write!(out, "duty:{name}"),
        }
    }
}

words! {
    /// A named set of permissions.
    Role {
        /// May do every act there is for people.
        Administrator = "administrator",
        /// Runs a fleet: groups, enrollments, anchors, devices, certificates.
        Operator = "operator",
        /// Sees everything and changes nothing.
        Auditor = "auditor",
        /// Has units on a line furnished with certificates.
        Factory = "factory",
        /// A device, for itself.
        Device = "device",
        /// The house's own duties.
        House = "house",
    }
}

impl Role {
    /// Those that can be given to people and programs.
    pub const ASSIGNABLE: [Self; 4] = [Self::Administrator, Self::Operator, Self::Auditor, Self::Factory];

    /// Whether the role holds the permission.
    pub fn holds(self, permission: Permission) -> bool {
        permission.holders().contains(&self)
    }

    /// What it holds.
    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        let all = Permission::ALL.iter().copied();
        all.filter(move |permission| self.holds(*permission))
    }

    /// Whether it holds nothing that these roles together do not hold.
    pub fn is_within(self, roles: &[Self]) -> bool {
        let held = |permission| roles.iter().any(|role| role.holds(permission));
        self.permissions().all(held)
    }
}

/// Binds a role to the part of the tree it holds in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The role.
    pub role: Role,
    /// The organization, with everything below it; absent = the whole installation.
    pub organization: Option<OrganizationId>,
}

impl Assignment {
    /// Whether it holds in a place, given by the organization and those above it.
    pub fn reaches(&self, line: &[OrganizationId]) -> bool {
        self.organization.is_none_or(|within| line.contains(&within))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nouns_and_verbs() -> impl Iterator<Item = (Permission, &'static str, &'static str)> {
        let split = |permission: &Permission| {
            permission
                .word()
                .split_once(':')
                .map(|(n, v)| (*permission, n, v))
        };
        Permission::ALL.iter().filter_map(split)
    }

    #[test]
    fn every_permission_is_a_noun_and_a_verb_and_its_act_says_the_same() {
        assert_eq!(nouns_and_verbs().count(), Permission::ALL.len());
        for (permission, noun, verb) in nouns_and_verbs() {
            assert_eq!(permission.act(), format!("{noun}.{verb}"));
        }
    }

    #[test]
    fn an_auditor_sees_everything_and_changes_nothing() {
        for (permission, _, verb) in nouns_and_verbs() {
            assert_eq!(Role::Auditor.holds(permission), verb == "read", "{permission}");
        }
    }

    #[test]
    fn an_administrator_holds_what_any_role_of_people_holds_and_nothing_of_the_house() {
        for role in Role::ASSIGNABLE {
            assert!(role.is_within(&[Role::Administrator]), "{role}");
        }
        for permission in [
            Permission::DeviceEnroll,
            Permission::DutyPerform,
            Permission::InstallationCreate,
        ] {
            assert!(!Role::Administrator.holds(permission));
            assert!(Role::ASSIGNABLE.iter().all(|role| !role.holds(permission)));
        }
    }

    #[test]
    fn an_operator_changes_neither_organizations_nor_access_nor_authorities() {
        for (permission, noun, verb) in nouns_and_verbs() {
            let kept_away = [
                "organization",
                "account",
                "assignment",
                "token",
                "profile",
                "issuer",
                "grant",
            ];
            if kept_away.contains(&noun) && verb != "read" {
                assert!(!Role::Operator.holds(permission), "{permission}");
            }
        }
        assert!(!Role::Operator.is_within(&[Role::Auditor, Role::Factory]));
        assert!(Role::Factory.is_within(&[Role::Operator]));
    }
}
