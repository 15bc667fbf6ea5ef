// SPDX-License-Identifier: Apache-2.0
//! What a proof rests on, as the journal and orders tell it: no secret is part of it.

use tamga_attestation::KeySlot;
use tamga_registry::enrollment::{EnrollmentRef, Method};
use tamga_registry::id::{AnchorId, CertificateId};
use tamga_x509::key::SpkiHash;

/// Why a device is believed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ground {
    /// It signed a token.
    SymmetricKey {
        /// By which key.
        slot: KeySlot,
        /// Whether that was derived from its group's.
        derived: bool,
    },
    /// It showed the certificate its enrollment pins.
    Pinned {
        /// Which of the two.
        slot: KeySlot,
        /// Its key.
        leaf: SpkiHash,
    },
    /// It showed a certificate that an anchor of its group vouches for.
    Anchored {
        /// Which anchor.
        anchor: AnchorId,
        /// How many authorities stand between.
        depth: usize,
        /// Its key.
        leaf: SpkiHash,
    },
    /// It showed a certificate of ours.
    OwnCertificate {
        /// Which one.
        certificate: CertificateId,
    },
}

impl Ground {
    /// The birth key: that of the certificate of somebody else it showed, if it did.
    pub(crate) fn birth(&self) -> Option<SpkiHash> {
        match self {
            Self::Pinned { leaf, .. } | Self::Anchored { leaf, .. } => Some(*leaf),
            Self::SymmetricKey { .. } | Self::OwnCertificate { .. } => None,
        }
    }

    /// In words.
    pub(crate) fn evidence(&self, enrollment: EnrollmentRef) -> String {
        match self {
            Self::SymmetricKey { slot, derived } => {
                let kind = if *derived { "derived" } else { "own" };
                let method = Method::SymmetricKey;
                format!("{method} {kind} {} of {enrollment}", slot.as_str())
            }
            Self::Pinned { slot, leaf } => {
                let method = Method::CertificateChain;
                format!("{method} pin {} key {leaf} of {enrollment}", slot.as_str())
            }
            Self::Anchored { anchor, depth, leaf } => {
                let method = Method::CertificateChain;
                format!("{method} anchor {anchor} depth {depth} key {leaf} of {enrollment}")
            }
            Self::OwnCertificate { certificate } => {
                format!("own_certificate {certificate} of {enrollment}")
            }
        }
    }
}
