// SPDX-License-Identifier: Apache-2.0
//! Who may do what: principals, permissions as `noun:verb`, and the built-in roles that are sets of them.

use std::fmt;

use crate::id::{DeviceId, OrganizationId};
use crate::words;

words! {
    /// One permission. Every act names the one it needs.
    Permission {
        /// Make an enrollment group.
        GroupCreate = "group:create",
        /// See enrollment groups.
        GroupRead = "group:read",
        /// Enable or disable an enrollment group.
        GroupUpdate = "group:update",
        /// Make an individual enrollment.
        EnrollmentCreate = "enrollment:create",
        /// Enable or disable an individual enrollment.
        EnrollmentUpdate = "enrollment:update",
        /// Add a trust anchor.
        AnchorCreate = "anchor:create",
        /// See trust anchors.
        AnchorRead = "anchor:read",
        /// Change a trust anchor: its state, its status policy, its intermediates and lists.
        AnchorUpdate = "anchor:update",
        /// Remove a trust anchor.
        AnchorDelete = "anchor:delete",
        /// See devices and their certificates.
        DeviceRead = "device:read",
        /// Revoke a device.
        DeviceRevoke = "device:revoke",
        /// Revoke a certificate.
        CertificateRevoke = "certificate:revoke",
        /// Register and enroll. Held by devices only, each for itself.
        DeviceEnroll = "device:enroll",
        /// Finish, publish and keep up what the house owes. Held by its own duties only.
        DutyPerform = "duty:perform",
        /// Set up the installation. Held by its first start only.
        InstallationCreate = "installation:create",
    }
}

impl Permission {
    /// The act it permits, as the journal names acts: `noun.verb`.
    pub fn act(self) -> &'static str {
        match self {
            Self::GroupCreate => "group.create",
            Self::GroupRead => "group.read",
            Self::GroupUpdate => "group.update",
            Self::EnrollmentCreate => "enrollment.create",
            Self::EnrollmentUpdate => "enrollment.update",
            Self::AnchorCreate => "anchor.create",
            Self::AnchorRead => "anchor.read",
            Self::AnchorUpdate => "anchor.update",
            Self::AnchorDelete => "anchor.delete",
            Self::DeviceRead => "device.read",
            Self::DeviceRevoke => "device.revoke",
            Self::CertificateRevoke => "certificate.revoke",
            Self::DeviceEnroll => "device.enroll",
            Self::DutyPerform => "duty.perform",
            Self::InstallationCreate => "installation.create",
        }
    }
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
            Self::Duty { name } => write!(out, "duty:{name}"),
        }
    }
}

/// A named set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// May do every act an operator can do.
    Administrator,
    /// A device, for itself.
    Device,
    /// The house's own duties.
    House,
}

impl Role {
    /// Whether the role holds the permission. Deny by default: a permission named nowhere here is held by nobody.
    pub fn holds(self, permission: Permission) -> bool {
        match self {
            Self::Administrator => ADMINISTRATOR.contains(&permission),
            Self::Device => permission == Permission::DeviceEnroll,
            Self::House => matches!(
                permission,
                Permission::DutyPerform | Permission::InstallationCreate
            ),
        }
    }
}

/// Binds a role to the part of the tree it holds in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The role.
    pub role: Role,
    /// The organization; absent = the whole installation.
    pub organization: Option<OrganizationId>,
}

const ADMINISTRATOR: [Permission; 12] = [
    Permission::GroupCreate,
    Permission::GroupRead,
    Permission::GroupUpdate,
    Permission::EnrollmentCreate,
    Permission::EnrollmentUpdate,
    Permission::AnchorCreate,
    Permission::AnchorRead,
    Permission::AnchorUpdate,
    Permission::AnchorDelete,
    Permission::DeviceRead,
    Permission::DeviceRevoke,
    Permission::CertificateRevoke,
];
