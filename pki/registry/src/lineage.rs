// SPDX-License-Identifier: Apache-2.0
//! A device's line of operational certificates under one profile: its epoch, its current and its provisional one.

use tamga_x509::certificate::Validity;
use tamga_x509::key::SpkiHash;
use tamga_x509::profile::RenewalPolicy;
use tamga_x509::time::Timestamp;

use crate::id::{CertificateId, DeviceId, IssuerId, OrderId};
use crate::order::OrderState;
use crate::schedule::renewal_window;
use crate::words;

/// Everything admission looks at besides the device and its enrollment, read in one go.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// The line, if the device ever ordered under the profile.
    pub lineage: Option<Lineage>,
    /// The order of this key in the lineage's epoch, if there is one.
    pub order: Option<OrderFacts>,
    /// Another key's order, open in the lineage's epoch.
    pub other_open: bool,
    /// What the house knows of the key.
    pub key: Option<KeyFacts>,
    /// Orders for new keys within the last 24 hours.
    pub rekeys: i64,
    /// The device has lines under other profiles, and this key is the newest of none of them.
    pub elsewhere: bool,
}

/// The line itself.
#[derive(Debug, Clone)]
pub struct Lineage {
    /// Counts from 1; rises with the order that needs it.
    pub epoch: i64,
    /// The next order raises the epoch: the device was told to move, or an intent was killed.
    pub rise_pending: bool,
    /// The certificate seen in use, or the only one.
    pub current: Option<CertificateFacts>,
    /// Issued and not yet seen in use.
    pub provisional: Option<CertificateFacts>,
    /// Raised by every change of the line.
    pub version: i64,
}

impl Lineage {
    /// The newest certificate: the provisional if there is one, else the current.
    pub fn newest(&self) -> Option<&CertificateFacts> {
        self.provisional.as_ref().or(self.current.as_ref())
    }
}

words! {
    /// Where a certificate stands in its line.
    Place {
        /// Seen in use, or the only one.
        Current = "current",
        /// Issued and not yet seen in use.
        Provisional = "provisional",
    }
}

/// What admission needs to know of a recorded certificate.
#[derive(Debug, Clone)]
pub struct CertificateFacts {
    /// Its id.
    pub id: CertificateId,
    /// Who issued it.
    pub issuer: IssuerId,
    /// The epoch it belongs to.
    pub epoch: i64,
    /// Its key.
    pub spki: SpkiHash,
    /// From when to when.
    pub validity: Validity,
    /// Whether `certificate.revoke` struck it.
    pub revoked: bool,
    /// The renewal policy of the profile revision it was issued under.
    pub renewal: RenewalPolicy,
}

impl CertificateFacts {
    /// Whether it asks for a successor: revoked, expired, or inside its renewal window.
    pub fn needs_successor(&self, now: Timestamp) -> bool {
        self.revoked || renewal_window(&self.validity, self.renewal, &self.spki).is_open(now)
    }
}

/// What admission needs to know of an order of the same key in the same epoch.
#[derive(Debug, Clone)]
pub struct OrderFacts {
    /// Its id.
    pub id: OrderId,
    /// How far it has come.
    pub state: OrderState,
    /// Its certificate.
    pub certificate: CertificateId,
    /// Whether a newer one replaced it: then it is never handed out again.
    pub superseded: bool,
}

/// What the house knows of a public key.
#[derive(Debug, Clone)]
pub struct KeyFacts {
    /// Whose it is; absent for the keys of the house, for blocked strangers, and for the birth keys of devices that are gone.
    pub device: Option<DeviceId>,
    /// What it is used for.
    pub role: KeyRole,
    /// Revoked for compromise: refused for ever, everywhere.
    pub blocked: bool,
    /// Whether its device has a recorded certificate on it, in whatever state.
    pub certified: bool,
}

impl KeyFacts {
    /// Whether it is this device's.
    pub fn is_of(&self, device: Option<DeviceId>) -> bool {
        self.device.is_some() && self.device == device
    }
}

words! {
    /// What a public key is used for.
    KeyRole {
        /// A key we certified for a device.
        Operational = "operational",
        /// A device's birth key: that of the certificate it attested itself by.
        Birth = "birth",
        /// A key of one of our issuers.
        Issuer = "issuer",
        /// A key of a service of the house.
        Service = "service",
        /// Known only because it is blocked.
        Stranger = "stranger",
    }
}
