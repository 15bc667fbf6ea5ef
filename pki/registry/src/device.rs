// SPDX-License-Identifier: Apache-2.0
//! Devices: a registration id within an organization, and the attestation credential it is bound to.

use std::fmt;
use std::str::FromStr;

use tamga_x509::crl::RevocationReason;
use tamga_x509::time::Timestamp;

use crate::enrollment::{EnrollmentRef, Method};
use crate::id::{DeviceId, OrganizationId};
use crate::order::OperationId;
use crate::page::NamePrefix;
use crate::words;

/// A device the house has admitted at least once.
#[derive(Debug, Clone)]
pub struct Device {
    /// Stable for life; written into its certificates.
    pub id: DeviceId,
    /// Its organization.
    pub organization: OrganizationId,
    /// What it calls itself.
    pub registration_id: RegistrationId,
    /// Whether it may enroll.
    pub state: DeviceState,
    /// Raised by every change of state.
    pub generation: i64,
    /// What it proves itself with. Only the act `device.rekey` changes it.
    pub bound: BoundCredential,
    /// Names its registrations without a CSR.
    pub operation: OperationId,
    /// First admission.
    pub created_at: Timestamp,
    /// Last change of its row.
    pub updated_at: Timestamp,
}

/// Whether a device may enroll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceState {
    /// It may.
    Active,
    /// Its operator keeps it out for now. Its certificates stay good.
    Disabled,
    /// It may not, by any road.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: RevocationReason,
    },
    /// It is no more: its row is a tombstone, which keeps its history and has given its name free.
    Gone(Departure),
}

words! {
    /// How a device went.
    Departure {
        /// Its operator deleted it.
        Deleted = "deleted",
        /// Another organization claimed it.
        Released = "released",
    }
}

/// What is left of the last device of a name that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The device.
    pub device: DeviceId,
    /// Who may have the name next.
    pub epitaph: Epitaph,
    /// When it went.
    pub buried_at: Timestamp,
}

words! {
    /// Who may have the name of a device that is gone.
    Epitaph {
        /// Whoever an enrollment admits.
        Free = "free",
        /// Nobody, for the device was revoked, and its revocation outlives it.
        Revoked = "revoked",
        /// Nobody, for another organization has the device.
        Released = "released",
    }
}

impl Device {
    /// By what its row is told from every other of its organization: its registration id, and on a tombstone what no
    /// device can be called.
    pub fn name(&self) -> String {
        match self.state {
            DeviceState::Active | DeviceState::Disabled | DeviceState::Revoked { .. } => {
                self.registration_id.canonical().to_owned()
            }
            DeviceState::Gone(_) => name_on_tombstone(&self.registration_id, self.id),
        }
    }
}

/// What a tombstone is called: no registration id holds a tilde.
pub fn name_on_tombstone(id: &RegistrationId, device: DeviceId) -> String {
    format!("{}~{device}", id.canonical())
}

impl DeviceState {
    /// The state alone.
    pub fn standing(&self) -> DeviceStanding {
        match self {
            Self::Active => DeviceStanding::Active,
            Self::Disabled => DeviceStanding::Disabled,
            Self::Revoked { .. } => DeviceStanding::Revoked,
            Self::Gone(Departure::Deleted) => DeviceStanding::Deleted,
            Self::Gone(Departure::Released) => DeviceStanding::Released,
        }
    }
}

words! {
    /// The states of devices, by their words.
    DeviceStanding {
        /// It may enroll.
        Active = "active",
        /// It may not for now.
        Disabled = "disabled",
        /// It may not, by any road.
        Revoked = "revoked",
        /// It is deleted.
        Deleted = "deleted",
        /// Another organization has it.
        Released = "released",
    }
}

/// Which devices a list has.
#[derive(Debug, Clone, Default)]
pub struct DeviceFilter {
    /// Those in this state; absent, those that are not gone.
    pub state: Option<DeviceStanding>,
    /// Those whose registration id begins so.
    pub prefix: Option<NamePrefix>,
    /// Those bound to this enrollment or group.
    pub enrollment: Option<EnrollmentRef>,
}

/// The attestation credential a device is bound to from its first admission on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoundCredential {
    /// How it proves itself.
    pub method: Method,
    /// The enrollment that holds its reference value. A rotated key of the same enrollment is the same credential.
    pub enrollment: EnrollmentRef,
}

/// What a device calls itself. Compared without regard to case: kept canonical and as presented.
///
/// At most 128 ASCII letters, digits and `-` `.` `_` `:`, the last one a letter, digit or dash (the grammar of the DPS).
#[derive(Debug, Clone)]
pub struct RegistrationId {
    canonical: String,
    presented: String,
}

impl RegistrationId {
    /// In lower case: what is compared and indexed.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// As it was first written: what is shown, and written into certificates.
    pub fn presented(&self) -> &str {
        &self.presented
    }
}

impl PartialEq for RegistrationId {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for RegistrationId {}

impl FromStr for RegistrationId {
    type Err = BadRegistrationId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let last = text
            .bytes()
            .next_back()
            .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'-');
        if text.len() > MAX_REGISTRATION_ID || !last || !text.bytes().all(is_letter) {
            return Err(BadRegistrationId);
        }
        Ok(Self {
            canonical: text.to_ascii_lowercase(),
            presented: text.to_owned(),
        })
    }
}

impl fmt::Display for RegistrationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.presented)
    }
}

/// Text that can be no registration id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a registration id has 1 to 128 letters, digits, `-`, `.`, `_` or `:`, and ends with a letter, a digit or `-`"
)]
pub struct BadRegistrationId;

/// Whether a registration id may hold this octet.
pub(crate) fn is_letter(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._:".contains(&octet)
}

/// The longest registration id.
pub(crate) const MAX_REGISTRATION_ID: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_a_registration_id_are_one_device() {
        let one: RegistrationId = "Pump-1".parse().unwrap();
        let other: RegistrationId = "pUMP-1".parse().unwrap();
        assert_eq!(one, other);
        assert_eq!(one.canonical(), "pump-1");
        assert_eq!(one.presented(), "Pump-1");
    }

    #[test]
    fn the_grammar_is_that_of_the_dps() {
        for right in [
            "a",
            "sn-007-888-abc-mac-a1-b2-c3-d4-e5-f6",
            "a:b.c_d-",
            &"x".repeat(128),
        ] {
            assert!(right.parse::<RegistrationId>().is_ok(), "{right}");
        }
        for wrong in [
            "",
            "a.",
            "a_",
            "a:",
            "a b",
            "a/b",
            "a%2Fb",
            "a\0",
            "ä",
            "a\u{202e}b",
            "${a}",
            &"x".repeat(129),
        ] {
            assert!(wrong.parse::<RegistrationId>().is_err(), "{wrong}");
        }
    }
}
