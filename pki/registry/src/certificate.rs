// SPDX-License-Identifier: Apache-2.0
//! Certificates as the house knows them, from the intent on: one row, written and then completed.

use tamga_x509::certificate::Validity;
use tamga_x509::crl::RevocationReason;
use tamga_x509::key::SpkiHash;
use tamga_x509::serial::Serial;
use tamga_x509::time::Timestamp;

use crate::device::RegistrationId;
use crate::id::{CertificateId, DeviceId, IssuerId, OrderId, OrganizationId, ProfileId};
use crate::lineage::Place;
use crate::profile::RevisionId;
use crate::words;

/// A certificate, or the intent to make one.
#[derive(Debug, Clone)]
pub struct CertificateRecord {
    /// Its id, given to the intent.
    pub id: CertificateId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Who signs it.
    pub issuer: IssuerId,
    /// Its order; certificates of the house itself have none.
    pub order: Option<OrderId>,
    /// Whose it is; certificates of the house itself have no device.
    pub device: Option<DeviceId>,
    /// The profile revision it was judged by.
    pub revision: RevisionId,
    /// The epoch of its lineage.
    pub epoch: i64,
    /// Unique in the installation, never reused.
    pub serial: Serial,
    /// The hash of its key.
    pub spki: SpkiHash,
    /// The CRL shard its serial belongs to, written into it.
    pub shard: u32,
    /// From when to when.
    pub validity: Validity,
    /// How far it has come.
    pub state: CertificateState,
    /// When the intent was kept.
    pub intended_at: Timestamp,
}

/// The life of a certificate. Each state holds what exists in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateState {
    /// Its exact to-be-signed bytes are kept; no signature is recorded.
    Intended {
        /// The bytes.
        tbs: Vec<u8>,
    },
    /// Recorded, and good.
    Issued {
        /// The certificate.
        der: Vec<u8>,
        /// When it was recorded.
        at: Timestamp,
    },
    /// Recorded and still good, but replaced; never handed out again.
    Superseded {
        /// The certificate.
        der: Vec<u8>,
        /// When it was recorded.
        at: Timestamp,
    },
    /// On the CRL until after its expiry.
    Revoked {
        /// The certificate; absent when it was revoked before its signature was recorded.
        der: Option<Vec<u8>>,
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: RevocationReason,
    },
}

impl CertificateState {
    /// The stored word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Intended { .. } => "intended",
            Self::Issued { .. } => "issued",
            Self::Superseded { .. } => "superseded",
            Self::Revoked { .. } => "revoked",
        }
    }

    /// The certificate, once recorded.
    pub fn der(&self) -> Option<&[u8]> {
        match self {
            Self::Intended { .. } => None,
            Self::Issued { der, .. } | Self::Superseded { der, .. } => Some(der),
            Self::Revoked { der, .. } => der.as_deref(),
        }
    }
}

words! {
    /// The states of certificates, by their words.
    CertificateStanding {
        /// No signature is recorded yet.
        Intended = "intended",
        /// Recorded, and good.
        Issued = "issued",
        /// Good, but replaced.
        Superseded = "superseded",
        /// On the CRL until after its expiry.
        Revoked = "revoked",
    }
}

/// A device's certificate, as operators look at it.
#[derive(Debug, Clone)]
pub struct SeenCertificate {
    /// The certificate.
    pub record: CertificateRecord,
    /// Its order.
    pub order: OrderId,
    /// When that was made.
    pub ordered_at: Timestamp,
    /// What its device calls itself.
    pub registration_id: RegistrationId,
    /// Where it stands in its line, while it does.
    pub place: Option<Place>,
}

/// Which certificates a list has.
#[derive(Debug, Clone, Default)]
pub struct CertificateFilter {
    /// Those in this state.
    pub state: Option<CertificateStanding>,
    /// Those of this device.
    pub device: Option<RegistrationId>,
    /// Those of this issuer.
    pub issuer: Option<IssuerId>,
    /// Those by this profile.
    pub profile: Option<ProfileId>,
    /// The one of this serial number.
    pub serial: Option<Serial>,
    /// Those whose last second is before this instant.
    pub expires_before: Option<Timestamp>,
    /// Those whose last second is after this instant.
    pub expires_after: Option<Timestamp>,
}
