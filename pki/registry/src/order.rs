// SPDX-License-Identifier: Apache-2.0
//! Orders: what a device asked for and proved, identified by (device, profile, key, epoch).

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use tamga_x509::chance::{Chance, ChanceFault, octets};
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use crate::device::RegistrationId;
use crate::id::{CertificateId, DeviceId, IssuerId, OrderId, OrganizationId, RequestId, StationId};
use crate::profile::RevisionId;
use crate::words;

/// What was asked and proved. A repeat inside one epoch is the same order and yields the same bytes.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Who asked.
    pub device: DeviceId,
    /// The profile revision it was judged by.
    pub revision: RevisionId,
    /// Who is to sign.
    pub issuer: IssuerId,
    /// The key asked for.
    pub spki: SpkiHash,
    /// The certificate request as received, DER: whoever signs judges it again.
    pub csr: Vec<u8>,
    /// The epoch of the device's lineage it belongs to.
    pub epoch: i64,
    /// What kind of request it was.
    pub kind: OrderKind,
    /// How far it has come.
    pub state: OrderState,
    /// Its live or last intent, which becomes its certificate.
    pub certificate: CertificateId,
    /// What the device polls.
    pub operation: OperationId,
    /// What proved the device, without its secrets.
    pub evidence: String,
    /// The request that made it.
    pub request: RequestId,
    /// Fencing: its record is kept only under this epoch.
    pub lease_epoch: i64,
    /// The station at which it was made; absent where the device asked for itself.
    pub station: Option<StationId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How far an order has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderState {
    /// Its intent is kept; its certificate is not yet recorded.
    Open,
    /// Its certificate is recorded.
    Fulfilled,
    /// It cannot be fulfilled; the slug says why.
    Failed {
        /// Why, as a slug.
        reason: String,
    },
}

impl OrderState {
    /// The stored word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Fulfilled => "fulfilled",
            Self::Failed { .. } => "failed",
        }
    }
}

words! {
    /// The states of orders, by their words.
    OrderStanding {
        /// Its certificate is on its way.
        Open = "open",
        /// Its certificate is recorded.
        Fulfilled = "fulfilled",
        /// It cannot be fulfilled.
        Failed = "failed",
    }
}

/// An order, as operators look at it.
#[derive(Debug, Clone)]
pub struct SeenOrder {
    /// The order.
    pub order: Order,
    /// What its device calls itself.
    pub registration_id: RegistrationId,
}

/// Which orders a list has.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Those in this state.
    pub state: Option<OrderStanding>,
    /// Those of this device.
    pub device: Option<RegistrationId>,
}

words! {
    /// What kind of request an order was.
    OrderKind {
        /// The device's first certificate under the profile.
        First = "first",
        /// The epoch rose, or an unseen provisional certificate is replaced.
        Renewal = "renewal",
        /// A new key inside one epoch.
        Rekey = "rekey",
    }
}

/// What a DPS device polls: 128 random bits, bound to the device that proved itself. Shown as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OperationId([u8; 16]);

impl OperationId {
    /// A fresh one.
    pub fn fresh(chance: &dyn Chance) -> Result<Self, ChanceFault> {
        octets::<16>(chance).map(Self)
    }

    /// As memory returned it.
    pub fn from_octets(octets: [u8; 16]) -> Self {
        Self(octets)
    }

    /// The octets that are stored.
    pub fn octets(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for OperationId {
    type Err = BadOperationId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 32 {
            return Err(BadOperationId);
        }
        let decoded = HEXLOWER
            .decode(text.to_ascii_lowercase().as_bytes())
            .map_err(|_| BadOperationId)?;
        decoded.try_into().map(Self).map_err(|_| BadOperationId)
    }
}

/// Text that can be no operation id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an operation id is the 32 hexadecimal digits that the register call answered")]
pub struct BadOperationId;
